/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.testkit.Seeds;
import io.twinwall.wire.PayloadReader;
import io.twinwall.wire.PayloadWriter;
import org.junit.jupiter.api.Test;

/** What the source's table holds of a flow, the mirror's holds after the way over the wire, by attribute and by digest. */
class FlowCodecTest {
    private static final int FLOWS = 5000;
    private static final int BITS = 6;

    private final Counters counters = new Counters();
    private final FlowTable source = table(new Counters());
    private final FlowTable target = table(new Counters());
    private final PayloadWriter payload = new PayloadWriter(1300);
    private final FlowWriter writer = new FlowWriter(payload);
    private final Mirror mirror = mirror();
    private final PayloadReader reader = new PayloadReader(counters);
    private final FlowImage image = new FlowImage();

    private static FlowTable table(Counters counters) {
        return new FlowTable(SimNode::memory, new FlowTableConfig(2 * FLOWS, BITS, 7), counters);
    }

    private Mirror mirror() {
        return Mirrors.over(target, BITS, new FrameSender(PipeLink.pair()[0], counters), counters);
    }

    @Test
    void shouldCarryEveryAttributeOfEveryFlow() {
        var random = Seeds.random("codec");
        Seeds.with(random, () -> {
            RandomFlow flows = new RandomFlow(random);
            for (int i = 0; i < FLOWS; i++) {
                flows.fill(image, i);
                source.apply(image, FlowTable.REPLACE | FlowTable.REPLICATE, 0);
                travel(source.appliedSlot(), false);
            }
            deliver();
            assertSame();
            for (int slot = source.takeDirty(); slot >= 0; slot = source.takeDirty()) {
                if (random.chance(2)) {
                    travel(slot, true);
                    source.read(slot, image);
                    source.remove(image);
                }
                source.release(slot);
            }
            deliver();
            assertSame();
            assertEquals(0, counters.value("sync_flows_malformed_total"), "malformed");
        });
    }

    private void travel(int slot, boolean end) {
        source.read(slot, image);
        if (!(end ? writer.delete(image) : writer.upsert(image, 60))) {
            deliver();
            source.read(slot, image);
            assertTrue(end ? writer.delete(image) : writer.upsert(image, 60), "room in an empty frame");
        }
    }

    private void deliver() {
        int length = payload.length();
        assertTrue(reader.read(payload.buffer(), 0, length, mirror), "a whole payload");
        payload.reset();
    }

    private void assertSame() {
        FlowImage other = new FlowImage();
        var cursor = source.cursor();
        while (!cursor.done()) {
            cursor.advance(100, slot -> {
                source.read(slot, image);
                int there = target.find(image);
                assertTrue(there >= 0, "not there: " + image);
                target.read(there, other);
                assertEquals(FlowLine.of(image), FlowLine.of(other));
            });
        }
        assertEquals(source.size(), target.size(), "flows");
        for (int bucket = 0; bucket < source.buckets(); bucket++) {
            assertEquals(source.digest(bucket), target.digest(bucket), "digest of bucket " + bucket);
        }
    }
}
