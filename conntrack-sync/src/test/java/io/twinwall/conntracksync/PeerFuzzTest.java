/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.testkit.Fuzz;
import io.twinwall.wire.PayloadReader;
import io.twinwall.wire.PayloadWriter;
import io.twinwall.wire.WireReadiness;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Payloads from a peer that holds the key and is broken, or newer: whatever they say, the mirror's and the source's tables
 * stay sound, the kernel is asked for what can be asked, and the next flow arrives.
 */
class PeerFuzzTest {
    private static final int FLOWS = 64;
    private static final int BITS = 6;
    private static final int ROOM = 1_300;

    private final Counters counters = new Counters();
    private final FlowTable table = new FlowTable(SimNode::memory, new FlowTableConfig(4 * FLOWS, BITS, 7), counters);
    private final PipeLink[] link = PipeLink.pair();
    private final Mirror mirror = Mirrors.over(table, BITS, new FrameSender(link[0], counters), counters);
    private final PayloadReader reader = new PayloadReader(counters);
    private final UnsafeBuffer heard = new UnsafeBuffer(new byte[0]);
    private final FlowImage image = new FlowImage();
    private final byte[] good = flows(1, 1).getFirst();
    private long frame;

    @Test
    void shouldMirrorOrRefuseWhateverThePeerSends() {
        List<byte[]> given = new ArrayList<>(flows(FLOWS, 6));
        given.add(control());
        Fuzz.of("sync-mirror", given).bytesMax(ROOM).run(60_000, this::mirror);
    }

    private long mirror(byte[] payload) {
        long malformed = counters.value("sync_flows_malformed_total");
        long refused = counters.value("wire_payloads_malformed_total");
        hear(payload);
        long seen = 4L * Math.min(16, table.size() / 8)
                + 2 * Math.min(1, counters.value("sync_flows_malformed_total") - malformed)
                + (counters.value("wire_payloads_malformed_total") - refused);
        if (frame % 8 == 0) {
            sweep();
            hear(good);
            assertTrue(table.size() > 0, "the next good flow is held");
            assertEquals(0, table.size() - count(), "flows counted and found");
        }
        return seen * 64 + mirror.bucketsDiffering();
    }

    private void hear(byte[] payload) {
        heard.wrap(payload);
        mirror.onFrame(++frame, 0, frame);
        reader.read(heard, 0, payload.length, mirror);
        mirror.step(FLOWS, frame, 1, false);
        link[1].poll((buffer, offset, length) -> {}, 64);
    }

    /** Every bucket is compared with nothing: what is there goes. */
    private void sweep() {
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            table.beginBucket(bucket);
            table.endBucket(bucket, null);
        }
        mirror.step(4 * FLOWS, frame, 1, false);
    }

    private int count() {
        int found = 0;
        for (int bucket = 0; bucket < table.buckets(); bucket++) {
            found += table.count(bucket);
        }
        return found;
    }

    /** {@code count} flows with every attribute, in payloads of a few each. */
    private List<byte[]> flows(int count, int each) {
        RandomFlow random = new RandomFlow(new SeededRandom(5));
        PayloadWriter payload = new PayloadWriter(ROOM);
        FlowWriter writer = new FlowWriter(payload);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            random.fill(image, i);
            boolean room = i % 5 == 4 ? writer.delete(image) : writer.upsert(image, 60);
            if (!room || i % each == each - 1) {
                all.add(bytes(payload));
            }
        }
        return all;
    }

    private static byte[] control() {
        PayloadWriter payload = new PayloadWriter(ROOM);
        payload.digests(3, 0, BITS, 2).next().digest(1).next().digest(-1);
        payload.roundEnd(3, 5);
        payload.bucketBegin(3, 1);
        payload.bucketEnd(3, 1, 10, -1);
        payload.barrier(9, 99);
        payload.hello(BITS, WireReadiness.COLD, 3, -1);
        payload.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY);
        return bytes(payload);
    }

    private static byte[] bytes(PayloadWriter payload) {
        byte[] bytes = new byte[payload.length()];
        payload.buffer().getBytes(0, bytes);
        payload.reset();
        return bytes;
    }
}
