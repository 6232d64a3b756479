/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.ScriptedKernel;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class ExpectMastersTest {
    private static final int KNOWN = 3 * ExpectKernel.BATCH;
    private static final long CYCLE_NS = 1_000_000;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(1000, 4, 1), new Counters());
    private final ScriptedKernel scripted = new ScriptedKernel();
    private final ExpectKernel kernel = new ExpectKernel(
            () -> scripted.connect(NlConst.NETLINK_NETFILTER),
            SimNode.memory(ExpectKernel.bufferBytes()),
            (buffer, offset, length, fromDump) -> {});
    private final ExpectMasters masters =
            new ExpectMasters(table, new EntryApplier(table, FlowFilter.NONE_OWN, counters), kernel, counters);
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer addresses = SimNode.memory(32);
    private long nowNs = 1_000_000_000;
    private int flows;

    @Test
    void shouldAskForTheHurriedBeforeOthersHoweverManyComeBeside() {
        watch(KNOWN);
        assertFalse(masters.hurried());
        masters.hurry();
        assertTrue(masters.hurried());
        for (int cycle = 0; cycle < KNOWN / ExpectKernel.BATCH; cycle++) {
            assertTrue(masters.hurried(), "cycle " + cycle);
            watch(ExpectKernel.BATCH);
            nowNs += CYCLE_NS;
            assertEquals(ExpectKernel.BATCH, masters.step(nowNs));
        }
        assertFalse(masters.hurried(), "the others, due by now, do not count");
        assertEquals(ExpectKernel.BATCH, masters.step(nowNs));
    }

    @Test
    void shouldStillHurryForOneThatExpectsAgain() {
        watch(1);
        masters.hurry();
        masters.watch(image, flows, nowNs);
        assertTrue(masters.hurried());
        assertEquals(1, masters.step(nowNs));
        assertFalse(masters.hurried());
        assertEquals(1, masters.step(nowNs + 2 * CYCLE_NS), "and again when the segment was rewritten");
    }

    @Test
    void shouldNotWaitForFlowsThatAreNoMore() {
        watch(1);
        masters.hurry();
        table.remove(image);
        masters.step(nowNs);
        assertFalse(masters.hurried());
    }

    private void watch(int count) {
        for (int i = 0; i < count; i++) {
            addresses.putInt(0, ++flows);
            addresses.putInt(16, 99);
            image.clear().family(FlowImage.AF_INET).l4proto(6);
            image.orig(addresses, 0, 16, 1000, 21)
                    .reply(addresses, 16, 0, 21, 1000)
                    .timeoutSeconds(600);
            table.apply(image, FlowTable.REPLICATE, 0);
            masters.watch(image, flows, nowNs);
        }
    }
}
