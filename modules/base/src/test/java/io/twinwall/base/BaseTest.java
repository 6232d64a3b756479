/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BaseTest {
    @Test
    void shouldThrowBugErrorWhenCheckFails() {
        Check.that(true, "holds");
        assertEquals(
                "queue: 7",
                assertThrows(BugError.class, () -> Check.that(false, "queue", 7))
                        .getMessage());
        assertThrows(BugError.class, () -> Check.inRange(256, 1, 255, "cluster"));
    }

    @Test
    void shouldRefuseTwoCountersOfOneName() {
        Counters counters = new Counters();
        Counter events = counters.counter("events_total", "Events.");
        events.add(3);
        assertEquals(3, counters.value("events_total"));
        assertThrows(BugError.class, () -> counters.gauge("events_total", "Again."));
        assertThrows(BugError.class, () -> counters.counter("events", "No unit."));
        assertThrows(BugError.class, () -> counters.value("absent_total"));
    }

    @Test
    void shouldShowCountersOfOneThingAsOneFamily() {
        Counters counters = new Counters();
        Series refused = Series.of("refused_total", "Frames refused.");
        Counter tag = counters.counter("refused_tag_total", "Forged.", refused.with("reason", "tag"));
        counters.counter("refused_kind_total", "Unknown.", refused.with("reason", "kind"));
        counters.counter("refused_total", "All of them.", Series.NONE);
        assertEquals(Map.of("reason", "tag"), tag.series().labels());
        assertThrows(
                BugError.class,
                () -> counters.counter("refused_again_total", "The same.", refused.with("reason", "tag")));
        assertThrows(
                BugError.class,
                () -> counters.counter("refused_path_total", "Another label.", refused.with("path", "lan")));
        assertThrows(BugError.class, () -> counters.counter("other_total", "No total.", Series.of("other", "Other.")));
        assertThrows(BugError.class, () -> Series.of("Refused_total", "Upper case."));
        assertThrows(BugError.class, () -> Series.of("entries_created_total", "A reserved ending."));
        assertThrows(BugError.class, () -> refused.with("Reason", "tag"));
    }

    @Test
    void shouldExportInBaseUnits() {
        Counters counters = new Counters();
        Counter lag = counters.gauge(
                "lag_nanoseconds", "Lag.", Series.of("lag_seconds", "Lag.").scaled(Series.NANOSECONDS));
        lag.set(1_500_000_000L);
        assertEquals(1.5, lag.exported(), 1e-12);
        assertEquals(1_500_000_000L, counters.value("lag_nanoseconds"));
    }

    @Test
    void shouldRepeatRandomNumbersForOneSeed() {
        SeededRandom one = new SeededRandom(42);
        SeededRandom two = new SeededRandom(42);
        int[] seen = new int[10];
        for (int i = 0; i < 10_000; i++) {
            int n = one.nextInt(10);
            assertEquals(n, two.nextInt(10));
            seen[n]++;
        }
        assertTrue(Arrays.stream(seen).allMatch(n -> n > 800), Arrays.toString(seen));
        assertFalse(new SeededRandom(43).nextLong() == new SeededRandom(42).nextLong());
    }

    @Test
    void shouldGiveEveryExitCodeItsOwnNumber() {
        long distinct = Arrays.stream(ExitCode.values())
                .mapToInt(ExitCode::code)
                .distinct()
                .count();
        assertEquals(ExitCode.values().length, distinct);
    }
}
