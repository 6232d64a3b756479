/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class TableVisitsTest {
    private static final int FLOWS = 3 * TableVisits.SLOTS_A_CYCLE;

    private final FlowTable table =
            new FlowTable(SimNode::memory, new FlowTableConfig(2 * FLOWS, 4, 1), new Counters());
    private final TableVisits visits = new TableVisits(table, () -> 5_000_000_000L);
    private final UnsafeBuffer addresses = SimNode.memory(32);

    @Test
    void shouldShowEveryFlowOnceASliceACycle() {
        put(FLOWS);
        Set<Integer> seen = new HashSet<>();
        CompletableFuture<Integer> done = new CompletableFuture<>();
        visits.ask(new SyncCommand.Visit(image -> seen.add(image.origSrcPort() << 16 | image.origDstPort()), done));
        assertTrue(visits.step() <= TableVisits.SLOTS_A_CYCLE + 1);
        assertFalse(done.isDone());
        int cycles = 1;
        while (!done.isDone()) {
            assertTrue(visits.step() > 0, "it does not rest");
            cycles++;
        }
        assertTrue(cycles >= 3, "in " + cycles + " cycles");
        assertEquals(FLOWS, seen.size());
        assertEquals(FLOWS, done.join());
        assertEquals(0, visits.step());
    }

    @Test
    void shouldEndWhenTheVisitorHasSeenEnough() {
        put(100);
        CompletableFuture<Integer> first = new CompletableFuture<>();
        CompletableFuture<Integer> second = new CompletableFuture<>();
        int[] seen = {0};
        visits.ask(new SyncCommand.Visit(image -> ++seen[0] < 7, first));
        visits.ask(new SyncCommand.Visit(image -> true, second));
        visits.step();
        assertEquals(7, first.join());
        assertEquals(7, seen[0]);
        assertFalse(second.isDone(), "one after the other");
        while (!second.isDone()) {
            visits.step();
        }
        assertEquals(100, second.join());
    }

    @Test
    void shouldShowAnEmptyTable() {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        visits.ask(new SyncCommand.Visit(image -> true, done));
        while (!done.isDone()) {
            visits.step();
        }
        assertEquals(0, done.join());
    }

    private void put(int count) {
        for (int i = 0; i < count; i++) {
            FlowImage image = new FlowImage().clear().family(FlowImage.AF_INET).l4proto(17);
            addresses.putInt(0, 1);
            addresses.putInt(16, 99);
            image.orig(addresses, 0, 16, i >>> 12, 1 + (i & 0xfff))
                    .reply(addresses, 16, 0, 1 + (i & 0xfff), i >>> 12)
                    .timeoutSeconds(100);
            table.apply(image, FlowTable.REPLICATE, 5_000);
        }
    }
}
