/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Does anybody answer for the virtual addresses? With {@code probeVips}, a backup takes over, and a master opens a gate that ran
 * out while nobody was heard, only after a probe in vain: a node whose agent died with its lease disarmed still forwards, and so
 * does one that is merely not heard.
 */
final class Probes {
    private static final long CONFLICT_EVERY_NS = 10_000_000_000L;
    private static final long CONFLICT_AFTER_NS = 2_000_000_000L;

    private Probes() {}

    /** Somebody answered for the addresses. */
    static void answered(Draft d, String detail) {
        d.probeAnsweredNs = d.nowNs;
        d.probeAnsweredBy = detail;
        // While the role moves, both nodes answer for a moment: make before break.
        boolean settled = d.master() && d.idle() && d.nowNs - d.roleSinceNs() >= CONFLICT_AFTER_NS;
        if (settled && d.gate.open(d.nowNs) && d.nowNs - d.conflictNs >= CONFLICT_EVERY_NS) {
            d.conflictNs = d.nowNs;
            d.alarm(AlarmCode.VIP_CONFLICT, "somebody else answers for an address of this node: " + detail);
        }
    }

    /** A backup's tick: shortly before a takeover, and each interval while it is put off. */
    static void probe(Draft d) {
        if (d.nowNs >= dueNs(d) && !fresh(d)) {
            send(d);
        }
    }

    private static void send(Draft d) {
        d.emit(new RoleEffect.ProbeVips());
        boolean waited = d.nowNs - d.probeSentNs >= answerNs(d);
        d.probeBeforeInVain = waited && lately(d) && d.probeAnsweredNs < d.probeSentNs;
        d.probeSentNs = d.nowNs;
        d.probeLeaving = true;
    }

    /** Every step: the effects of the one before have been carried out by now, whenever that was. */
    static void left(Draft d) {
        if (d.probeLeaving) {
            d.probeLeaving = false;
            d.probeSentNs = d.nowNs;
        }
    }

    private static boolean fresh(Draft d) {
        return d.nowNs - d.probeSentNs < 3 * answerNs(d);
    }

    /**
     * When to probe: late enough that an answer cannot come from a lost master whose lease is still to end, early enough
     * that waiting for an answer costs no time.
     */
    private static long dueNs(Draft d) {
        if (!d.config.probeVips()) {
            return Moments.FAR;
        }
        RoleConfig.Timing t = d.config.timing();
        PeerView last = Silence.lastMaster(d);
        long fencedNs = last == null ? Moments.NEVER : last.masterAwakeNs() + d.lateNs + t.leaseNs() + t.heartbeatNs();
        return Math.max(fencedNs, Silence.takeoverDueNs(d) - answerNs(d));
    }

    /** In real time, when a backup has to look again. */
    static long lookNs(Draft d) {
        long dueNs = Silence.takeoverDueNs(d);
        if (d.config.probeVips()) {
            dueNs = Math.max(dueNs, d.probeSentNs + answerNs(d));
            long probeNs = Math.max(dueNs(d), d.probeSentNs + 3 * answerNs(d));
            return probeNs > d.nowNs ? Math.min(probeNs, dueNs > d.nowNs ? dueNs : probeNs) : dueNs;
        }
        return dueNs;
    }

    /** Whether a backup may take over as far as probes go. */
    static boolean inVain(Draft d) {
        if (!d.config.probeVips()) {
            return true;
        }
        return fresh(d) && !wasAnswered(d, "not taking over") && d.nowNs - d.probeSentNs >= answerNs(d);
    }

    /**
     * Whether an operator may have it, who comes at any time: of probes in a row the newest may not have had its time yet when he does,
     * and then the one before counts; or it has, and the tick that sends the next is late.
     */
    static boolean inVainLately(Draft d) {
        if (!d.config.probeVips()) {
            return true;
        }
        boolean waited = d.nowNs - d.probeSentNs >= answerNs(d) || d.probeBeforeInVain;
        return lately(d) && waited && !wasAnswered(d, "not taking over");
    }

    private static boolean lately(Draft d) {
        return d.nowNs - d.probeSentNs < 6 * answerNs(d);
    }

    private static boolean wasAnswered(Draft d, String so) {
        boolean answered = d.probeAnsweredNs >= d.probeSentNs && d.probeAnsweredNs != Moments.NEVER;
        if (answered && !d.probeAlarmed) {
            d.alarm(AlarmCode.VIP_ANSWERED, so + ": the virtual addresses are still answered: " + d.probeAnsweredBy);
        }
        d.probeAlarmed |= answered;
        return answered;
    }

    /**
     * A master's gate is closed, though not by its own will: whether it may be opened again. Not while another master is heard that
     * forwards, who is to yield first. After a dead time in which nobody was heard another may have been active, and left its gate
     * open: with probes, probes first.
     */
    static boolean mayReopen(Draft d) {
        boolean lately = d.nowNs - Math.max(d.renewedNs, d.roleSinceNs())
                < d.config.timing().deadNs();
        return !otherForwards(d) && (lately || afresh(d, "not opening the gate again"));
    }

    /** A takeover that stood still goes on: whether its gate may be opened. */
    static boolean mayGoOn(Draft d) {
        return !otherForwards(d) && afresh(d, "not taking over");
    }

    /** A takeover that stood still: somebody answered when it asked anew. */
    static boolean contradicted(Draft d) {
        return d.probeSentNs != Moments.NEVER && wasAnswered(d, "not taking over");
    }

    /** Another master is heard, and its gate is open. */
    static boolean otherForwards(Draft d) {
        PeerView other = d.liveMaster();
        return other != null && other.last().gateOpen();
    }

    /** With probes, and nobody alive who could have told: asks anew, and whether that was in vain. */
    private static boolean afresh(Draft d, String so) {
        if (!d.config.probeVips() || d.anyAlive()) {
            return true;
        }
        long agoNs = d.nowNs - d.probeSentNs;
        if (agoNs >= Math.max(3 * answerNs(d), 2 * d.config.timing().heartbeatNs())) {
            send(d);
            return false;
        }
        return !wasAnswered(d, so) && agoNs >= answerNs(d);
    }

    /** How long an answer may take. */
    private static long answerNs(Draft d) {
        return Math.max(2 * d.config.timing().slopNs(), 1_000_000L);
    }
}
