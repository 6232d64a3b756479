/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import java.util.EnumMap;
import java.util.Map;

/** What the alerts count, over all receivers. Written by the alerts' thread. */
final class AlertCounters {
    private static final Series SENT =
            Series.of("alerts_sent_total", "Notices delivered, tests among them, by the way they went.");
    private static final Series FAILED =
            Series.of("alerts_failed_total", "Attempts to deliver a notice that failed, by the way; tried again.");

    private final Map<AlertSpec.Way, Counter> sent = new EnumMap<>(AlertSpec.Way.class);
    private final Map<AlertSpec.Way, Counter> failed = new EnumMap<>(AlertSpec.Way.class);
    private final Counter lost;
    private final Counter heldBack;
    private final Counter missed;
    private final Counter open;
    private final Counter waiting;

    AlertCounters(Counters counters) {
        for (AlertSpec.Way way : AlertSpec.Way.values()) {
            String word = Words.of(way);
            sent.put(
                    way,
                    counters.counter(
                            "alerts_" + word + "_sent_total",
                            "Notices delivered by " + word + ".",
                            SENT.with("way", word)));
            failed.put(
                    way,
                    counters.counter(
                            "alerts_" + word + "_failed_total",
                            "Attempts to deliver a notice by " + word + " that failed; tried again.",
                            FAILED.with("way", word)));
        }
        lost = counters.counter("alerts_lost_total", "Notices given up: not delivered in time, or too many waited.");
        heldBack = counters.counter(
                "alerts_held_back_total", "Notices not sent, because there were too many; told of in a summary.");
        missed = counters.counter("alerts_missed_total", "Facts dropped, because more came at once than can wait.");
        open = counters.gauge("alerts_open", "Conditions that some receiver was, or is to be, told of, and that hold.");
        waiting = counters.gauge("alerts_waiting", "Notices not delivered yet.");
    }

    void ended(AlertSpec.Way way, boolean delivered) {
        (delivered ? sent : failed).get(way).increment();
    }

    void lost(long more) {
        lost.add(more);
    }

    void heldBack(long more) {
        heldBack.add(more);
    }

    void now(int openNow, int waitingNow, long missedNow) {
        open.set(openNow);
        waiting.set(waitingNow);
        missed.set(missedNow);
    }
}
