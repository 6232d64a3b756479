/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import org.agrona.DirectBuffer;

/**
 * Walks the messages of an opened payload. Every length is checked here, before a decoder is handed out: the payload
 * comes from a holder of the key, but a holder of the key may be newer, or broken. What does not add up ends the
 * payload and is counted; nothing is thrown. One thread; owns no memory but its decoders.
 */
public final class PayloadReader {
    private static final int HEADER = MessageHeaderDecoder.ENCODED_LENGTH;
    private static final int GROUP_HEADER = GroupSizeEncodingDecoder.ENCODED_LENGTH;
    private static final int EXT_HEADER = 2;
    private static final int MALFORMED = -1;

    private final Flows4Decoder flows4 = new Flows4Decoder();
    private final Flows6Decoder flows6 = new Flows6Decoder();
    private final Deletes4Decoder deletes4 = new Deletes4Decoder();
    private final Deletes6Decoder deletes6 = new Deletes6Decoder();
    private final DigestsDecoder digests = new DigestsDecoder();
    private final RoundEndDecoder roundEnd = new RoundEndDecoder();
    private final BucketRequestDecoder bucketRequest = new BucketRequestDecoder();
    private final BucketBeginDecoder bucketBegin = new BucketBeginDecoder();
    private final BucketEndDecoder bucketEnd = new BucketEndDecoder();
    private final BarrierDecoder barrier = new BarrierDecoder();
    private final HelloDecoder hello = new HelloDecoder();
    private final AckDecoder ack = new AckDecoder();
    private final ExpectsDecoder expects = new ExpectsDecoder();
    private final ExpectDigestDecoder expectDigest = new ExpectDigestDecoder();
    private final ExpectRequestDecoder expectRequest = new ExpectRequestDecoder();
    private final ExpectSweepDecoder expectSweep = new ExpectSweepDecoder();
    private final Counter malformed;
    private final Counter unknownMessages;
    private final Counter unknownParts;
    private SideHandler side = (buffer, offset, length) -> {};

    /** Receives whole messages, checked, with their headers, of those that ride along with the stream. */
    @FunctionalInterface
    public interface SideHandler {
        void onMessage(DirectBuffer buffer, int offset, int length);
    }

    public PayloadReader(Counters counters) {
        malformed = counters.counter(
                "wire_payloads_malformed_total", "Opened payloads that did not add up; the rest of each was dropped.");
        unknownMessages = counters.counter(
                "wire_messages_unknown_total", "Messages of a newer peer; the rest of their payload was dropped.");
        unknownParts = counters.counter(
                "wire_parts_unknown_total", "Flows with attributes of a newer peer, which were left out.");
    }

    /** From here on messages about sets go to {@code handler}; nobody hears them before. */
    public void side(SideHandler handler) {
        side = handler;
    }

    /**
     * Hands all messages in {@code [offset, offset + length)} of {@code buffer} to {@code handler}.
     *
     * @return false when the payload, or its rest, was dropped as malformed or unknown
     */
    public boolean read(DirectBuffer buffer, int offset, int length, PayloadHandler handler) {
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int next = readOne(buffer, at, end, handler);
            if (next == MALFORMED) {
                return false;
            }
            at = next;
        }
        return true;
    }

    private int readOne(DirectBuffer buffer, int at, int end, PayloadHandler handler) {
        if (end - at < HEADER || u16(buffer, at + 4) != MessageHeaderDecoder.SCHEMA_ID) {
            malformed.increment();
            return MALFORMED;
        }
        int block = u16(buffer, at);
        int template = u16(buffer, at + 2);
        int version = u16(buffer, at + 6);
        int body = at + HEADER;
        int next = endOf(buffer, template, body, block, version, end);
        if (next == MALFORMED) {
            return MALFORMED;
        }
        if (SetFrames.is(template)) {
            side.onMessage(buffer, at, next - at);
        } else {
            dispatch(buffer, template, body, block, version, handler);
        }
        return next;
    }

    private void dispatch(DirectBuffer b, int template, int at, int block, int version, PayloadHandler handler) {
        switch (template) {
            case Flows4Decoder.TEMPLATE_ID -> handler.onFlows4(flows4.wrap(b, at, block, version));
            case Flows6Decoder.TEMPLATE_ID -> handler.onFlows6(flows6.wrap(b, at, block, version));
            case Deletes4Decoder.TEMPLATE_ID -> handler.onDeletes4(deletes4.wrap(b, at, block, version));
            case Deletes6Decoder.TEMPLATE_ID -> handler.onDeletes6(deletes6.wrap(b, at, block, version));
            case DigestsDecoder.TEMPLATE_ID -> handler.onDigests(digests.wrap(b, at, block, version));
            case RoundEndDecoder.TEMPLATE_ID -> handler.onRoundEnd(roundEnd.wrap(b, at, block, version));
            case BucketRequestDecoder.TEMPLATE_ID -> handler.onBucketRequest(bucketRequest.wrap(b, at, block, version));
            case BucketBeginDecoder.TEMPLATE_ID -> handler.onBucketBegin(bucketBegin.wrap(b, at, block, version));
            case BucketEndDecoder.TEMPLATE_ID -> handler.onBucketEnd(bucketEnd.wrap(b, at, block, version));
            case BarrierDecoder.TEMPLATE_ID -> handler.onBarrier(barrier.wrap(b, at, block, version));
            case HelloDecoder.TEMPLATE_ID -> handler.onHello(hello.wrap(b, at, block, version));
            case AckDecoder.TEMPLATE_ID -> handler.onAck(ack.wrap(b, at, block, version));
            case ExpectsDecoder.TEMPLATE_ID -> handler.onExpects(expects.wrap(b, at, block, version));
            case ExpectDigestDecoder.TEMPLATE_ID -> handler.onExpectDigest(expectDigest.wrap(b, at, block, version));
            case ExpectRequestDecoder.TEMPLATE_ID -> handler.onExpectRequest(expectRequest.wrap(b, at, block, version));
            case ExpectSweepDecoder.TEMPLATE_ID -> handler.onExpectSweep(expectSweep.wrap(b, at, block, version));
            default -> throw new IllegalStateException("endOf() lets no other template through: " + template);
        }
    }

    /** End of the message whose block begins at {@code at}, or MALFORMED, counted. */
    private int endOf(DirectBuffer b, int template, int at, int block, int version, int end) {
        int next = switch (template) {
            case Flows4Decoder.TEMPLATE_ID ->
                flowsEnd(b, at + block, Flows4Encoder.FlowsEncoder.sbeBlockLength(), false, end);
            case Flows6Decoder.TEMPLATE_ID ->
                flowsEnd(b, at + block, Flows6Encoder.FlowsEncoder.sbeBlockLength(), true, end);
            case Deletes4Decoder.TEMPLATE_ID ->
                groupEnd(b, at + block, Deletes4Encoder.FlowsEncoder.sbeBlockLength(), end);
            case Deletes6Decoder.TEMPLATE_ID ->
                groupEnd(b, at + block, Deletes6Encoder.FlowsEncoder.sbeBlockLength(), end);
            case DigestsDecoder.TEMPLATE_ID ->
                block < DigestsDecoder.BLOCK_LENGTH
                        ? MALFORMED
                        : groupEnd(b, at + block, DigestsEncoder.ValuesEncoder.sbeBlockLength(), end);
            case BucketRequestDecoder.TEMPLATE_ID ->
                block < BucketRequestDecoder.BLOCK_LENGTH
                        ? MALFORMED
                        : groupEnd(b, at + block, BucketRequestEncoder.BucketsEncoder.sbeBlockLength(), end);
            case RoundEndDecoder.TEMPLATE_ID -> blockEnd(at, block, roundEndBlockMin(version), end);
            case BucketBeginDecoder.TEMPLATE_ID -> blockEnd(at, block, BucketBeginDecoder.BLOCK_LENGTH, end);
            case BucketEndDecoder.TEMPLATE_ID -> blockEnd(at, block, BucketEndDecoder.BLOCK_LENGTH, end);
            case BarrierDecoder.TEMPLATE_ID -> blockEnd(at, block, BarrierDecoder.BLOCK_LENGTH, end);
            case HelloDecoder.TEMPLATE_ID -> blockEnd(at, block, HelloDecoder.BLOCK_LENGTH, end);
            case AckDecoder.TEMPLATE_ID -> blockEnd(at, block, ackBlockMin(version), end);
            case ExpectsDecoder.TEMPLATE_ID ->
                groupEnd(b, at + block, ExpectsEncoder.EachEncoder.sbeBlockLength(), end);
            case ExpectDigestDecoder.TEMPLATE_ID -> blockEnd(at, block, ExpectDigestDecoder.BLOCK_LENGTH, end);
            case ExpectRequestDecoder.TEMPLATE_ID -> blockEnd(at, block, ExpectRequestDecoder.BLOCK_LENGTH, end);
            case ExpectSweepDecoder.TEMPLATE_ID -> blockEnd(at, block, ExpectSweepDecoder.BLOCK_LENGTH, end);
            case SetElementsDecoder.TEMPLATE_ID,
                    SetDigestDecoder.TEMPLATE_ID,
                    SetRequestDecoder.TEMPLATE_ID,
                    SetStateDecoder.TEMPLATE_ID -> SetFrames.end(b, template, at, block, end);
            default -> {
                unknownMessages.increment();
                yield MALFORMED - 1;
            }
        };
        if (next == MALFORMED) {
            malformed.increment();
        }
        return next < 0 ? MALFORMED : next;
    }

    /** Before fields were appended the block was shorter: what an older writer sends is whole. */
    private static int roundEndBlockMin(int version) {
        return version < RoundEndDecoder.kernelTableSinceVersion()
                ? RoundEndDecoder.kernelTableEncodingOffset()
                : RoundEndDecoder.BLOCK_LENGTH;
    }

    private static int ackBlockMin(int version) {
        return version < AckDecoder.tableMirrorSinceVersion()
                ? AckDecoder.tableMirrorEncodingOffset()
                : AckDecoder.BLOCK_LENGTH;
    }

    private static int blockEnd(int at, int block, int blockMin, int end) {
        return block >= blockMin && at + block <= end ? at + block : MALFORMED;
    }

    private static int groupEnd(DirectBuffer b, int at, int blockMin, int end) {
        if (end - at < GROUP_HEADER) {
            return MALFORMED;
        }
        int block = u16(b, at);
        int count = u16(b, at + 2);
        int from = at + GROUP_HEADER;
        return block >= blockMin && (long) block * count <= end - from ? from + block * count : MALFORMED;
    }

    private int flowsEnd(DirectBuffer b, int at, int blockMin, boolean v6, int end) {
        if (end - at < GROUP_HEADER) {
            return MALFORMED;
        }
        int block = u16(b, at);
        int count = u16(b, at + 2);
        int partsOffset = v6
                ? Flows6Decoder.FlowsDecoder.partsEncodingOffset()
                : Flows4Decoder.FlowsDecoder.partsEncodingOffset();
        if (block < blockMin) {
            return MALFORMED;
        }
        int entry = at + GROUP_HEADER;
        for (int i = 0; i < count; i++) {
            if (end - entry < block + EXT_HEADER) {
                return MALFORMED;
            }
            int parts = u16(b, entry + partsOffset);
            int extLength = u16(b, entry + block);
            if (end - entry - block - EXT_HEADER < extLength || !Parts.fits(parts, v6, extLength)) {
                return MALFORMED;
            }
            if ((parts & ~Parts.KNOWN) != 0) {
                unknownParts.increment();
            }
            entry += block + EXT_HEADER + extLength;
        }
        return entry;
    }

    private static int u16(DirectBuffer buffer, int at) {
        return buffer.getShort(at, LITTLE_ENDIAN) & 0xffff;
    }
}
