/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the listener hears and the counters show, with trackers by hand. */
class BenchTest {
    private static final class Fake extends Tracker {
        private boolean closed;
        private long askedNs;
        private Answer answer;

        Fake(TrackSpec spec, long nowNs) {
            super(spec, new Judge(1, 1, 0, nowNs));
        }

        @Override
        void onTime(long nowNs) {}

        @Override
        long waitNs(long nowNs) {
            return spec().name().length();
        }

        @Override
        void ask(long nowNs) {
            askedNs = nowNs;
        }

        @Override
        Answer takeAnswer() {
            Answer taken = answer;
            answer = null;
            return taken;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private final List<Health> heard = new ArrayList<>();
    private final Counters counters = new Counters();
    private final List<String> answers = new ArrayList<>();
    private final Trackers.Listener listener = new Trackers.Listener() {
        @Override
        public void onHealth(Health health) {
            heard.add(health);
        }

        @Override
        public void onAnswer(long begunNs, long answeredNs) {
            answers.add(begunNs + ".." + answeredNs);
        }
    };
    private final Bench bench = new Bench(Fake::new, listener, new TrackerCounters(counters));

    private Fake tracker(int i) {
        return (Fake) bench.trackers().get(i);
    }

    @Test
    void shouldTellOfChangesOnly() {
        bench.replace(List.of(Specs.link("lan", 50, "lan0"), Specs.link("wan-a", 30, "wan0")), 1);
        bench.report();
        assertEquals(0, heard.size(), "nothing is known yet");
        assertEquals(Verdict.UNKNOWN, bench.health().trackers().getFirst().verdict());
        tracker(0).result(false, "no carrier", 2);
        bench.report();
        assertEquals(50, heard.getLast().penalty());
        tracker(0).result(false, "gone", 3);
        bench.report();
        assertEquals(1, heard.size(), "down before, down after");
        assertEquals("gone", bench.health().trackers().getFirst().detail(), "a page shows the last word");
        tracker(0).result(true, "fine", 4);
        tracker(1).result(true, "fine", 4);
        bench.report();
        assertEquals(2, heard.size(), "two changes at once are told once");
        assertEquals("", heard.getLast().detail());
        assertEquals(3, counters.value("tracker_transitions_total"));
        assertEquals(2, counters.value("tracker_lan_transitions_total"));
        assertEquals(1, counters.value("tracker_wan_a_transitions_total"));
        assertEquals(1, counters.value("tracker_lan_up"));
        assertEquals(3, bench.waitNs(0));
    }

    @Test
    void shouldAskAllAndTellOfTheNewestAnswer() {
        bench.replace(List.of(Specs.link("a", 1, "a0"), Specs.link("b", 1, "b0"), Specs.link("c", 1, "c0")), 1);
        bench.ask(7);
        bench.report();
        assertEquals(List.of(), answers);
        for (Tracker tracker : bench.trackers()) {
            assertEquals(7, ((Fake) tracker).askedNs);
        }
        tracker(1).answer = new Tracker.Answer(7, 9);
        bench.report();
        tracker(0).answer = new Tracker.Answer(3, 12);
        tracker(2).answer = new Tracker.Answer(8, 10);
        bench.report();
        assertEquals(List.of("7..9", "8..10"), answers);
    }

    @Test
    void shouldKeepTheStateOfUnchangedSpecsOnReload() {
        TrackSpec lan = Specs.link("lan", 50, "lan0");
        bench.replace(List.of(lan, Specs.link("wan", 30, "wan0"), Specs.link("dmz", 5, "dmz0")), 1);
        Fake first = tracker(0);
        Fake second = tracker(1);
        for (Tracker tracker : bench.trackers()) {
            ((Fake) tracker).result(false, "no carrier", 2);
        }
        bench.report();
        assertEquals(85, heard.getLast().penalty());
        assertEquals(0, counters.value("tracker_dmz_up"));

        bench.replace(List.of(Specs.link("wan", 31, "wan0"), Specs.link("lan", 50, "lan0")), 9);
        bench.report();
        assertEquals(first, tracker(1));
        assertTrue(second.closed, "its weight is another: made anew");
        assertEquals(2, heard.size(), "the list changed, and what is down with it");
        assertEquals(50, heard.getLast().penalty());
        assertEquals(2, heard.getLast().trackers().get(1).sinceNs());
        assertEquals(Verdict.UNKNOWN, heard.getLast().trackers().getFirst().verdict());
        assertEquals(1, counters.value("tracker_dmz_up"), "nobody asks for it any more");
    }
}
