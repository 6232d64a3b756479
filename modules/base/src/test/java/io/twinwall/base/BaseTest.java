/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
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
