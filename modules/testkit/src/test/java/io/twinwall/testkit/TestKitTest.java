/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TestKitTest {
    @Test
    void shouldAwaitUntilConditionHolds() {
        AtomicInteger asked = new AtomicInteger();
        Await.until("third time", Duration.ofSeconds(5), () -> asked.incrementAndGet() == 3);
        assertEquals(3, asked.get());
    }

    @Test
    void shouldNameWhatDidNotHappen() {
        AssertionError error = assertThrows(
                AssertionError.class, () -> Await.until("moon is green", Duration.ofMillis(1), () -> false));
        assertTrue(error.getMessage().contains("moon is green"), error.getMessage());
    }

    @Test
    void shouldMeasureAllocation() {
        byte[][] sink = new byte[1][];
        long bytes = AllocationMeter.bytesAllocatedBy(() -> sink[0] = new byte[100_000]);
        assertTrue(bytes >= 100_000 && bytes < 110_000, "measured " + bytes);
        long[] sum = new long[1];
        assertEquals(0, AllocationMeter.assertSteady(0, 5, () -> sum[0] += 3));
    }

    @Test
    void shouldRefuseWhatAllocatesInEveryThirdRunForEver() {
        Object[] sink = new Object[1];
        int[] runs = {0};
        AssertionError error = assertThrows(
                AssertionError.class,
                () -> AllocationMeter.assertSteady(0, 5, Duration.ofMillis(50), () -> {
                    if (++runs[0] % 3 == 0) {
                        sink[0] = new byte[64];
                    }
                }));
        assertTrue(error.getMessage().startsWith("still 80 bytes in run "), error.getMessage());
        assertTrue(error.getMessage().endsWith(", and never less than 0"), error.getMessage());
    }

    @Test
    void shouldNameTheSeedOfAFailure() {
        AssertionError error = assertThrows(
                AssertionError.class,
                () -> Seeds.with(new SeededRandom(77), () -> {
                    throw new AssertionError("boom");
                }));
        assertEquals("-Dtwinwall.seed=77: boom", error.getMessage());
    }
}
