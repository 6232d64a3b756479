/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** New flows as fast as the kernel makes them: the tables are equal at the end, whatever was lost on the way. */
@RequireRoot
class BurstIT {
    private static final Duration REPAIR_MAX = Duration.ofSeconds(2);
    private static final int TRIES = 3;
    /** About 25 events: fewer than come while the reader rests once. */
    private static final int SMALL_BUFFER_BYTES = 16 << 10;

    @AutoClose
    final Machine.Room room = Machine.roomForFlowsMeanwhile();

    @Test
    void shouldHoldTheSameFlowsAfterABurst() throws Exception {
        Burst.Result burst = measure(Burst.EVENT_BUFFER_BYTES);
        assertRepaired(burst);
    }

    @Test
    void shouldReportAndRepairALossOfEvents() throws Exception {
        Burst.Result burst = measure(SMALL_BUFFER_BYTES);
        assertFalse(burst.losses().isEmpty(), "the small buffer lost nothing: " + burst);
        assertRepaired(burst);
    }

    /** The best of some, each of which must be equal: the bound is the product's, not that of a machine that does something else. */
    private static Burst.Result measure(int eventBufferBytes) throws Exception {
        Burst.Result burst = null;
        for (int i = 0; i < TRIES && (burst == null || burst.repairedNs() > REPAIR_MAX.toNanos()); i++) {
            try (TestNet net = new TestNet()) {
                burst = Burst.measure(net, Burst.FLOWS, eventBufferBytes);
            }
            System.out.println(burst);
            assertEquals(burst.source(), burst.mirror());
        }
        return burst;
    }

    private static void assertRepaired(Burst.Result burst) {
        assertEquals(Burst.FLOWS, burst.source().entries());
        assertEquals(burst.source(), burst.mirror());
        assertTrue(burst.repairedNs() <= REPAIR_MAX.toNanos(), burst.toString());
    }
}
