/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.AllocationMeter;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

class FlowTableAllocationTest {
    private static final int OPERATIONS = 1_000_000;

    private final FlowTable table =
            new FlowTable(new DirectMemory(), new FlowTableConfig(20_000, 10, 3), new Counters());
    private final FlowImage image = new FlowImage();
    private final SeededRandom random = new SeededRandom(1);
    private final SlotConsumer nothing = slot -> {};
    private final SlotCursor cursor = table.cursor();
    private final IntPredicate every = FlowTableAllocationTest::ends;

    @Test
    void shouldNotAllocateInOneMillionMixedOperations() {
        AllocationMeter.assertSteady(0, 3, this::operate);
    }

    private void operate() {
        for (int i = 0; i < OPERATIONS; i++) {
            int n = random.nextInt(30_000);
            Flows.plain(image, n, n % 3 == 0);
            if (n % 16 == 0) {
                image.seqAdjOrig(n, i, 3).countersOrig(i, i);
            }
            switch (random.nextInt(8)) {
                case 0, 1, 2, 3 -> table.apply(image.mark(i & 3), FlowTable.REPLICATE, i);
                case 4 -> table.apply(image, FlowTable.REPLACE | (i & FlowTable.REPLICATE), i);
                case 5 -> table.remove(image);
                case 6 -> take();
                default -> table.forEachInBucket(n & 1023, nothing);
            }
            if (i % 100_000 == 0) {
                sweep(n & 1023);
            }
        }
    }

    private void take() {
        for (int slot = table.takeDirty(); slot >= 0; slot = table.takeDirty()) {
            table.read(slot, image);
            table.release(slot);
        }
    }

    private void sweep(int bucket) {
        table.beginBucket(bucket);
        table.endBucket(bucket, nothing);
        table.beginAudit();
        table.remove(Flows.plain(image, 99_999, true));
        table.sweepAudit(Integer.MAX_VALUE, every);
        cursor.restart();
        cursor.advance(10_000, nothing);
    }

    private static boolean ends(int slot) {
        return slot >= 0;
    }
}
