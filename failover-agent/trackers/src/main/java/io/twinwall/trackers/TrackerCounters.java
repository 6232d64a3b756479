/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import java.util.HashMap;
import java.util.Map;

/** The numbers of the trackers. Those of a name are made when it first comes and stay when it goes. */
final class TrackerCounters {
    private static final Series UP = Series.of("tracker_up", "1 while the tracker is up or not yet judged, else 0.");
    private static final Series TRANSITIONS = Series.of(
            "tracker_transitions_total", "Changes of the tracker between unknown, up and down; many: it flaps.");

    private record Named(Counter up, Counter transitions) {}

    private final Counters counters;
    private final Counter transitions;
    private final Counter linkEventsLost;
    private final Map<String, Named> named = new HashMap<>();

    TrackerCounters(Counters counters) {
        this.counters = counters;
        this.transitions = counters.counter(
                "tracker_transitions_total",
                "Changes of any tracker between unknown, up and down; many: something flaps.",
                Series.NONE);
        this.linkEventsLost = counters.counter(
                "tracker_link_events_lost_total",
                "Times the kernel's link events overflowed and all links were listed.");
    }

    Counter linkEventsLost() {
        return linkEventsLost;
    }

    /** Shows the verdict of {@code state}. */
    void verdict(TrackerState state) {
        of(state.name()).up().set(state.verdict() == Verdict.DOWN ? 0 : 1);
    }

    /** Counts a change, and shows it. */
    void changed(TrackerState state) {
        transitions.increment();
        of(state.name()).transitions().increment();
        verdict(state);
    }

    /** A tracker that is no longer configured is not down. */
    void left(String name) {
        of(name).up().set(1);
    }

    private Named of(String name) {
        return named.computeIfAbsent(name, key -> {
            String snake = key.replace('-', '_');
            return new Named(
                    counters.gauge(
                            "tracker_" + snake + "_up",
                            "1 while the tracker " + key + " is up or not yet judged, else 0.",
                            UP.with("tracker", key)),
                    counters.counter(
                            "tracker_" + snake + "_transitions_total",
                            "Changes of the tracker " + key + " between unknown, up and down.",
                            TRANSITIONS.with("tracker", key)));
        });
    }
}
