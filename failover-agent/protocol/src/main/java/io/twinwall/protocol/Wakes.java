/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** When the next tick is due. */
final class Wakes {
    private Wakes() {}

    static long next(Draft d) {
        long at = d.probeLeaving ? d.nowNs : Math.min(d.nextHeartbeatNs, workNs(d.work));
        return switch (d.role()) {
            case INIT -> Moments.FAR;
            case FAULT, MAINTENANCE -> at;
            case BACKUP ->
                Math.min(
                        Math.min(Math.min(at, later(d, Probes.lookNs(d))), later(d, d.countdownNs)),
                        Math.min(Beats.urgentDueNs(d), Enquiries.lookNs(d)));
            case MASTER ->
                Math.min(
                        Math.min(Math.min(at, Takeovers.roundDueNs(d)), Beats.urgentDueNs(d)),
                        later(d, Leases.lookNs(d)));
        };
    }

    /** A moment already past was dealt with; what it still waits for comes with another tick. */
    private static long later(Draft d, long atNs) {
        return atNs > d.nowNs ? atNs : Moments.FAR;
    }

    private static long workNs(Work work) {
        return switch (work) {
            case Work.Idle idle -> Moments.FAR;
            case Work.Ended ended -> Moments.FAR;
            case Work.TakingOver w -> w.deadlineNs();
            case Work.Asking w -> w.deadlineNs();
            case Work.Draining w -> w.deadlineNs();
            case Work.Granting w -> w.deadlineNs();
            case Work.Lingering w -> w.untilNs();
        };
    }
}
