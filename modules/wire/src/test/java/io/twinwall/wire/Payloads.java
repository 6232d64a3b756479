/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import java.util.ArrayList;
import java.util.List;

/** Payloads with every message there is, for the tests that spoil them. */
final class Payloads {
    private static final int ROOM = FrameSealer.payloadBytesMax(Samples.FRAME_BYTES_MAX);

    private Payloads() {}

    static byte[] roundEnd() {
        PayloadWriter writer = new PayloadWriter(ROOM);
        writer.roundEnd(9, 3);
        return bytes(writer);
    }

    static List<byte[]> all() {
        List<byte[]> all = new ArrayList<>();
        for (boolean v6 : new boolean[] {false, true}) {
            PayloadWriter writer = new PayloadWriter(ROOM);
            for (int parts : new int[] {0, Parts.REPLY | Parts.TCP, Parts.KNOWN}) {
                flow(writer, v6, parts);
            }
            all.add(bytes(writer));
        }
        PayloadWriter writer = new PayloadWriter(ROOM);
        writer.delete4()
                .origSrc(1)
                .origDst(2)
                .origSport(3)
                .origDport(4)
                .proto((short) 17)
                .zone(5);
        byte[] address = new byte[16];
        writer.delete6()
                .putOrigSrc(address, 0, 16)
                .putOrigDst(address, 0, 16)
                .origSport(1)
                .origDport(2)
                .proto((short) 6)
                .zone(1);
        all.add(bytes(writer));
        writer.reset();
        writer.bucketBegin(4, 65_535);
        writer.bucketEnd(4, 65_535, 10, -1);
        writer.barrier(-2, 99);
        writer.hello(12, WireReadiness.COLD, 3, -1);
        writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY);
        all.add(bytes(writer));
        writer.reset();
        writer.digests(9, 128, 12, 2).next().digest(1).next().digest(-1);
        writer.bucketRequest(9, 2).next().bucket(1).next().bucket(65_535);
        writer.roundEnd(9, 4_000_000_000L);
        all.add(bytes(writer));
        return all;
    }

    private static void flow(PayloadWriter writer, boolean v6, int parts) {
        byte[] ext = new byte[Parts.length(parts, v6)];
        if (v6) {
            writer.flow6()
                    .putOrigSrc(new byte[16], 0, 16)
                    .putOrigDst(new byte[16], 0, 16)
                    .origSport(1)
                    .origDport(2)
                    .proto((short) 6)
                    .parts(parts)
                    .status(1)
                    .timeout(2);
        } else {
            writer.flow4()
                    .origSrc(1)
                    .origDst(2)
                    .origSport(1)
                    .origDport(2)
                    .proto((short) 6)
                    .parts(parts)
                    .status(1)
                    .timeout(2);
        }
        writer.buffer().putBytes(writer.ext(parts), ext);
    }

    private static byte[] bytes(PayloadWriter writer) {
        byte[] bytes = new byte[writer.length()];
        writer.buffer().getBytes(0, bytes);
        return bytes;
    }
}
