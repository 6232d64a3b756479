/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Heartbeats out. */
final class Beats {
    private Beats() {}

    /** To every peer, and the next ones an interval later. */
    static void all(Draft d) {
        for (int i = 0; i < d.peers.size(); i++) {
            one(d, i);
        }
        d.nextHeartbeatNs = d.nowNs + d.config.timing().heartbeatNs();
    }

    /** When they are due: keeps the cadence, unless it fell behind. */
    static void due(Draft d) {
        long cadenceNs = d.nextHeartbeatNs + d.config.timing().heartbeatNs();
        all(d);
        d.nextHeartbeatNs = Math.max(cadenceNs, d.nowNs + d.config.timing().heartbeatNs() / 2);
    }

    /** At once, in answer to a master: it counts on being heard. */
    static void answer(Draft d, int index) {
        one(d, index);
        if (d.peers.size() == 1) {
            d.nextHeartbeatNs = d.nowNs + d.config.timing().heartbeatNs();
        }
    }

    private static void one(Draft d, int index) {
        PeerView peer = d.peers.get(index).sending(d.nowNs, d.awakeNs());
        d.peers.set(index, peer);
        long tenureMs = d.master() ? Math.max(1, (d.nowNs - d.roleSinceNs()) / 1_000_000) : 0;
        d.emit(new RoleEffect.SendHeartbeat(
                peer.node(),
                new Heartbeat(
                        peer.sentCounter(),
                        peer.last().counter(),
                        d.term,
                        d.role(),
                        d.sync.readiness(),
                        d.config.priority(),
                        d.alive(peer),
                        d.gate.open(d.nowNs),
                        d.master() && d.gate.open(d.nowNs) && !d.gate.armed(),
                        false,
                        tenureMs,
                        Handovers.said(d, peer))));
    }
}
