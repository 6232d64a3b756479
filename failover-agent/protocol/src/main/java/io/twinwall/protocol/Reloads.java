/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.List;

/** A new configuration without a role change: who was known stays known. */
final class Reloads {
    private Reloads() {}

    static void apply(Draft d) {
        int paths = d.config.paths();
        List<PeerView> next = new ArrayList<>();
        for (RoleConfig.Peer peer : d.config.peers()) {
            int index = d.indexOf(peer.node());
            next.add(index < 0 ? PeerView.of(peer, paths) : d.peers.get(index).renamed(peer.name(), paths));
        }
        if (d.work instanceof Work.Draining work && gone(next, work.peer())) {
            Handovers.withdraw(d, work.move());
        } else if (d.work instanceof Work.Granting work && gone(next, work.peer())) {
            Handovers.withdraw(d, work.move());
        }
        d.peers.clear();
        d.peers.addAll(next);
        while (d.pathsUp.size() < paths) {
            d.pathsUp.add(true);
        }
        d.pathsUp.subList(paths, d.pathsUp.size()).clear();
        if (d.role() != Role.INIT) {
            // The addresses' lifetimes and the lease may have changed with it.
            d.refreshAtNs = d.nowNs;
            d.nextHeartbeatNs = d.nowNs;
        }
    }

    private static boolean gone(List<PeerView> peers, int node) {
        return peers.stream().noneMatch(p -> p.node() == node);
    }
}
