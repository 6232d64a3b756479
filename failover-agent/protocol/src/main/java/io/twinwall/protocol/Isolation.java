/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Hearing nobody: no peer, and no test address though some are configured. Such a node is probably the one that is cut off. A
 * backup does not take over; a master yields, since its peer may have taken over where the networks are.
 *
 * <p>Carrier plays no part: on a direct cable it goes with the peer's power, and then the takeover is just what is wanted.
 * Without test addresses, or before they were judged, nobody is isolated.
 */
final class Isolation {
    private Isolation() {}

    static void reached(Draft d, Reach reach) {
        if (reach == d.reach) {
            return;
        }
        d.news = true;
        if (d.reach == Reach.SILENT && !d.master()) {
            // The cable is back: the peer is to be heard before it is called dead.
            d.holdUntilNs = Math.max(d.holdUntilNs, d.nowNs + d.config.timing().deadNs());
        }
        d.reach = reach;
    }

    static boolean lonely(Draft d) {
        return d.reach == Reach.SILENT && !d.anyAlive();
    }

    /** Whether a backup must not take over for it, or may not yet: nothing confirms that it is not. */
    static boolean forbids(Draft d) {
        boolean lonely = lonely(d);
        if (lonely) {
            alarm(d, "not taking over");
        }
        return lonely || !Enquiries.confirmed(d);
    }

    /** A tick. */
    static void watch(Draft d) {
        if (!lonely(d)) {
            d.isolationAlarmed = false;
        } else if (d.master() && d.nowNs >= d.holdUntilNs && !Healths.excused(d)) {
            alarm(d, "yielding");
            d.isolated = true;
            StepDowns.giveUp(d, Healths.out(d));
        }
    }

    private static void alarm(Draft d, String what) {
        if (!d.isolationAlarmed) {
            d.isolationAlarmed = true;
            d.alarm(AlarmCode.ISOLATED, what + ": neither a peer nor a test address answers");
        }
    }
}
