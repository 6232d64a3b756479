/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * How long nobody was heard, and when that means dead.
 *
 * <p>Silence is measured in awake time: what this node's own loop came late by is taken off. After a late loop there is
 * also a hold, of a heartbeat and the slop, so that a heartbeat that waits in a socket, or a peer that stalled on the same
 * machine, is heard first. A master that was late by a lease or more may have been deposed: it holds for a whole dead
 * time. The hold is set at most {@link #HOLDS_MAX} times in one silence, so that a node that is always late still acts.
 */
final class Silence {
    static final int HOLDS_MAX = 5;

    private Silence() {}

    /** At the beginning of every step: what it is late by is taken off before anything is heard. */
    static void notice(Draft d, RoleState before) {
        Probes.left(d);
        long late = d.nowNs - Math.max(before.wakeAtNs(), before.steppedNs());
        if (late >= d.config.timing().heartbeatNs() / 4) {
            d.lateNs += late;
            d.pendingLateNs += late;
        }
        if (d.pendingLateNs >= d.config.timing().leaseNs()) {
            // An answer may come before the sockets are read: it must not open the gate.
            Takeovers.stoodStill(d);
        }
    }

    /** At a tick: what the loop itself measured beyond that, and the hold. */
    static void account(Draft d, long loopLateNs) {
        RoleConfig.Timing t = d.config.timing();
        long late = Math.max(loopLateNs, d.pendingLateNs);
        if (late < t.heartbeatNs() / 4) {
            return;
        }
        d.lateNs += late - d.pendingLateNs;
        d.pendingLateNs = 0;
        boolean maybeDeposed = d.master() && late >= t.leaseNs();
        if (maybeDeposed) {
            d.alarm(AlarmCode.LATE, "this node stood still for " + RoleConfig.millis(late));
            StepDowns.stalled(d);
        }
        if (d.holds < HOLDS_MAX) {
            d.holds++;
            long holdNs = maybeDeposed ? t.deadNs() : t.heartbeatNs() + t.slopNs();
            d.holdUntilNs = Math.max(d.holdUntilNs, d.nowNs + holdNs);
        }
    }

    /** The silence that holds are counted in is a master's; a master's own is that of its peers. */
    static void heard(Draft d, PeerView peer) {
        if (d.master() || peer.last().role() == Role.MASTER) {
            d.holds = 0;
        }
    }

    /** In real time, when a backup that hears no master is to take over. */
    static long takeoverDueNs(Draft d) {
        RoleConfig.Timing t = d.config.timing();
        long since = d.roleSinceAwakeNs();
        int better = 0;
        for (PeerView peer : d.peers) {
            since = Math.max(since, peer.masterAwakeNs());
            better += d.alive(peer) && peer.last().role().eligible() && better(d, peer) ? 1 : 0;
        }
        long wait = t.deadNs();
        if (!d.masterKnown && !d.config.preferred() && !Outsets.forwards(d)) {
            wait += t.deadNs();
        }
        wait = Math.max(wait, Outsets.waitNs(d));
        // One after the other, so that the next best is not overtaken by the third.
        wait += better * t.deadNs() / 2;
        long dueNs = Math.min(since + wait + d.lateNs, hintedNs(d) + wait - t.deadNs());
        return Math.max(Math.max(dueNs, Outsets.dueNs(d, wait)), d.holdUntilNs);
    }

    /**
     * The lost master's host says that its agent is gone. It renewed nothing since; so once a lease from the hint, and the slop, is over,
     * its kernel forwards no more, and there is nothing to wait for. Not if its lease was not armed when it was last heard: then the whole
     * dead time, as without the hint.
     */
    private static long hintedNs(Draft d) {
        RoleConfig.Timing t = d.config.timing();
        PeerView last = lastMaster(d);
        if (last == null || last.goneNs() == Moments.NEVER) {
            return Moments.FAR;
        }
        Heartbeat heartbeat = last.last();
        boolean fenced = heartbeat.role() == Role.MASTER && heartbeat.gateOpen() && !heartbeat.alone();
        return fenced ? last.goneNs() + t.leaseNs() + t.slopNs() : Moments.FAR;
    }

    /** Whether {@code peer} is the better choice when neither is active: a gate left open, readiness, priority, lower id. */
    static boolean better(Draft d, PeerView peer) {
        boolean forwards = d.gate.open(d.nowNs) || Outsets.forwards(d);
        if (peer.last().gateOpen() != forwards) {
            return !forwards;
        }
        int byReadiness = peer.last().readiness().compareTo(d.sync.readiness());
        if (byReadiness != 0) {
            return byReadiness > 0;
        }
        if (peer.last().priority() != Healths.health(d)) {
            return peer.last().priority() > Healths.health(d);
        }
        return peer.node() < d.config.node();
    }

    /** The peer heard as master last; null when none ever was. */
    static PeerView lastMaster(Draft d) {
        PeerView last = null;
        for (PeerView peer : d.peers) {
            if (peer.masterAwakeNs() != Moments.NEVER
                    && (last == null || peer.masterAwakeNs() > last.masterAwakeNs())) {
                last = peer;
            }
        }
        return last;
    }

    /** Alarms, once for each time, who fell silent. */
    static void alarmLost(Draft d) {
        for (int i = 0; i < d.peers.size(); i++) {
            PeerView peer = d.peers.get(i);
            if (peer.heard() && !peer.alarmed().lost() && !d.alive(peer) && d.nowNs >= d.holdUntilNs) {
                d.peers.set(i, peer.alarmed(peer.alarmed().ofLoss()));
                d.alarm(AlarmCode.PEER_LOST, peer.name() + " is not heard any more");
            }
        }
    }
}
