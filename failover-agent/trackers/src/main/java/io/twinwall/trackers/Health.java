/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.util.ArrayList;
import java.util.List;

/**
 * All trackers together.
 *
 * @param penalty the weights of what is down, added up, at most 254
 * @param fault names each need marked as fault that is down, and why; "" when there is none
 * @param detail names everything that is down, and why; "" when all is well
 * @param reach whether the test addresses answer
 * @param trackers each of them, in the order of the configuration
 */
public record Health(int penalty, String fault, String detail, Reach reach, List<TrackerState> trackers) {
    public Health {
        trackers = List.copyOf(trackers);
    }

    static Health of(List<TrackerState> trackers) {
        int penalty = 0;
        List<String> faults = new ArrayList<>();
        List<String> down = new ArrayList<>();
        for (TrackerState tracker : trackers) {
            if (tracker.verdict() == Verdict.DOWN) {
                String why = tracker.name() + ": " + tracker.detail();
                penalty += tracker.penalty().weight();
                if (tracker.penalty().fault()) {
                    faults.add(why);
                }
                down.add(why + " (" + (tracker.penalty().fault() ? "fault" : "-" + tracker.penalty()) + ")");
            }
        }
        return new Health(
                Math.min(penalty, Penalty.WEIGHT_MAX),
                String.join("; ", faults),
                String.join("; ", down),
                reach(trackers),
                trackers);
    }

    private static Reach reach(List<TrackerState> trackers) {
        boolean any = false;
        boolean open = false;
        for (TrackerState tracker : trackers) {
            if (tracker.kind().equals("address")) {
                any = true;
                switch (tracker.verdict()) {
                    case UP -> {
                        return Reach.ANSWERED;
                    }
                    case UNKNOWN -> open = true;
                    case DOWN -> {}
                }
            }
        }
        // One that is not judged yet may still answer: a node that has just started is not isolated.
        return any && !open ? Reach.SILENT : Reach.UNKNOWN;
    }
}
