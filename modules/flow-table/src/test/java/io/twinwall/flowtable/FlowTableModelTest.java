/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random operations on a table and on {@link TableModel}; both must answer the same and hold the same. */
class FlowTableModelTest {
    private static final long SEED = 0x7477696eL;
    private static final int OPERATIONS = 100_000;

    private final FlowImage image = new FlowImage();
    private final FlowImage read = new FlowImage();
    private final ArrayDeque<Integer> taken = new ArrayDeque<>();
    private final ArrayDeque<String> takenKeys = new ArrayDeque<>();
    private FlowTable table;
    private TableModel model;
    private SeededRandom random;
    private int keys;
    private long nowMs;

    /** Few buckets, many flows; more buckets than places; a table that overflows. */
    @ParameterizedTest
    @CsvSource({"400, 2, 300", "1000, 8, 700", "40, 12, 60", "200, 1, 400"})
    void shouldDoAsTheModelDoes(int flowsMax, int bucketBits, int keyCount) {
        random = Seeds.random("shouldDoAsTheModelDoes " + flowsMax);
        Seeds.with(random, () -> {
            table = new FlowTable(new DirectMemory(), new FlowTableConfig(flowsMax, bucketBits, SEED), new Counters());
            model = new TableModel(flowsMax);
            keys = keyCount;
            for (int i = 0; i < OPERATIONS; i++) {
                operate();
                if (i % 10_000 == 0) {
                    compareAll();
                }
            }
            compareAll();
        });
    }

    private void operate() {
        nowMs += random.nextInt(20);
        int kind = random.nextInt(100);
        if (kind < 55) {
            apply();
        } else if (kind < 75) {
            Flows.key(image, random.nextInt(keys));
            if (random.chance(2)) {
                image.id(1 + random.nextInt(3));
            }
            assertEquals(model.remove(image), table.remove(image));
        } else if (kind < 90) {
            take();
        } else if (kind < 98) {
            giveBack();
        } else if (kind < 99) {
            toggleKernel();
        } else if (random.chance(2)) {
            sweep();
        }
    }

    private void apply() {
        Flows.key(image, random.nextInt(keys));
        Flows.attributes(image, random, 2 + random.nextInt(6));
        int how = random.chance(3) ? 0 : FlowTable.REPLICATE;
        how |= random.chance(3) ? FlowTable.REPLACE : 0;
        how |= random.chance(6) ? FlowTable.NEW : 0;
        how |= random.chance(4) ? FlowTable.FROM_DUMP : 0;
        how |= random.chance(20) ? FlowTable.RECREATE : 0;
        how |= random.chance(5) ? FlowTable.TIMEOUT_TOLD : 0;
        int expected = model.apply(image, how, nowMs);
        assertEquals(expected, table.apply(image, how, nowMs));
        image.buffer().setMemory(0, FlowImage.BYTES, (byte) 0xa5);
    }

    private void take() {
        String key = model.take();
        int slot = table.takeDirty();
        assertEquals(key == null, slot < 0);
        if (key != null) {
            TableModel.Flow flow = model.flows.get(key);
            table.read(slot, read);
            assertEquals(key, Content.key(read));
            assertEquals(!flow.eligible, table.isDead(slot));
            assertEquals(flow.eligible && flow.recreateTaken, table.needsRecreate(slot));
            taken.add(slot);
            takenKeys.add(key);
        }
    }

    private void giveBack() {
        for (int n = taken.isEmpty() ? 0 : 1 + random.nextInt(4); n > 0 && !taken.isEmpty(); n--) {
            if (random.chance(5)) {
                table.markDirty(taken.poll());
                model.putBack(takenKeys.poll());
            } else {
                table.release(taken.poll());
                model.release(takenKeys.poll());
            }
        }
    }

    private void toggleKernel() {
        if (!taken.isEmpty()) {
            TableModel.Flow flow = model.flows.get(takenKeys.peek());
            flow.inKernel = !flow.inKernel;
            table.inKernel(taken.peek(), flow.inKernel);
        }
    }

    private void sweep() {
        switch (random.nextInt(12)) {
            case 0 -> {
                model.beginAudit();
                table.beginAudit();
            }
            case 1 -> {
                if (model.dumping) {
                    int before = table.size();
                    table.sweepAudit(Integer.MAX_VALUE, null);
                    assertEquals(model.endAudit(), before - table.size());
                    drain();
                }
            }
            case 2 -> sweepBucket(random.nextInt(table.buckets()));
            default -> compareBucket(random.nextInt(table.buckets()));
        }
    }

    /** A sweep kills in the order of slots, which the model does not know: compare what is dirty, not its order. */
    private void drain() {
        while (!taken.isEmpty()) {
            table.release(taken.poll());
            model.release(takenKeys.poll());
        }
        Set<String> expected = new HashSet<>();
        for (String key = model.take(); key != null; key = model.take()) {
            expected.add(key);
        }
        Set<String> found = new HashSet<>();
        for (int slot = table.takeDirty(); slot >= 0; slot = table.takeDirty()) {
            table.read(slot, read);
            found.add(Content.key(read));
            table.release(slot);
        }
        assertEquals(expected, found);
        expected.forEach(model::release);
    }

    private void sweepBucket(int bucket) {
        table.beginBucket(bucket);
        long begin = ++model.epoch;
        for (int i = random.nextInt(60); i > 0; i--) {
            apply();
        }
        int removed = 0;
        for (Map.Entry<String, Integer> entry : bucketsOfLive().entrySet()) {
            TableModel.Flow flow = model.flows.get(entry.getKey());
            if (entry.getValue() == bucket && flow.stamp < begin) {
                model.kill(entry.getKey(), flow);
                removed++;
            }
        }
        assertEquals(removed, table.endBucket(bucket, null));
        drain();
    }

    private Map<String, Integer> bucketsOfLive() {
        Map<String, Integer> buckets = new HashMap<>();
        for (int n = 0; n < keys; n++) {
            Flows.key(image, n);
            TableModel.Flow flow = model.flows.get(Content.key(image));
            if (flow != null && flow.state == TableModel.State.LIVE) {
                buckets.put(Content.key(image), table.bucketOf(image));
            }
        }
        return buckets;
    }

    private void compareBucket(int bucket) {
        Map<String, String> expected = new TreeMap<>();
        bucketsOfLive().forEach((key, b) -> {
            TableModel.Flow flow = model.flows.get(key);
            if (b == bucket && flow.eligible) {
                expected.put(key, Content.all(flow.image));
            }
        });
        Map<String, String> found = new TreeMap<>();
        table.forEachInBucket(bucket, slot -> {
            table.read(slot, read);
            assertEquals(bucket, table.bucketOf(slot));
            assertEquals(null, found.put(Content.key(read), Content.all(read)), "met twice");
        });
        assertEquals(expected, found);
        assertEquals(expected.size(), table.count(bucket));
    }

    /** All flows one by one, and the digests against a table that was filled in another order. */
    private void compareAll() {
        FlowTable fresh = new FlowTable(
                new DirectMemory(),
                new FlowTableConfig(model.flowsMax, Integer.numberOfTrailingZeros(table.buckets()), SEED),
                new Counters());
        Map<String, String> found = new TreeMap<>();
        SlotCursor cursor = table.cursor();
        while (!cursor.done()) {
            cursor.advance(7, slot -> {
                table.read(slot, read);
                assertEquals(null, found.put(Content.key(read), Content.all(read)), "met twice");
                TableModel.Flow flow = model.flows.get(Content.key(read));
                assertEquals(flow.deadlineMs, table.deadlineMs(slot));
                assertEquals(flow.eligible, table.isEligible(slot));
                assertEquals(flow.inKernel, table.inKernel(slot));
                assertEquals(slot, table.find(read));
            });
        }
        Map<String, String> expected = new TreeMap<>();
        int eligible = 0;
        for (Map.Entry<String, TableModel.Flow> entry : model.flows.entrySet()) {
            TableModel.Flow flow = entry.getValue();
            if (flow.state == TableModel.State.LIVE) {
                expected.put(entry.getKey(), Content.all(flow.image));
                eligible += flow.eligible ? 1 : 0;
                if (flow.eligible) {
                    fresh.apply(flow.image, FlowTable.REPLACE | FlowTable.REPLICATE, nowMs);
                }
            }
        }
        assertEquals(expected, found);
        assertEquals(expected.size(), table.size());
        assertEquals(eligible, table.eligibleCount());
        assertEquals(model.dirty.size(), table.dirtyCount());
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            assertEquals(fresh.digest(bucket), table.digest(bucket));
            assertEquals(fresh.count(bucket), table.count(bucket));
        }
        if (random.chance(8)) {
            restart();
        }
    }

    private void restart() {
        table.clear();
        model = new TableModel(model.flowsMax);
        taken.clear();
        takenKeys.clear();
        assertEquals(0, table.memory().chunks());
        assertEquals(-1, table.takeDirty());
    }
}
