/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

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
                flow(writer, v6, parts, new byte[Parts.length(parts, v6)]);
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
        writer.reset();
        ExpectsEncoder.EachEncoder each = writer.expects(2);
        for (int i = 0; i < 2; i++) {
            each.next().lives((short) i).timeout(i);
            each.expectation()
                    .family((short) (i == 0 ? 2 : 10))
                    .proto((short) 6)
                    .sport(1)
                    .dport(2)
                    .helper(0, (short) 'f');
        }
        writer.expectSweep(true);
        writer.expectDigest(2, -1);
        writer.expectRequest(0, 1);
        all.add(bytes(writer));
        all.addAll(sets());
        return all;
    }

    private static List<byte[]> sets() {
        MessageHeaderEncoder header = new MessageHeaderEncoder();
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[ROOM]);
        List<byte[]> sets = new ArrayList<>();
        SetElementsEncoder elements = new SetElementsEncoder();
        SetElementsEncoder.ElementsEncoder group =
                elements.wrapAndApplyHeader(buffer, 0, header).setId(7).round(0).elementsCount(2);
        for (int i = 0; i < 2; i++) {
            byte[] run = new byte[4 * i];
            group.next().op((short) i).stamp(1).timeoutMs(i).leftMs(-1);
            group.putKey(run, 0, run.length);
            group.putKeyEnd(run, 0, run.length);
            group.putAttrs(run, 0, run.length);
            group.putExprs(run, 0, run.length);
        }
        sets.add(message(buffer, elements.limit()));
        SetDigestEncoder digest = new SetDigestEncoder();
        digest.wrapAndApplyHeader(buffer, 0, header)
                .setId(7)
                .round(1)
                .elements(2)
                .digest(-1)
                .keyType(7)
                .keyBytes(4)
                .dataType(0)
                .dataBytes(0)
                .flags(0);
        sets.add(message(buffer, digest.limit()));
        SetRequestEncoder request = new SetRequestEncoder();
        sets.add(message(
                buffer, request.wrapAndApplyHeader(buffer, 0, header).setId(7).limit()));
        SetStateEncoder state = new SetStateEncoder();
        state.wrapAndApplyHeader(buffer, 0, header).setId(7).elements(2).differing(1);
        byte[] problem = {'n', 'o'};
        state.putProblem(problem, 0, problem.length);
        sets.add(message(buffer, state.limit()));
        return sets;
    }

    private static byte[] message(UnsafeBuffer buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        return bytes;
    }

    /** Writes a TCP flow with these parts, whose bytes {@code ext} are. */
    static void flow(PayloadWriter writer, boolean v6, int parts, byte[] ext) {
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
