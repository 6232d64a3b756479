/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** New flows as fast as the kernel makes them: the tables are equal at the end, whatever was lost on the way. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class BurstIT {
    private static final Duration REPAIR_MAX = Duration.ofSeconds(2);
    /** About 25 events: fewer than come while the reader rests once. */
    private static final int SMALL_BUFFER_BYTES = 16 << 10;

    @Test
    void shouldHoldTheSameFlowsAfterABurst(TestNet net) throws Exception {
        Burst.Result burst = measure(net, Burst.EVENT_BUFFER_BYTES);
        assertRepaired(burst);
    }

    @Test
    void shouldReportAndRepairALossOfEvents(TestNet net) throws Exception {
        Burst.Result burst = measure(net, SMALL_BUFFER_BYTES);
        assertFalse(burst.losses().isEmpty(), "the small buffer lost nothing: " + burst);
        assertRepaired(burst);
    }

    private static Burst.Result measure(TestNet net, int eventBufferBytes) throws Exception {
        Machine.roomForFlows();
        Burst.Result burst = Burst.measure(net, Burst.FLOWS, eventBufferBytes);
        System.out.println(burst);
        return burst;
    }

    private static void assertRepaired(Burst.Result burst) {
        assertEquals(Burst.FLOWS, burst.source().entries());
        assertEquals(burst.source(), burst.mirror());
        assertTrue(burst.repairedNs() <= REPAIR_MAX.toNanos(), burst.toString());
    }
}
