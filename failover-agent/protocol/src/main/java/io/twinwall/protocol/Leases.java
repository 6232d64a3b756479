/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

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
    /** The executor looks at the gate each second: one that is lost as often is not well in between. */
    private static final long QUIET_NS = 3_000_000_000L;

    private static final int FAILURES_MIN = 3;

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
                opened(d, armed);
            } else if (!(d.work instanceof Work.Granting granting && granting.claimSeen()) && Probes.mayReopen(d)) {
                // A gate that closed stays closed for an heir who is opening its own.
                d.gateToken = d.token();
                d.gate = new Gate(armed, d.gate.untilNs());
                d.emit(new RoleEffect.OpenGate(d.gateToken, armed, notAfterNs));
            }
        }
        Vips.keep(d);
    }

    /** An open gate is to be renewed without waiting for the next heartbeat: it was put off, or nobody counts any more. */
    static boolean overdue(Draft d) {
        boolean late = d.nowNs - d.renewedNs >= d.config.timing().heartbeatNs();
        return d.master() && d.gate.open(d.nowNs) && (late || (d.gate.armed() && !armed(d)));
    }

    /** In real time, when a tick has to look after the lease. */
    static long lookNs(Draft d) {
        long renewNs = d.renewedNs + d.config.timing().heartbeatNs();
        return Math.min(renewNs > d.nowNs ? renewNs : Moments.FAR, disarmDueNs(d));
    }

    /** The gate was opened, or a renewal carried out, now. */
    static void opened(Draft d, boolean armed) {
        opened(d, armed, d.nowNs);
    }

    /** The answer came now; the work was done at {@code sinceNs} or later. */
    static void opened(Draft d, boolean armed, long sinceNs) {
        long leaseNs = d.config.timing().leaseNs();
        d.gate = new Gate(armed, armed ? sinceNs + leaseNs : Moments.FAR);
        d.renewedNs = d.nowNs;
        if (d.nowNs - d.failedNs >= Math.max(2 * leaseNs, QUIET_NS)) {
            well(d);
        }
    }

    static void well(Draft d) {
        d.failingSinceNs = Moments.NEVER;
        d.failures = 0;
        d.failingAlarmed = false;
    }

    /** The gate could not be opened, or was lost. True the first time in a row, which is to be alarmed. */
    static boolean failed(Draft d) {
        boolean first = d.failingSinceNs == Moments.NEVER;
        d.failingSinceNs = first ? d.nowNs : d.failingSinceNs;
        d.failedNs = d.nowNs;
        d.failures++;
        return first;
    }

    /**
     * Whether the gate has been failing for so long that another node should try: for three leases it could not be opened; or
     * it failed again and again for as long, however well it opened in between.
     */
    static boolean failing(Draft d) {
        long longNs = 3 * d.config.timing().leaseNs();
        boolean closed =
                d.failures > 0 && !d.gate.open(d.nowNs) && d.nowNs - Math.max(d.failingSinceNs, d.renewedNs) >= longNs;
        boolean failing = closed || (d.failures >= FAILURES_MIN && d.failedNs - d.failingSinceNs >= longNs);
        if (failing && !d.failingAlarmed) {
            d.failingAlarmed = true;
            d.alarm(AlarmCode.GATE_FAILING, "the gate cannot be opened or kept");
        }
        return failing;
    }

    static boolean armed(Draft d) {
        return switch (d.config.fence()) {
            case OFF -> false;
            case STRICT -> true;
            case WHEN_PEER_READY -> anyCounts(d, Readiness.READY) || relieved(d);
        };
    }

    /** Another is, or is about to be, active beside this node: no gate may stay open without an agent. */
    private static boolean relieved(Draft d) {
        PeerView master = d.liveMaster();
        return d.work instanceof Work.Granting || (master != null && master.goneNs() == Moments.NEVER);
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
    private static long disarmDueNs(Draft d) {
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
        if (peer.sending().ackAwakeNs() == Moments.NEVER) {
            return Moments.NEVER;
        }
        return Math.max(peer.sending().ackAwakeNs() + d.lateNs + t.deadNs() - t.slopNs() - guardNs, d.holdUntilNs);
    }
}
