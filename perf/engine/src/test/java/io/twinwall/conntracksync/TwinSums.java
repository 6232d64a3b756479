/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.engine.EventDatagrams;
import io.twinwall.engine.FlowMix;
import io.twinwall.engine.HeldFlows;
import io.twinwall.engine.ImageBatch;
import io.twinwall.flowtable.FlowImage;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.agrona.DirectBuffer;

/** Sums over what the benchmarks read and write, as the twin in C prints them of its own. */
public final class TwinSums {
    private static final int HELD_FEW = 1000;
    private static final int HELD_COMPARED = 10_000;

    private TwinSums() {}

    /** Over the events that are parsed: the beginnings, then the changes. */
    public static String events() {
        CRC32 sum = new CRC32();
        add(sum, new EventDatagrams(true, 0));
        add(sum, new EventDatagrams(false, 1));
        return text(sum);
    }

    /** Over the payloads that a batch of the first flows fills. */
    public static String payloads() {
        Payloads payloads = new Payloads();
        FlowMix mix = new FlowMix();
        FlowImage image = new FlowImage();
        for (int number = 0; number < ImageBatch.FLOWS; number++) {
            mix.image(image, number, 0);
            payloads.add(image);
        }
        payloads.end();
        CRC32 sum = new CRC32();
        for (int i = 0; i < payloads.count(); i++) {
            add(sum, payloads.buffer(), payloads.offset(i), payloads.length(i));
        }
        return text(sum);
    }

    /** Over one batch of requests, of the first flows. */
    public static String requests() {
        try (HeldFlows held = new HeldFlows(HELD_FEW)) {
            int[] slots = IntStream.range(0, HELD_FEW).map(held::slot).toArray();
            CreateRequests requests = new CreateRequests();
            int bytes = requests.write(held.table(), slots, 0);
            CRC32 sum = new CRC32();
            add(sum, requests.buffer(), 0, bytes);
            return text(sum);
        }
    }

    /** Of all buckets of the table whose digests are compared. */
    public static String digests() {
        try (HeldFlows held = new HeldFlows(HELD_COMPARED)) {
            long[] digests = IntStream.range(0, held.table().buckets())
                    .mapToLong(held.table()::digest)
                    .toArray();
            return String.format("%016x", Arrays.stream(digests).sum());
        }
    }

    private static void add(CRC32 sum, EventDatagrams datagrams) {
        for (int i = 0; i < EventDatagrams.EVENTS; i++) {
            add(sum, datagrams.buffer(), datagrams.offset(i), datagrams.length(i));
        }
    }

    private static void add(CRC32 sum, DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        sum.update(bytes);
    }

    private static String text(CRC32 sum) {
        return String.format("%08x", sum.getValue());
    }
}
