/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A passive that starts anew is equal within thrice the time that the kernel alone takes for its share of the work. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class ColdStartIT {
    private static final int FACTOR_MAX = 3;

    @Test
    void shouldBeEqualWithinThriceTheKernelsOwnTime(TestNet net) throws Exception {
        Machine.roomForFlows();
        KernelFloor.Result before = KernelFloor.measure(ColdStart.FLOWS);
        ColdStart.Result cold = ColdStart.measure(net, ColdStart.FLOWS);
        // The machine's share that we get changes from second to second: the floor is what it was around the
        // measurement.
        KernelFloor.Result after = KernelFloor.measure(ColdStart.FLOWS);
        long floorMs = before.sum().plus(after.sum()).toMillis() / 2;
        String numbers = before + "\n" + cold + "\n" + after + "\nfactor "
                + (double) cold.ready().toMillis() / floorMs;
        System.out.println(numbers);

        assertEquals(ColdStart.FLOWS, cold.source().entries());
        assertEquals(cold.source(), cold.mirror());
        assertTrue(cold.ready().toMillis() <= FACTOR_MAX * floorMs, numbers);
    }
}
