/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What a recorder writes, a replay reads; the tape between them is as long as it takes, or has no room. */
class DeltaRecorderTest {
    private static final int FLOWS_MAX = 3_000;
    private static final long BEGAN_MS = 1_795_262_400_000L;
    private static final long CYCLE_NS = 1_000_000;
    private static final long MINUTE_NS = 60_000_000_000L;
    private static final long HOUR_NS = 60 * MINUTE_NS;
    private static final int STEPS = 40_000;
    private static final int REPLICATED = FlowTable.REPLACE | FlowTable.REPLICATE;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(FLOWS_MAX, 6, 7), counters);
    private final DeltaReplay replay = new DeltaReplay(SimNode::memory, FLOWS_MAX);
    private final Tape tape = new Tape();
    private final FlowImage image = new FlowImage();
    private long nowNs = CYCLE_NS;
    private final DeltaRecorder recorder =
            new DeltaRecorder(table, tape, () -> nowNs, () -> BEGAN_MS + nowNs / 1_000_000, counters);

    DeltaRecorderTest() {
        table.watch(recorder);
    }

    @Test
    void shouldTellAtAnyTimeWhatIsKnown() {
        SeededRandom random = Seeds.random("deltas");
        Seeds.with(random, () -> {
            Traffic traffic = new Traffic(random);
            int known = 0;
            for (int i = 0; i < STEPS; i++) {
                traffic.step();
                tape.narrow = random.chance(3);
                tape.full = tape.full ? !random.chance(300) : random.chance(3_000);
                if (random.chance(10_000)) {
                    tape.restart = true;
                }
                nowNs += random.chance(1_000) ? MINUTE_NS : CYCLE_NS;
                recorder.work(nowNs);
                if (!tape.full && !tape.restart && i % 500 == 0 && replay.known()) {
                    known++;
                    assertEquals(held(), told(), "step " + i);
                }
            }
            assertTrue(known > 20, known + " comparisons");
            assertTrue(counters.value("journal_deltas_lost_total") > 0, "losses");
        });
    }

    @Test
    void shouldKnowNothingBeforeTheFirstSnapshotNorAfterALoss() {
        begin(100);
        assertFalse(replay.known());
        settle();
        assertTrue(replay.known());
        assertEquals(held(), told());
        assertEquals(100, replay.size());

        tape.full = true;
        table.apply(flow(7).mark(9), REPLICATED, nowMs());
        recorder.work(nowNs);
        long lostMs = BEGAN_MS + nowNs / 1_000_000;
        nowNs += MINUTE_NS;
        table.apply(flow(8).mark(9), REPLICATED, nowMs());
        recorder.work(nowNs);
        assertEquals(1, counters.value("journal_deltas_lost_total"));
        tape.full = false;
        recorder.work(nowNs);
        assertFalse(replay.known());
        assertEquals(lostMs, replay.lastMs(), "since when");
        settle();
        assertTrue(replay.known());
        assertEquals(held(), told());
    }

    @Test
    void shouldNotBeginASnapshotAgainAndAgainWhenEachIsLost() {
        begin(100);
        settle();
        for (int i = 0; i < 1_000; i++) {
            tape.full = i % 2 == 0;
            nowNs += 10 * CYCLE_NS;
            table.apply(flow(i % 100).mark(i), REPLICATED, nowMs());
            recorder.work(nowNs);
        }
        assertEquals(1, tape.begun, "in ten seconds");
    }

    @Test
    void shouldWaitForRoomWithTheSnapshotButNotWithChanges() {
        begin(2_000);
        settle();
        nowNs += HOUR_NS;
        recorder.work(nowNs);
        assertEquals(2, tape.begun);
        tape.narrow = true;
        int before = tape.messages;
        assertEquals(0, recorder.work(nowNs), "nothing to do");
        assertEquals(before, tape.messages);
        table.apply(flow(1).mark(9), REPLICATED, nowMs());
        recorder.work(nowNs);
        assertEquals(before + 1, tape.messages);
        assertEquals(held(), told());
        tape.narrow = false;
        long sinceMs = replay.sinceMs();
        settle();
        assertEquals(held(), told());
        assertTrue(replay.sinceMs() > sinceMs, "the snapshot is whole");
    }

    @Test
    void shouldTellAllAnewAfterManyChanges() {
        begin(10);
        settle();
        tape.snapshotBytes = 10_000;
        nowNs += MINUTE_NS;
        for (int i = 0; i < 1_000; i++) {
            table.apply(flow(i % 10).mark(i), REPLICATED, nowMs());
            recorder.work(nowNs);
        }
        assertEquals(2, tape.begun, "not again within half a minute");
    }

    @Test
    void shouldTellHowMuchTimeAFlowHadLeft() {
        begin(0);
        settle();
        table.apply(flow(1).timeoutSeconds(100), REPLICATED, nowMs());
        recorder.work(nowNs);
        List<Long> left = new ArrayList<>();
        replay.visit(BEGAN_MS + nowNs / 1_000_000 + 40_000, flow -> left.add(flow.timeoutSeconds()));
        assertEquals(List.of(60L), left);
    }

    @Test
    void shouldVisitNoMoreThanIsAskedFor() {
        begin(100);
        settle();
        int[] visited = {0};
        replay.visit(BEGAN_MS, flow -> ++visited[0] < 7);
        assertEquals(7, visited[0]);
    }

    @Test
    void shouldNotReadWhatALaterVersionWrote() {
        begin(10);
        settle();
        UnsafeBuffer message = new UnsafeBuffer(new byte[DeltaMessage.HEADER_BYTES]);
        DeltaMessage.header(message, DeltaMessage.CHANGES, BEGAN_MS);
        replay.message(message, 0, message.capacity());
        assertTrue(replay.known());
        message.putByte(0, (byte) 2);
        replay.message(message, 0, message.capacity());
        assertFalse(replay.known());
    }

    @Test
    void shouldAllocateNothing() {
        begin(FLOWS_MAX / 2);
        settle();
        tape.deaf = true;
        int[] mark = {0};
        AllocationMeter.assertSteady(0, 5, () -> {
            nowNs += HOUR_NS;
            for (int i = 0; i < 50_000; i++) {
                flow(i % FLOWS_MAX).mark(mark[0]++);
                if (i % 5 == 0) {
                    table.remove(image);
                } else {
                    table.apply(image, REPLICATED, nowMs());
                }
                release();
                recorder.work(nowNs);
            }
        });
    }

    private void begin(int flows) {
        for (int i = 0; i < flows; i++) {
            table.apply(flow(i), REPLICATED, nowMs());
        }
        recorder.work(nowNs);
    }

    /** Until a snapshot is whole that begins by now. */
    private void settle() {
        nowNs += MINUTE_NS;
        for (int i = 0; i < 20; i++) {
            recorder.work(nowNs);
        }
    }

    private long nowMs() {
        return nowNs / 1_000_000;
    }

    private void release() {
        for (int slot = table.takeDirty(); slot >= 0; slot = table.takeDirty()) {
            table.release(slot);
        }
    }

    private FlowImage flow(int number) {
        UnsafeBuffer addresses = tape.addresses;
        addresses.putInt(0, number);
        image.clear().family(FlowImage.AF_INET).l4proto(6).orig(addresses, 0, 16, 1_024, 443);
        image.reply(addresses, 16, 0, 443, 1_024).status(0xe).timeoutSeconds(432_000);
        return image.tcp(3, 7, 7, 3, 3).mark(number);
    }

    private SortedSet<String> held() {
        SortedSet<String> lines = new TreeSet<>();
        FlowImage each = new FlowImage();
        var cursor = table.cursor();
        while (!cursor.done()) {
            cursor.advance(1_000, slot -> {
                if (table.isEligible(slot)) {
                    table.read(slot, each);
                    lines.add(FlowLine.of(each));
                }
            });
        }
        return lines;
    }

    private SortedSet<String> told() {
        SortedSet<String> lines = new TreeSet<>();
        replay.visit(BEGAN_MS, flow -> {
            lines.add(FlowLine.of(flow));
            return true;
        });
        return lines;
    }

    /** What a source and a mirror do to their tables. */
    private final class Traffic {
        private final SeededRandom random;
        private final RandomFlow flows;
        private final List<FlowImage> keys = new ArrayList<>();

        Traffic(SeededRandom random) {
            this.random = random;
            flows = new RandomFlow(random);
        }

        void step() {
            int how = FlowTable.REPLACE | (random.chance(4) ? 0 : FlowTable.REPLICATE);
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    flows.fill(image, random.nextInt(65_536));
                    if (keys.size() < FLOWS_MAX / 2) {
                        keys.add(new FlowImage().copyFrom(image));
                        table.apply(image, how, nowMs());
                    }
                }
                case 2, 3, 4 -> change(how);
                case 5 -> end();
                case 6 -> release();
                default -> rare(how);
            }
        }

        private void change(int how) {
            if (!keys.isEmpty()) {
                FlowImage key = keys.get(random.nextInt(keys.size()));
                table.apply(key.mark(random.nextInt(5)), how, nowMs());
            }
        }

        private void end() {
            if (!keys.isEmpty()) {
                table.remove(keys.remove(random.nextInt(keys.size())));
            }
        }

        private void rare(int how) {
            int slot = keys.isEmpty() ? -1 : table.find(keys.get(random.nextInt(keys.size())));
            if (random.chance(500)) {
                table.beginAudit();
                for (FlowImage key : keys) {
                    if (!random.chance(3)) {
                        table.apply(key, how | FlowTable.FROM_DUMP, nowMs());
                    }
                }
                table.sweepAudit(Integer.MAX_VALUE, null);
            } else if (slot >= 0) {
                table.replicate(slot, random.chance(2));
            }
        }
    }

    /** Straight into the replay. */
    private final class Tape implements DeltaSink {
        private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
        private boolean full;
        private boolean narrow;
        private boolean restart;
        private boolean deaf;
        private long snapshotBytes = Long.MAX_VALUE;
        private int messages;
        private int begun;

        @Override
        public boolean offer(DirectBuffer buffer, int length) {
            if (full) {
                return false;
            }
            if (!deaf) {
                messages++;
                begun += DeltaMessage.type(buffer, 0) == DeltaMessage.SNAPSHOT_BEGIN ? 1 : 0;
                replay.message(buffer, 0, length);
            }
            return true;
        }

        @Override
        public boolean hasRoom() {
            return !narrow;
        }

        @Override
        public boolean takeRestart() {
            boolean taken = restart;
            restart = false;
            return taken;
        }

        @Override
        public long snapshotBytes() {
            return snapshotBytes;
        }
    }
}
