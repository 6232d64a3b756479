/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.netlink.CtConst;
import io.twinwall.testkit.AllocationMeter;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The whole way of a change allocates nothing: read from the event socket, merged, published and sealed, opened and
 * applied by the peer, injected and acknowledged there; with ends and rebirths, both families, digests and acks.
 */
class HotPathAllocationTest {
    private static final int CHANGES_PER_ROUND = 200_000;
    private static final int CHANGES_PER_CYCLE = 512;
    private static final int ROUNDS = 8;
    private static final long CYCLE_NS = 1_000_000;

    private final QuickKernel sourceKernel = new QuickKernel();
    private final QuickKernel mirrorKernel = new QuickKernel();
    private final PipeLink[] link = PipeLink.pair();
    private final Counters sourceCounters = new Counters();
    private final Counters mirrorCounters = new Counters();
    private long nowNs = CYCLE_NS;
    private int roundsDone;
    private final SyncAgent source = agent(sourceKernel, link[0], sourceCounters);
    private final SyncAgent mirror = agent(mirrorKernel, link[1], mirrorCounters);

    private SyncAgent agent(QuickKernel kernel, PipeLink end, Counters counters) {
        return new SyncAgent(
                new SyncConfig(8192, 8, 42), kernel, end, SimNode::memory, () -> nowNs, counters, report -> {});
    }

    @Test
    void shouldAllocateNothingOnTheWholeWayOfAChange() {
        allocatesNothing(ROUNDS);
    }

    /** Of every kind of condition, for flows of which each is looked at and none kept here in the end. */
    @Test
    void shouldAllocateNothingToJudgeEachChangeByRules() {
        FlowRule.Builder everything = new FlowRule.Builder(false)
                .protocol(CtConst.IPPROTO_TCP)
                .ports(80, 80)
                .either(FlowRulesTest.net("10.0.0.0/8"))
                .tcpStates(1 << CtConst.TCP_CONNTRACK_ESTABLISHED)
                .mark(0x8000_0000, 0x8000_0000)
                .zone(0);
        FlowRules rules = FlowRules.of(
                List.of(
                        everything.build(),
                        new FlowRule.Builder(false)
                                .protocol(CtConst.IPPROTO_UDP)
                                .youngerThanS(1)
                                .build(),
                        new FlowRule.Builder(false)
                                .source(FlowRulesTest.net("2001:db8::/32"))
                                .build()),
                () -> nowNs);
        source.offer(new SyncCommand.Select(rules));
        allocatesNothing(ROUNDS / 2);
    }

    private void allocatesNothing(int rounds) {
        source.offer(new SyncCommand.SessionUp(SimPair.keys(0, 1, 2), 1));
        mirror.offer(new SyncCommand.SessionUp(SimPair.keys(1, 2, 1), 1));
        source.offer(new SyncCommand.BecomeSource(1, 1));
        mirror.offer(new SyncCommand.BecomeMirror(2, 1));
        AllocationMeter.assertSteady(0, rounds, this::round);
        long changes = (long) roundsDone * CHANGES_PER_ROUND;
        assertEquals(changes, sourceCounters.value("sync_kernel_events_total"), "read");
        // Coalescing: a flow travels once a cycle at most; half of the flows change in each.
        assertTrue(mirrorCounters.value("sync_deltas_applied_total") > changes * 9 / 10, "applied");
        assertTrue(mirrorKernel.requests > changes * 9 / 10, "injected");
        assertTrue(link[0].framesOffered() > 0, "frames");
        assertEquals(0, mirrorCounters.value("sync_flows_malformed_total"), "malformed");
    }

    private void round() {
        roundsDone++;
        for (int i = 0; i < CHANGES_PER_ROUND; i += CHANGES_PER_CYCLE) {
            sourceKernel.changesDue = Math.min(CHANGES_PER_CYCLE, CHANGES_PER_ROUND - i);
            do {
                source.doWork();
                mirror.doWork();
                nowNs += CYCLE_NS;
            } while (sourceKernel.changesDue > 0);
        }
    }
}
