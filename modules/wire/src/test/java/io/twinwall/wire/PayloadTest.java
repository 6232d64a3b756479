/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PayloadTest {
    private static final int ROOM = FrameSealer.payloadBytesMax(Samples.FRAME_BYTES_MAX);

    private final PayloadWriter writer = new PayloadWriter(ROOM);
    private final Counters counters = new Counters();
    private final PayloadReader reader = new PayloadReader(counters);

    @Test
    void shouldKeepTheSizesOfTheSchema() {
        assertEquals(8, MessageHeaderEncoder.ENCODED_LENGTH);
        assertEquals(28, FrameHeaderEncoder.ENCODED_LENGTH);
        assertEquals(44, FrameSealer.OVERHEAD_BYTES);
        assertEquals(21, Flows4Encoder.FlowsEncoder.sbeBlockLength());
        assertEquals(45, Flows6Encoder.FlowsEncoder.sbeBlockLength());
        assertEquals(15, Deletes4Encoder.FlowsEncoder.sbeBlockLength());
        assertEquals(39, Deletes6Encoder.FlowsEncoder.sbeBlockLength());
        assertEquals(122, AckEncoder.BLOCK_LENGTH);
        assertEquals(168, ExpectationEncoder.ENCODED_LENGTH);
        assertEquals(173, ExpectsEncoder.EachEncoder.sbeBlockLength());
        assertEquals(105, HeartbeatEncoder.BLOCK_LENGTH);
        assertEquals(145, HeartbeatCodec.BYTES);
        int[] parts4 = {12, 5, 9, 4, 16, 5, 13, 24, 12, 16, 32, 8, 64};
        for (int bit = 0; bit < parts4.length; bit++) {
            assertEquals(parts4[bit], Parts.length(1 << bit, false), "part " + bit);
        }
        assertEquals(36, Parts.length(Parts.REPLY, true));
        assertEquals(37, Parts.length(Parts.MASTER, true));
        assertEquals(268, Parts.EXT_BYTES_MAX);
        assertEquals(0x1fff, Parts.KNOWN);
    }

    @Test
    void shouldFillFrameWithPlainFlowsOf23Bytes() {
        int flows = Samples.fill(writer);
        assertEquals((ROOM - 12) / 23, flows);
        assertEquals(12 + 23 * flows, writer.length());
        Recorder seen = read();
        assertEquals(flows, seen.lines.size());
        assertEquals("flow4 0a000001:40000 > 0a010001:53 p17 st188 t30 ext0", seen.lines.getFirst());
    }

    @Test
    void shouldCarryEveryPartOfAnIpv4Flow() {
        shouldCarryEveryPart(false);
    }

    @Test
    void shouldCarryEveryPartOfAnIpv6Flow() {
        shouldCarryEveryPart(true);
    }

    /** Every part alone, all at once, and random sets, filled with random bytes: what is read is what was written. */
    private void shouldCarryEveryPart(boolean v6) {
        SeededRandom random = Seeds.random("parts");
        Seeds.with(random, () -> {
            for (int i = 0; i < 2_000; i++) {
                int parts = i < 13 ? 1 << i : i == 13 ? Parts.KNOWN : random.nextInt(Parts.KNOWN + 1);
                byte[] ext = new byte[Parts.length(parts, v6)];
                random.nextBytes(ext);
                writer.reset();
                Payloads.flow(writer, v6, parts, ext);
                Recorder seen = read();
                assertEquals(1, seen.lines.size());
                assertEquals(parts, seen.parts);
                assertArrayEquals(ext, seen.ext);
            }
        });
    }

    @Test
    void shouldFindPartByItsOffset() {
        int parts = Parts.REPLY | Parts.TCP | Parts.MARK | Parts.COUNTERS | Parts.SECCTX;
        writer.flow4()
                .origSrc(1)
                .origDst(2)
                .origSport(3)
                .origDport(4)
                .proto((short) 6)
                .parts(parts)
                .status(1)
                .timeout(0xffff_ffffL);
        int ext = writer.ext(parts);
        UnsafeBuffer to = writer.buffer();
        new Reply4Encoder()
                .wrap(to, ext + Parts.offset(parts, Parts.REPLY, false))
                .src(9)
                .dst(8)
                .sport(7)
                .dport(6);
        new TcpEncoder()
                .wrap(to, ext + Parts.offset(parts, Parts.TCP, false))
                .state((short) 3)
                .wscaleOrig((short) 7)
                .wscaleReply((short) 14)
                .flagsOrig((short) 8)
                .flagsReply((short) 255);
        new MarkEncoder().wrap(to, ext + Parts.offset(parts, Parts.MARK, false)).mark(0xffff_0000L);
        new FlowCountersEncoder()
                .wrap(to, ext + Parts.offset(parts, Parts.COUNTERS, false))
                .origPackets(1)
                .origBytes(2)
                .replyPackets(3)
                .replyBytes(Long.MAX_VALUE);
        Recorder seen = read();
        UnsafeBuffer got = new UnsafeBuffer(seen.ext);
        assertEquals(12 + 5 + 4 + 32 + 64, seen.ext.length);
        assertEquals(6, new Reply4Decoder().wrap(got, 0).dport());
        assertEquals(255, new TcpDecoder().wrap(got, 12).flagsReply());
        assertEquals(0xffff_0000L, new MarkDecoder().wrap(got, 17).mark());
        assertEquals(Long.MAX_VALUE, new FlowCountersDecoder().wrap(got, 21).replyBytes());
        assertTrue(seen.lines.getFirst().contains("t4294967295"));
    }

    @Test
    void shouldCarryAllMessagesInTheirOrder() {
        byte[] address = new byte[16];
        writer.delete4()
                .origSrc(1)
                .origDst(2)
                .origSport(3)
                .origDport(4)
                .proto((short) 17)
                .zone(5);
        writer.delete4()
                .origSrc(6)
                .origDst(7)
                .origSport(8)
                .origDport(9)
                .proto((short) 17)
                .zone(0xffff);
        writer.delete6()
                .putOrigSrc(address, 0, 16)
                .putOrigDst(address, 0, 16)
                .origSport(1)
                .origDport(2)
                .proto((short) 6)
                .zone(1);
        assertTrue(writer.bucketBegin(4, 65_535));
        assertTrue(writer.bucketEnd(4, 65_535, 10, -1));
        assertTrue(writer.barrier(-2, 99));
        assertTrue(writer.hello(12, WireReadiness.COLD, 3, -1));
        assertTrue(writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY));
        writer.digests(9, 128, 12, 2).next().digest(1).next().digest(-1);
        writer.bucketRequest(9, 2).next().bucket(1).next().bucket(65_535);
        assertTrue(writer.roundEnd(9, 4_000_000_000L));
        assertTrue(writer.expectSweep(false));
        writeExpectations(2);
        assertTrue(writer.expectSweep(true));
        assertTrue(writer.expectDigest(2, -5));
        assertTrue(writer.expectRequest(1, Long.MIN_VALUE));
        assertEquals(
                List.of(
                        "delete4 z5",
                        "delete4 z65535",
                        "delete6 z1",
                        "begin 4/65535",
                        "end 4/65535 10 -1",
                        "barrier -2 99",
                        "hello 12 COLD 3 4294967295",
                        "ack 1 2 3 4 5 6 READY",
                        "digests 9 from 128/12: 1 -1",
                        "request 9: 1 65535",
                        "roundEnd 9 4000000000",
                        "expect sweep 0",
                        "expects 0 t0 2 6 0:40000 65535 90",
                        "expects 1 t4294967295 2 6 1:40000 65535 90",
                        "expect sweep 1",
                        "expect digest 2 -5",
                        "expect request 1 -9223372036854775808"),
                read().lines);
    }

    private void writeExpectations(int count) {
        ExpectsEncoder.EachEncoder group = writer.expects(count);
        for (int i = 0; i < count; i++) {
            group.next().lives((short) i).timeout(i * 0xffff_ffffL);
            group.expectation()
                    .family((short) 2)
                    .proto((short) 6)
                    .src(15, (short) i)
                    .sport(40_000)
                    .dport(65_535)
                    .function(31, (short) 'Z');
        }
    }

    @Test
    void shouldFillFrameWithExpectations() {
        int room = writer.expectsRoom();
        assertEquals((ROOM - 12) / 173, room);
        writeExpectations(room);
        assertEquals(0, writer.expectsRoom());
        assertEquals(12 + 173 * room, writer.length());
        assertEquals(room, read().lines.size());
    }

    @Test
    void shouldReadWhatAWriterBeforeTheProofSays() {
        writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY);
        writer.ackProof().verified(7).tableMirror().compared(8);
        // The same message as version 2 wrote it: a shorter block.
        int block = AckDecoder.tableMirrorEncodingOffset();
        UnsafeBuffer old = new UnsafeBuffer(new byte[8 + block]);
        old.putBytes(0, writer.buffer(), 0, 8 + block);
        old.putShort(0, (short) block, LITTLE_ENDIAN);
        old.putShort(6, (short) 2, LITTLE_ENDIAN);
        List<Long> heard = new ArrayList<>();
        PayloadHandler handler = new Recorder() {
            @Override
            public void onAck(AckDecoder ack) {
                heard.add(ack.injectedFrame());
                heard.add(ack.tableMirror() == null ? -1L : ack.tableMirror().compared());
                heard.add(ack.verified());
            }
        };
        assertTrue(reader.read(writer.buffer(), 0, writer.length(), handler));
        assertTrue(reader.read(old, 0, old.capacity(), handler));
        assertEquals(List.of(2L, 8L, 7L, 2L, -1L, AckDecoder.verifiedNullValue()), heard);
        // Of its own version, a block as short is no whole message.
        old.putShort(6, (short) 3, LITTLE_ENDIAN);
        assertFalse(reader.read(old, 0, old.capacity(), handler));
    }

    @Test
    void shouldRefuseWhatDoesNotFitAndStayWithinTheFrame() {
        while (writer.hasRoomForFlow(true, Parts.KNOWN)) {
            Payloads.flow(writer, true, Parts.KNOWN, new byte[Parts.length(Parts.KNOWN, true)]);
        }
        while (writer.hasRoomForDelete(false)) {
            writer.delete4()
                    .origSrc(1)
                    .origDst(2)
                    .origSport(3)
                    .origDport(4)
                    .proto((short) 17)
                    .zone(5);
        }
        assertFalse(writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY));
        assertEquals(0, writer.digestsRoom());
        assertTrue(writer.length() <= ROOM);
        writer.reset();
        assertTrue(writer.isEmpty());
        int room = writer.digestsRoom();
        DigestsEncoder.ValuesEncoder digests = writer.digests(1, 0, 16, room);
        for (int i = 0; i < room; i++) {
            digests.next().digest(i);
        }
        assertTrue(writer.length() <= ROOM && writer.length() > ROOM - 8);
    }

    @Test
    void shouldSkipPartsAndFieldsOfNewerPeer() {
        // A flow with bit 13, whose part of 6 bytes follows the ones we know, in an entry that is 3 bytes longer.
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
        Flows4Encoder flows = new Flows4Encoder().wrapAndApplyHeader(buffer, 0, new MessageHeaderEncoder());
        buffer.putShort(6, (short) 9, java.nio.ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(8, (short) 24, java.nio.ByteOrder.LITTLE_ENDIAN);
        buffer.putShort(10, (short) 2, java.nio.ByteOrder.LITTLE_ENDIAN);
        assertEquals(8, flows.limit());
        int at = 12;
        for (int i = 0; i < 2; i++) {
            buffer.putByte(at + 12, (byte) 17);
            buffer.putShort(at + 13, (short) (Parts.MARK | 1 << 13), java.nio.ByteOrder.LITTLE_ENDIAN);
            buffer.putShort(at + 24, (short) 10, java.nio.ByteOrder.LITTLE_ENDIAN);
            at += 24 + 2 + 10;
        }
        Recorder seen = new Recorder();
        assertTrue(reader.read(buffer, 0, at, seen));
        assertEquals(2, seen.lines.size());
        assertEquals(2, counters.value("wire_parts_unknown_total"));
        buffer.putShort(2, (short) 4711, java.nio.ByteOrder.LITTLE_ENDIAN);
        assertFalse(reader.read(buffer, 0, at, seen));
        assertEquals(1, counters.value("wire_messages_unknown_total"));
        assertEquals(0, counters.value("wire_payloads_malformed_total"));
    }

    @Test
    void shouldSurviveMutatedPayloads() {
        SeededRandom random = Seeds.random("payloads");
        Seeds.with(random, () -> {
            Recorder seen = new Recorder();
            UnsafeBuffer buffer = new UnsafeBuffer(new byte[ROOM]);
            long dropped = 0;
            for (int i = 0; i < 200_000; i++) {
                int length = mutated(random, buffer);
                seen.lines.clear();
                dropped += reader.read(buffer, 0, length, seen) ? 0 : 1;
            }
            assertEquals(
                    dropped,
                    counters.value("wire_payloads_malformed_total") + counters.value("wire_messages_unknown_total"));
            assertTrue(dropped > 20_000, "dropped " + dropped);
        });
    }

    private int mutated(SeededRandom random, UnsafeBuffer buffer) {
        writer.reset();
        int parts = random.nextInt(Parts.KNOWN + 1);
        Payloads.flow(writer, random.chance(2), parts, new byte[0]);
        writer.barrier(1, 2);
        writer.digests(9, 128, 12, 2).next().digest(1).next().digest(-1);
        writer.ack(1, 2, 3, 4, 5, 6, WireReadiness.READY);
        int length = writer.length();
        buffer.putBytes(0, writer.buffer(), 0, length);
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            buffer.putByte(random.nextInt(length), (byte) random.nextLong());
        }
        return random.chance(4) ? random.nextInt(length + 1) : length;
    }

    @Test
    void shouldNotAllocateWhenWritingAndReading() {
        Counting counting = new Counting();
        AllocationMeter.assertSteady(1_000, 5, () -> {
            for (int i = 0; i < 20_000; i++) {
                writer.reset();
                Samples.fill(writer);
                reader.read(writer.buffer(), 0, writer.length(), counting);
            }
        });
        assertTrue(counting.sum != 0);
    }

    private Recorder read() {
        Recorder seen = new Recorder();
        assertTrue(reader.read(writer.buffer(), 0, writer.length(), seen));
        return seen;
    }

    /** Reads every field of the flows, keeps nothing. */
    private static final class Counting extends Recorder {
        long sum;

        @Override
        public void onFlows4(Flows4Decoder flows) {
            Flows4Decoder.FlowsDecoder group = flows.flows();
            while (group.hasNext()) {
                group.next();
                sum += group.origSrc() + group.origDst() + group.timeout();
                group.skipExt();
            }
        }
    }

    /** Writes down what it is handed, reading every byte that a decoder offers. */
    private static class Recorder implements PayloadHandler {
        final List<String> lines = new ArrayList<>();
        int parts;
        byte[] ext = {};

        @Override
        public void onFlows4(Flows4Decoder flows) {
            for (Flows4Decoder.FlowsDecoder f : flows.flows()) {
                parts = f.parts();
                ext = new byte[f.extLength()];
                String head = String.format(
                        "flow4 %08x:%d > %08x:%d p%d st%x t%d ext",
                        f.origSrc(), f.origSport(), f.origDst(), f.origDport(), f.proto(), f.status(), f.timeout());
                f.getExt(ext, 0, ext.length);
                lines.add(head + ext.length);
            }
        }

        @Override
        public void onFlows6(Flows6Decoder flows) {
            for (Flows6Decoder.FlowsDecoder f : flows.flows()) {
                parts = f.parts();
                ext = new byte[f.extLength()];
                f.getExt(ext, 0, ext.length);
                lines.add("flow6");
            }
        }

        @Override
        public void onDeletes4(Deletes4Decoder deletes) {
            for (Deletes4Decoder.FlowsDecoder f : deletes.flows()) {
                lines.add("delete4 z" + f.zone());
            }
        }

        @Override
        public void onDeletes6(Deletes6Decoder deletes) {
            for (Deletes6Decoder.FlowsDecoder f : deletes.flows()) {
                lines.add("delete6 z" + f.zone());
            }
        }

        @Override
        public void onDigests(DigestsDecoder d) {
            StringBuilder line = new StringBuilder("digests " + d.round() + " from " + d.firstBucket() + "/");
            line.append(d.bucketBits()).append(':');
            d.values().forEach(value -> line.append(' ').append(value.digest()));
            lines.add(line.toString());
        }

        @Override
        public void onRoundEnd(RoundEndDecoder end) {
            lines.add("roundEnd " + end.round() + " " + end.flows());
        }

        @Override
        public void onBucketRequest(BucketRequestDecoder request) {
            StringBuilder line = new StringBuilder("request " + request.round() + ":");
            request.buckets().forEach(bucket -> line.append(' ').append(bucket.bucket()));
            lines.add(line.toString());
        }

        @Override
        public void onBucketBegin(BucketBeginDecoder begin) {
            lines.add("begin " + begin.round() + "/" + begin.bucket());
        }

        @Override
        public void onBucketEnd(BucketEndDecoder end) {
            lines.add("end " + end.round() + "/" + end.bucket() + " " + end.count() + " " + end.digest());
        }

        @Override
        public void onBarrier(BarrierDecoder barrier) {
            lines.add("barrier " + barrier.token() + " " + barrier.capturedNs());
        }

        @Override
        public void onHello(HelloDecoder h) {
            lines.add("hello " + h.bucketBits() + " " + h.readiness() + " " + h.flows() + " " + h.hashSeedTag());
        }

        @Override
        public void onAck(AckDecoder a) {
            String progress = a.appliedFrame() + " " + a.injectedFrame() + " " + a.barrierToken();
            String load = a.injectQueue() + " " + a.flows() + " " + a.refused();
            lines.add("ack " + progress + " " + load + " " + a.readiness());
        }

        @Override
        public void onExpects(ExpectsDecoder expects) {
            for (ExpectsDecoder.EachDecoder e : expects.each()) {
                ExpectationDecoder x = e.expectation();
                String tuple = x.family() + " " + x.proto() + " " + x.src(15) + ":" + x.sport() + " " + x.dport();
                lines.add("expects " + e.lives() + " t" + e.timeout() + " " + tuple + " " + x.function(31));
            }
        }

        @Override
        public void onExpectDigest(ExpectDigestDecoder d) {
            lines.add("expect digest " + d.count() + " " + d.digest());
        }

        @Override
        public void onExpectRequest(ExpectRequestDecoder r) {
            lines.add("expect request " + r.count() + " " + r.digest());
        }

        @Override
        public void onExpectSweep(ExpectSweepDecoder sweep) {
            lines.add("expect sweep " + sweep.ends());
        }
    }
}
