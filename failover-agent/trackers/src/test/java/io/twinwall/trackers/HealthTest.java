/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static TrackerState state(String name, String kind, Verdict verdict, Penalty penalty) {
        return new TrackerState(name, kind, verdict, 0, name + " is what it is", penalty);
    }

    private static TrackerState down(String name, Penalty penalty) {
        return state(name, "interface", Verdict.DOWN, penalty);
    }

    private static Reach reach(Verdict... verdicts) {
        return Health.of(List.of(verdicts).stream()
                        .map(verdict -> state("gw", "address", verdict, Penalty.weight(1)))
                        .toList())
                .reach();
    }

    @Test
    void shouldAddUpWhatIsDownAndNameIt() {
        Health health = Health.of(List.of(
                down("lan", Penalty.weight(50)),
                state("wan", "interface", Verdict.UP, Penalty.weight(70)),
                state("dmz", "interface", Verdict.UNKNOWN, Penalty.weight(90)),
                down("disk", Penalty.weight(30))));
        assertEquals(80, health.penalty());
        assertEquals("", health.fault());
        assertEquals("lan: lan is what it is (-50); disk: disk is what it is (-30)", health.detail());
        assertEquals(4, health.trackers().size());
    }

    @Test
    void shouldClampThePenaltyAndKeepFaultsOutOfIt() {
        Health health = Health.of(
                List.of(down("a", Penalty.weight(200)), down("b", Penalty.weight(200)), down("c", Penalty.FAULT)));
        assertEquals(254, health.penalty());
        assertEquals("c: c is what it is", health.fault());
        assertEquals(0, Health.of(List.of(down("c", Penalty.FAULT))).penalty());
    }

    @Test
    void shouldSayWhetherAnyTestAddressAnswers() {
        assertEquals(
                Reach.UNKNOWN, Health.of(List.of(down("lan", Penalty.FAULT))).reach());
        assertEquals(Reach.UNKNOWN, reach(Verdict.UNKNOWN));
        assertEquals(Reach.UNKNOWN, reach(Verdict.DOWN, Verdict.UNKNOWN), "the other may still answer");
        assertEquals(Reach.ANSWERED, reach(Verdict.DOWN, Verdict.UP, Verdict.UNKNOWN));
        assertEquals(Reach.SILENT, reach(Verdict.DOWN, Verdict.DOWN));
    }
}
