/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;

/** Who speaks to whom: the cluster's id and both nodes', 1..255 each. */
public record LinkIdentity(int clusterId, int nodeId, int peerId) {
    public LinkIdentity {
        Check.inRange(clusterId, 1, 255, "clusterId");
        Check.inRange(nodeId, 1, 255, "nodeId");
        Check.inRange(peerId, 1, 255, "peerId");
        Check.that(nodeId != peerId, "node and peer have the same id", nodeId);
    }

    /** The same, as the peer sees it. */
    public LinkIdentity mirrored() {
        return new LinkIdentity(clusterId, /* nodeId= */ peerId, /* peerId= */ nodeId);
    }
}
