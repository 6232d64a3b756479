/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What this node's replication does.
 *
 * @param sync what it last said of itself, under {@code term}
 * @param mirrorOf the node mirrored under {@code term}, 0: none
 */
public record Replica(Sync sync, long term, int mirrorOf) {
    static final Replica NONE = new Replica(Sync.COLD, 0, 0);
}
