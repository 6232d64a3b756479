/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.conntracksync.SyncReport.Readiness;
import io.twinwall.linux.Errno;
import io.twinwall.netlink.CtConst;
import io.twinwall.testkit.Seeds;
import io.twinwall.wire.MemoryLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The whole of state synchronisation, two agents, under a network and kernels that misbehave as a seed says. */
class SyncPairSimTest {
    private static final long PROVED_WITHIN_NS = 9_000_000_000L;

    /** For what takes long, since it waits for audits. */
    private static final int FEW_SEEDS = 6;

    private static final int SEEDS = Integer.getInteger("twinwall.seeds", 30);
    private static final long MS = 1_000_000;
    private static final int FEW = 8;
    private static final int HOLD_MS = (int) (HoldBack.HOLD_NS / MS);

    @Test
    void shouldBecomeEqualWhenTrafficRests() {
        each("busy then quiet", pair -> {
            pair.run(300, true);
            pair.settle("traffic");
        });
    }

    @Test
    void shouldRepairLostKernelEvents() {
        each("overruns", pair -> {
            for (int i = 0; i < 4; i++) {
                pair.run(20, true);
                pair.burst(400);
            }
            pair.settle("overruns");
        });
    }

    @Test
    void shouldBearRefusalsOfTheMirrorsKernel() {
        each("refusals", pair -> {
            for (int i = 0; i < 10; i++) {
                pair.kernels[pair.mirror()].refuse(Errno.EBUSY, 1 + pair.random.nextInt(2));
                pair.run(30, true);
            }
            pair.kernels[pair.mirror()].refuse(0, 0);
            pair.settle("refusals");
        });
    }

    @Test
    void shouldUndoOnTheMirrorAndFollowOnTheSourceWhatOtherProgramsDo() {
        each("foreign", FEW_SEEDS, pair -> {
            pair.run(200, true);
            for (int i = 0; i < 40; i++) {
                pair.foreign(pair.random.nextInt(2));
                pair.run(pair.random.nextInt(5), pair.random.chance(2));
            }
            pair.rest();
            pair.settle("foreign changes");
            proved(pair);
        });
    }

    /** Both nodes say that all is equal, each after a comparison of its own asking. */
    private static void proved(SimPair pair) {
        for (SimNode node : pair.nodes) {
            CompletableFuture<SyncProof> answer = new CompletableFuture<>();
            node.agent.offer(new SyncCommand.Verify(true, pair.nowNs + PROVED_WITHIN_NS, answer));
            for (int i = 0; i < PROVED_WITHIN_NS / 1_000_000 + 10 && !answer.isDone(); i++) {
                pair.step(false);
            }
            SyncProof proof = answer.join();
            assertTrue(proof.complete() && proof.equal(), proof::toString);
        }
    }

    @Test
    void shouldHoldThereExactlyWhatChangingRulesLetTravel() {
        each("rules", pair -> {
            for (int i = 0; i < 5; i++) {
                pair.sourceNode().select(rules(pair.random));
                pair.run(40, true);
                pair.burst(pair.random.nextInt(100));
                if (pair.random.chance(2)) {
                    pair.settle("rules " + i);
                }
            }
            pair.settle("the last rules");
        });
    }

    private static FlowRules rules(SeededRandom random) {
        List<FlowRule> rules = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            FlowRule.Builder rule = new FlowRule.Builder(random.chance(3));
            switch (random.nextInt(4)) {
                case 0 -> rule.mark(random.nextInt(2), 1);
                case 1 -> rule.tcpStates(1 << CtConst.TCP_CONNTRACK_ESTABLISHED | 1 << random.nextInt(10));
                case 2 -> rule.protocol(random.chance(2) ? CtConst.IPPROTO_TCP : CtConst.IPPROTO_UDP);
                default -> rule.mark(2, 2).protocol(CtConst.IPPROTO_TCP);
            }
            rules.add(rule.build());
        }
        return FlowRules.of(rules, () -> 0);
    }

    @Test
    void shouldCatchUpAfterPartition() {
        each("partition", pair -> {
            pair.run(100, true);
            pair.link.partition(pair.random.chance(2), true);
            pair.run(pair.random.nextInt(2500), true);
            pair.link.heal();
            pair.run(50, true);
            pair.settle("partition");
        });
    }

    @Test
    void shouldSendOnlyTheBucketsThatDiffer() {
        each("few differences", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            long before = pair.sourceNode().counters.value("sync_buckets_sent_total");
            pair.link.partition(pair.source == 0, pair.source == 1);
            pair.burst(FEW);
            pair.run(20, false);
            pair.link.heal();
            // A frame that is lost, or overtaken by the digests behind it, has its buckets sent again.
            pair.link.faults(MemoryLink.Faults.NONE);
            pair.settle("a few lost changes");
            long sent = pair.sourceNode().counters.value("sync_buckets_sent_total") - before;
            assertTrue(sent > 0 && sent <= FEW, sent + " buckets for " + FEW + " changes that were lost");
        });
    }

    @Test
    void shouldFillRestartedMirror() {
        each("mirror restart", pair -> {
            pair.run(200, true);
            pair.restart(pair.mirror());
            pair.run(50, true);
            pair.settle("mirror's restart");
        });
    }

    @Test
    void shouldCompareWithRestartedSource() {
        each("source restart", pair -> {
            pair.run(200, true);
            pair.restart(pair.source);
            pair.run(50, true);
            pair.settle("source's restart");
        });
    }

    @Test
    void shouldGoOnAfterRolesSwapped() {
        each("swap", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            pair.swap();
            pair.settle("the roles' change alone");
            pair.run(200, true);
            pair.settle("first swap");
            pair.swap();
            pair.run(200, true);
            pair.settle("second swap");
        });
    }

    @Test
    void shouldKnowItsKernelWhenDeposedWithEventsUnread() {
        each("deposed", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            pair.burst(pair.random.nextInt(300));
            pair.depose();
            pair.run(50, true);
            pair.settle("deposition");
        });
    }

    /** Its addresses go after its role: its kernel tears more than the event socket holds. */
    @Test
    void shouldHoldAllAgainWhenTheEventsOfWhatItToreAsMirrorAreLost() {
        each("loss after deposition", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            if (pair.random.chance(2)) {
                // Events lost as source already: it is still reading its kernel then.
                pair.overflow(pair.source);
            }
            pair.depose();
            pair.run(1 + pair.random.nextInt(4), false);
            pair.overflow(pair.mirror());
            SimTraffic.flush(pair.kernels[pair.mirror()]);
            pair.settle("the loss");
        });
    }

    /** What runs out of time in the old active's kernel has not ended for the pair. */
    @Test
    void shouldMakeAnewWhatExpiresAfterTheRoleWent() {
        each("expiry after deposition", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            pair.depose();
            pair.settle("deposition");
            SimTraffic.flush(pair.kernels[pair.mirror()]);
            pair.settle("the expiry");
        });
    }

    @Test
    void shouldTellHowManyFlowsTheMirrorsKernelRefuses() {
        each("refused", pair -> {
            pair.run(100, true);
            pair.settle("traffic");
            pair.kernels[pair.mirror()].entriesMax(pair.kernels[pair.mirror()].entries() / 2);
            pair.burst(400);
            pair.run(2000, false);
            pair.settleTold();
            long refused = pair.mirrorNode().counters.value("sync_refused");
            assertTrue(refused > 0, "refused");
            assertEquals(Readiness.READY, pair.mirrorNode().lastChange().readiness(), "better most than none");
            pair.kernels[pair.mirror()].entriesMax(Integer.MAX_VALUE);
            pair.run(2000, false);
            pair.settle("refusals");
            pair.settleTold();
            assertEquals(0, pair.mirrorNode().counters.value("sync_refused"));
        });
    }

    @Test
    void shouldTellThatReplicationLagsAndThatItDoesNoMore() {
        each("lag", pair -> {
            pair.run(100, true);
            pair.settle("traffic");
            pair.mirrorNode().shortOfMemory = true;
            pair.burst(600);
            pair.run(200, false);
            assertTrue(pair.sourceNode().lastChange().lagDeltas() > SimNode.LAG_DELTAS_MAX, pair::describe);
            assertEquals(Readiness.SYNCING, pair.mirrorNode().lastChange().readiness(), pair::describe);
            pair.mirrorNode().shortOfMemory = false;
            pair.settle("lag");
            assertTrue(pair.sourceNode().lastChange().lagDeltas() <= SimNode.LAG_DELTAS_MAX / 2, pair::describe);
        });
    }

    @Test
    void shouldPassBarrierOnlyWhenPeersKernelHoldsAll() {
        each("barrier", pair -> {
            pair.run(100, true);
            pair.settle("traffic");
            pair.burst(200);
            var expected = pair.sourceNode().held();
            long token = pair.barrier(20_000 * MS);
            for (int i = 0; i < 20_000 && pair.sourceNode().done(token) == null; i++) {
                pair.step(false);
            }
            assertNotNull(pair.sourceNode().done(token), "an answer");
            assertTrue(pair.sourceNode().done(token).ok(), "passed");
            assertEquals(expected, pair.mirrorNode().held(), "what the barrier vouches for");
        });
    }

    @Test
    void shouldRefuseBarrierWhilePeerIsCutOff() {
        each("barrier refused", pair -> {
            pair.run(50, true);
            pair.settle("traffic");
            pair.link.partition(true, true);
            pair.burst(50);
            long token = pair.barrier(300 * MS);
            pair.run(400, false);
            assertNotNull(pair.sourceNode().done(token), "an answer");
            assertFalse(pair.sourceNode().done(token).ok(), "refused");
        });
    }

    @Test
    void shouldHoldTornFlowsForAWhileAndThenEndThem() {
        // Seconds of the pair's time: fewer seeds than elsewhere.
        each("torn", Math.max(1, SEEDS / 5), pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            SimTraffic.flush(pair.kernels[pair.source]);
            pair.step(false);
            // A frame that is lost, and followed by none, would be missed only at the next round of digests.
            long token = pair.barrier(HOLD_MS * MS);
            for (int i = 0; i < HOLD_MS - 500 && pair.sourceNode().done(token) == null; i++) {
                pair.step(false);
            }
            assertNotNull(pair.sourceNode().done(token), "an answer");
            long torn = pair.sourceNode().counters.value("sync_torn_total");
            assertEquals(torn, pair.mirrorNode().held().size(), "the mirror still holds what was torn, and no more");
            pair.run(HOLD_MS, false);
            pair.settle("the end of the hold");
        });
    }

    /** A link goes down: its flows are torn, events are lost in the flood, and the handover is wanted now. */
    @Test
    void shouldPassBarrierAtOnceWhenTornFlowsAndLostEventsMeet() {
        each("torn and lost", pair -> {
            pair.run(200, true);
            pair.settle("traffic");
            SimTraffic.flush(pair.kernels[pair.source]);
            pair.step(false);
            long torn = pair.sourceNode().counters.value("sync_torn_total");
            pair.overflow(pair.source);
            pair.step(false);
            long token = pair.barrier(HOLD_MS * MS);
            pair.run(HOLD_MS / 5, false);
            assertNotNull(pair.sourceNode().done(token), "an answer");
            assertTrue(pair.sourceNode().done(token).ok(), "passed");
            assertEquals(torn, pair.mirrorNode().held().size(), "the mirror still holds what was torn, and no more");
        });
    }

    @Test
    void shouldDoTheSameForTheSameSeed() {
        long seed = Seeds.seed("same trace");
        assertEquals(trace(seed), trace(seed), "seed " + seed);
    }

    @Test
    void shouldNoticeAFlowThatTheMirrorsKernelLost() {
        SimPair pair = new SimPair(Seeds.seed("planted loss"));
        pair.run(200, true);
        pair.settle("traffic");
        SimTraffic.flush(pair.kernels[pair.mirror()]);
        assertFalse(pair.settled(), "settled though the kernels differ");
        pair.close();
    }

    private static long trace(long seed) {
        SimPair pair = new SimPair(seed);
        pair.run(300, true);
        pair.settle("traffic");
        long hash = pair.traceHash();
        pair.close();
        return hash;
    }

    private static void each(String what, Consumer<SimPair> course) {
        each(what, SEEDS, course);
    }

    private static void each(String what, int seeds, Consumer<SimPair> course) {
        long first = Seeds.seed(what);
        for (int i = 0; i < seeds; i++) {
            long seed = first + i;
            SimPair pair = new SimPair(seed);
            try {
                course.accept(pair);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(what + ", -Dtwinwall.seed=" + seed + ": " + e.getMessage(), e);
            }
            pair.close();
        }
    }
}
