/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Takeover.Phase;

/**
 * The master's side of the kernel lease.
 *
 * <p>A backup takes over a dead time after it last heard the master, and it cannot have heard a heartbeat before it was
 * sent. So while a backup counts, an armed lease is renewed only as long as it ends, with the slop, within the dead time of
 * the newest heartbeat that the backup is known to have heard:
 *
 * <pre>
 *   sent and heard                 last renewal        gate closes     backup moves
 *   |---------------------------------|----- lease -------|--- slop ---|
 *   |------------------------------ dead time -------------------------|
 * </pre>
 *
 * Lost packets, in whatever pattern, and pauses of this node therefore shorten the lease and never move it past the
 * backup's claim. A backup that acknowledges nothing for so long that the gate would soon close does not count any more:
 * it is taken for dead, and the lease is disarmed, since nobody is there to take over (strict: stays armed, and is renewed).
 */
final class Leases {
    private static final long RETRY_NS = 1_000_000_000L;

    private Leases() {}

    /** A heartbeat interval has passed: renew, reopen, mend. */
    static void onBeat(Draft d) {
        boolean opening = d.work instanceof Work.TakingOver t && t.phase().beforeGateOpen();
        if (!d.master() || opening) {
            return;
        }
        boolean armed = armed(d);
        long notAfterNs = notAfterNs(d, armed);
        if (d.nowNs <= notAfterNs) {
            if (d.gate.open(d.nowNs)) {
                d.emit(new RoleEffect.RenewLease(armed, notAfterNs));
                d.gate = opened(d, armed);
            } else if (!(d.work instanceof Work.Granting granting && granting.claimSeen())) {
                // A gate that closed stays closed for an heir who is opening its own.
                d.gateToken = d.token();
                d.gate = new Gate(armed, d.gate.untilNs());
                d.emit(new RoleEffect.OpenGate(d.gateToken, armed, notAfterNs));
            }
        }
        mendVips(d);
    }

    /** The gate that stands once a renewal has been carried out now. */
    static Gate opened(Draft d, boolean armed) {
        return new Gate(armed, armed ? d.nowNs + d.config.timing().leaseNs() : Moments.FAR);
    }

    static boolean armed(Draft d) {
        return switch (d.config.fence()) {
            case OFF -> false;
            case STRICT -> true;
            case WHEN_PEER_READY -> anyCounts(d, Readiness.READY);
        };
    }

    /** The moment after which the gate must not be opened or renewed. */
    static long notAfterNs(Draft d, boolean armed) {
        RoleConfig.Timing t = d.config.timing();
        long limit = d.nowNs + t.leaseNs();
        if (!armed) {
            return limit;
        }
        for (PeerView peer : d.peers) {
            if (counts(d, peer)) {
                limit = Math.min(limit, peer.ackNs() + t.deadNs() - t.slopNs() - t.leaseNs());
            }
        }
        return limit;
    }

    /** In real time, when the first peer that counts ceases to, unless it acknowledges something; FAR when none counts. */
    static long disarmDueNs(Draft d) {
        long due = Moments.FAR;
        for (PeerView peer : d.peers) {
            if (counts(d, peer)) {
                due = Math.min(due, goneNs(d, peer));
            }
        }
        return due;
    }

    private static boolean anyCounts(Draft d, Readiness atLeast) {
        for (PeerView peer : d.peers) {
            if (counts(d, peer) && peer.last().readiness().compareTo(atLeast) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether the peer may take over on its own: it is up as a backup, and acknowledges, or there was no time to. */
    private static boolean counts(Draft d, PeerView peer) {
        boolean backup = peer.heard() && peer.last().role().eligible();
        return backup && d.nowNs < goneNs(d, peer);
    }

    private static long goneNs(Draft d, PeerView peer) {
        RoleConfig.Timing t = d.config.timing();
        long guardNs = t.heartbeatNs() + t.heartbeatNs() / 4;
        if (peer.ackAwakeNs() == Moments.NEVER) {
            return Moments.NEVER;
        }
        return Math.max(peer.ackAwakeNs() + d.lateNs + t.deadNs() - t.slopNs() - guardNs, d.holdUntilNs);
    }

    private static void mendVips(Draft d) {
        boolean adding = d.work instanceof Work.TakingOver t && t.phase() != Phase.TIMEOUTS;
        if (!d.vipsHeld && !adding && d.nowNs >= d.retryAtNs) {
            d.retryAtNs = d.nowNs + RETRY_NS;
            d.vipsToken = d.token();
            d.emit(new RoleEffect.AddVips(d.vipsToken, d.gate.armed()));
            Takeovers.startRounds(d);
        }
    }
}
