/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Heartbeats out.
 *
 * <p>In peace one an interval to each peer. Once the peer was not heard, or on a master did not acknowledge, for longer than a
 * quarter over an interval, they go out eight times as often, later sixteen times, and are <em>urgent</em>: who hears one
 * answers at once. So neither the lease nor the peer's patience ends because packets are lost, and peace costs nothing. It ends
 * with the peer: after a dead time without a word nobody is called any more. No answer is given sooner than a sixteenth of an
 * interval after the one before.
 */
final class Beats {
    private static final long LEAST_GAP_NS = 1_000_000L;

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

    /** A tick: those that are due before their time. */
    static void urgent(Draft d) {
        for (int i = 0; i < d.peers.size(); i++) {
            if (d.nowNs >= urgentDueNs(d, d.peers.get(i))) {
                one(d, i);
            }
        }
    }

    /** In real time, when an urgent heartbeat is due to any peer. */
    static long urgentDueNs(Draft d) {
        long due = Moments.FAR;
        for (PeerView peer : d.peers) {
            due = Math.min(due, urgentDueNs(d, peer));
        }
        return due;
    }

    private static long urgentDueNs(Draft d, PeerView peer) {
        long staleNs = staleNs(d, peer);
        if (staleNs == Moments.FAR) {
            return staleNs;
        }
        long beatNs = d.config.timing().heartbeatNs();
        boolean dire = d.nowNs >= staleNs + beatNs / 2;
        return Math.max(staleNs, peer.sending().lastNs() + Math.max(LEAST_GAP_NS, beatNs / (dire ? 16 : 8)));
    }

    /** From when on heartbeats to {@code peer} are urgent, as things are; FAR: they are not. */
    private static long staleNs(Draft d, PeerView peer) {
        RoleConfig.Timing t = d.config.timing();
        boolean talks = d.role() == Role.MASTER || d.role() == Role.BACKUP;
        boolean listens = peer.last().role() == Role.MASTER || peer.last().role() == Role.BACKUP;
        if (!talks || !listens || !d.alive(peer)) {
            return Moments.FAR;
        }
        long allowedNs = t.heartbeatNs() + t.heartbeatNs() / 4;
        long ackNs = peer.ackNs();
        boolean waits = d.master() && ackNs != Moments.NEVER && d.nowNs < ackNs + t.deadNs();
        return Math.min(peer.heardNs(), waits ? ackNs : Moments.FAR) + allowedNs;
    }

    /** At once, in answer to a heartbeat. */
    static void answer(Draft d, int index) {
        long gapNs = Math.max(LEAST_GAP_NS / 2, d.config.timing().heartbeatNs() / 16);
        if (d.nowNs - d.peers.get(index).sending().answeredNs() < gapNs) {
            return;
        }
        d.peers.set(index, d.peers.get(index).answering(d.nowNs));
        one(d, index);
        if (d.peers.size() == 1 && !d.master()) {
            // The master's next comes before this node's own, which would say nothing new.
            long beatNs = d.config.timing().heartbeatNs();
            d.nextHeartbeatNs = d.nowNs + beatNs + beatNs / 4;
        }
    }

    private static void one(Draft d, int index) {
        boolean urgent = d.nowNs >= staleNs(d, d.peers.get(index));
        PeerView peer = d.peers.get(index).sending(d.nowNs, d.awakeNs());
        d.peers.set(index, peer);
        long tenureMs = d.master() ? Math.max(1, (d.nowNs - d.roleSinceNs()) / 1_000_000) : 0;
        d.emit(new RoleEffect.SendHeartbeat(
                peer.node(),
                new Heartbeat(
                        peer.sending().counter(),
                        peer.last().counter(),
                        d.term,
                        d.role(),
                        d.sync.readiness(),
                        Healths.health(d),
                        d.alive(peer),
                        d.gate.open(d.nowNs) || Outsets.forwards(d),
                        d.master() && d.gate.open(d.nowNs) && !d.gate.armed(),
                        urgent,
                        d.blind,
                        tenureMs,
                        Handovers.said(d, peer))));
    }
}
