/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.twinwall.base.Check;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Fills the payload of one frame with messages, up to the MTU. Flows and deletes of one kind that follow one another
 * share a message, so that 12 bytes of headers are paid once a frame, not once a flow. Used by one thread; owns its
 * buffer; allocates nothing after construction.
 *
 * <pre>
 *   if (!writer.hasRoomForFlow(false, parts)) { seal(writer); writer.reset(); }
 *   writer.flow4().origSrc(..)....parts(parts)....timeout(..);   // all fields
 *   int ext = writer.ext(parts);                                 // always, also for no parts
 *   tcp.wrap(writer.buffer(), ext + Parts.offset(parts, Parts.TCP, false)).state(..);
 * </pre>
 */
public final class PayloadWriter {
    /** Header and group header of a message of flows or deletes. */
    static final int GROUP_MESSAGE_BYTES =
            MessageHeaderEncoder.ENCODED_LENGTH + GroupSizeEncodingEncoder.ENCODED_LENGTH;

    private static final int COUNT_OPEN = 65534;
    private static final int NONE = 0;
    private static final int FLOWS_4 = Flows4Encoder.TEMPLATE_ID;
    private static final int FLOWS_6 = Flows6Encoder.TEMPLATE_ID;
    private static final int DELETES_4 = Deletes4Encoder.TEMPLATE_ID;
    private static final int DELETES_6 = Deletes6Encoder.TEMPLATE_ID;

    private final UnsafeBuffer buffer;
    private final int bytesMax;
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final Flows4Encoder flows4 = new Flows4Encoder();
    private final Flows6Encoder flows6 = new Flows6Encoder();
    private final Deletes4Encoder deletes4 = new Deletes4Encoder();
    private final Deletes6Encoder deletes6 = new Deletes6Encoder();
    private final DigestsEncoder digests = new DigestsEncoder();
    private final RoundEndEncoder roundEnd = new RoundEndEncoder();
    private final BucketRequestEncoder bucketRequest = new BucketRequestEncoder();
    private final BucketBeginEncoder bucketBegin = new BucketBeginEncoder();
    private final BucketEndEncoder bucketEnd = new BucketEndEncoder();
    private final BarrierEncoder barrier = new BarrierEncoder();
    private final HelloEncoder hello = new HelloEncoder();
    private final AckEncoder ack = new AckEncoder();
    private final ExpectsEncoder expects = new ExpectsEncoder();
    private final ExpectDigestEncoder expectDigest = new ExpectDigestEncoder();
    private final ExpectRequestEncoder expectRequest = new ExpectRequestEncoder();
    private final ExpectSweepEncoder expectSweep = new ExpectSweepEncoder();
    private Flows4Encoder.FlowsEncoder flows4Group;
    private Flows6Encoder.FlowsEncoder flows6Group;
    private Deletes4Encoder.FlowsEncoder deletes4Group;
    private Deletes6Encoder.FlowsEncoder deletes6Group;
    private int open = NONE;
    private int closedLength;

    /** @param payloadBytesMax what fits into a frame: {@link FrameSealer#payloadBytesMax} */
    public PayloadWriter(int payloadBytesMax) {
        Check.inRange(payloadBytesMax, 512, 65_000, "payloadBytesMax");
        bytesMax = payloadBytesMax;
        buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(payloadBytesMax, 64));
    }

    /** The payload is {@code [0, length())} of this. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Ends the open group and returns the payload's length. */
    public int length() {
        close();
        return closedLength;
    }

    public boolean isEmpty() {
        return closedLength == 0 && open == NONE;
    }

    /** Adds a whole message, made elsewhere; false when it does not fit any more. */
    public boolean message(byte[] message) {
        if (remaining() < message.length) {
            return false;
        }
        close();
        buffer.putBytes(closedLength, message);
        closedLength += message.length;
        return true;
    }

    /** Begins an empty payload. */
    public void reset() {
        close();
        closedLength = 0;
    }

    /** Bytes left. */
    public int remaining() {
        return bytesMax - end();
    }

    /** True when one more flow with these known {@code parts} fits. */
    public boolean hasRoomForFlow(boolean v6, int parts) {
        int block = v6 ? Flows6Encoder.FlowsEncoder.sbeBlockLength() : Flows4Encoder.FlowsEncoder.sbeBlockLength();
        return hasRoom(v6 ? FLOWS_6 : FLOWS_4, block + 2 + Parts.length(parts, v6));
    }

    /** True when one more delete fits. */
    public boolean hasRoomForDelete(boolean v6) {
        return v6
                ? hasRoom(DELETES_6, Deletes6Encoder.FlowsEncoder.sbeBlockLength())
                : hasRoom(DELETES_4, Deletes4Encoder.FlowsEncoder.sbeBlockLength());
    }

    /** The next IPv4 flow; set all its fields, then call {@link #ext}. */
    public Flows4Encoder.FlowsEncoder flow4() {
        if (open != FLOWS_4) {
            begin(FLOWS_4);
            flows4Group =
                    flows4.wrapAndApplyHeader(buffer, closedLength, header).flowsCount(COUNT_OPEN);
        }
        return flows4Group.next();
    }

    /** As {@link #flow4}, IPv6. */
    public Flows6Encoder.FlowsEncoder flow6() {
        if (open != FLOWS_6) {
            begin(FLOWS_6);
            flows6Group =
                    flows6.wrapAndApplyHeader(buffer, closedLength, header).flowsCount(COUNT_OPEN);
        }
        return flows6Group.next();
    }

    /**
     * Reserves the current flow's {@code ext} for {@code parts} (all known) and returns where in {@link #buffer()} it
     * begins; each part's composite is then to be written at {@link Parts#offset} from there.
     */
    public int ext(int parts) {
        boolean v6 = open == FLOWS_6;
        Check.that(v6 || open == FLOWS_4, "ext without a flow");
        Check.that((parts & ~Parts.KNOWN) == 0, "unknown parts", parts);
        int at = v6 ? flows6.limit() : flows4.limit();
        int length = Parts.length(parts, v6);
        buffer.putShort(at, (short) length, LITTLE_ENDIAN);
        if (v6) {
            flows6.limit(at + 2 + length);
        } else {
            flows4.limit(at + 2 + length);
        }
        return at + 2;
    }

    /** The next IPv4 flow that is gone; set all its fields. */
    public Deletes4Encoder.FlowsEncoder delete4() {
        if (open != DELETES_4) {
            begin(DELETES_4);
            deletes4Group =
                    deletes4.wrapAndApplyHeader(buffer, closedLength, header).flowsCount(COUNT_OPEN);
        }
        return deletes4Group.next();
    }

    /** As {@link #delete4}, IPv6. */
    public Deletes6Encoder.FlowsEncoder delete6() {
        if (open != DELETES_6) {
            begin(DELETES_6);
            deletes6Group =
                    deletes6.wrapAndApplyHeader(buffer, closedLength, header).flowsCount(COUNT_OPEN);
        }
        return deletes6Group.next();
    }

    /** Digests that fit into the rest of this payload. */
    public int digestsRoom() {
        return room(DigestsEncoder.BLOCK_LENGTH, DigestsEncoder.ValuesEncoder.sbeBlockLength());
    }

    /** Begins a message of {@code count} digests, at most {@link #digestsRoom}; set all of them. */
    public DigestsEncoder.ValuesEncoder digests(long round, int firstBucket, int bucketBits, int count) {
        Check.inRange(count, 1, digestsRoom(), "digests");
        close();
        DigestsEncoder.ValuesEncoder values = digests.wrapAndApplyHeader(buffer, closedLength, header)
                .round(round)
                .firstBucket(firstBucket)
                .bucketBits((short) bucketBits)
                .valuesCount(count);
        closedLength = digests.limit() + count * DigestsEncoder.ValuesEncoder.sbeBlockLength();
        return values;
    }

    /** Bucket numbers that fit into the rest of this payload. */
    public int bucketsRoom() {
        return room(BucketRequestEncoder.BLOCK_LENGTH, BucketRequestEncoder.BucketsEncoder.sbeBlockLength());
    }

    /** Begins a request of {@code count} buckets, at most {@link #bucketsRoom}; set all of them. */
    public BucketRequestEncoder.BucketsEncoder bucketRequest(long round, int count) {
        Check.inRange(count, 1, bucketsRoom(), "buckets");
        close();
        BucketRequestEncoder.BucketsEncoder buckets = bucketRequest
                .wrapAndApplyHeader(buffer, closedLength, header)
                .round(round)
                .bucketsCount(count);
        closedLength = bucketRequest.limit() + count * BucketRequestEncoder.BucketsEncoder.sbeBlockLength();
        return buckets;
    }

    // Each of these returns false when the message does not fit; then seal, reset and write it again.

    /** The fields of version 3 say nothing is known, until they are set in {@link #roundEndProof}. */
    public boolean roundEnd(long round, long flows) {
        if (!reserve(RoundEndEncoder.BLOCK_LENGTH)) {
            return false;
        }
        roundEnd.wrapAndApplyHeader(buffer, closedLength, header)
                .round(round)
                .flows(flows)
                .verify(0);
        unknown(roundEnd.kernelTable());
        none(roundEnd.repair());
        closedLength = roundEnd.limit();
        return true;
    }

    /** The message that {@link #roundEnd} wrote last, for its fields of version 3; until another is written. */
    public RoundEndEncoder roundEndProof() {
        return roundEnd;
    }

    public boolean bucketBegin(long round, int bucket) {
        if (!reserve(BucketBeginEncoder.BLOCK_LENGTH)) {
            return false;
        }
        bucketBegin
                .wrapAndApplyHeader(buffer, closedLength, header)
                .round(round)
                .bucket(bucket);
        closedLength = bucketBegin.limit();
        return true;
    }

    public boolean bucketEnd(long round, int bucket, long count, long digest) {
        if (!reserve(BucketEndEncoder.BLOCK_LENGTH)) {
            return false;
        }
        bucketEnd
                .wrapAndApplyHeader(buffer, closedLength, header)
                .round(round)
                .bucket(bucket)
                .count(count)
                .digest(digest);
        closedLength = bucketEnd.limit();
        return true;
    }

    public boolean barrier(long token, long capturedNs) {
        if (!reserve(BarrierEncoder.BLOCK_LENGTH)) {
            return false;
        }
        barrier.wrapAndApplyHeader(buffer, closedLength, header).token(token).capturedNs(capturedNs);
        closedLength = barrier.limit();
        return true;
    }

    public boolean hello(int bucketBits, WireReadiness readiness, long flows, long hashSeedTag) {
        if (!reserve(HelloEncoder.BLOCK_LENGTH)) {
            return false;
        }
        hello.wrapAndApplyHeader(buffer, closedLength, header)
                .wireVersion(HelloEncoder.SCHEMA_VERSION)
                .bucketBits((short) bucketBits)
                .readiness(readiness)
                .flows(flows)
                .hashSeedTag(hashSeedTag & 0xffff_ffffL);
        closedLength = hello.limit();
        return true;
    }

    /**
     * The mirror's progress; see the schema for the fields. Those of version 3 say nothing is known, until they are set in
     * {@link #ackProof}.
     */
    public boolean ack(
            long appliedFrame,
            long injectedFrame,
            long barrierToken,
            long injectQueue,
            long flows,
            long refused,
            WireReadiness readiness) {
        if (!reserve(AckEncoder.BLOCK_LENGTH)) {
            return false;
        }
        ack.wrapAndApplyHeader(buffer, closedLength, header)
                .appliedFrame(appliedFrame)
                .injectedFrame(injectedFrame)
                .barrierToken(barrierToken)
                .injectQueue(injectQueue)
                .flows(flows)
                .refused(refused)
                .readiness(readiness)
                .verifyAsked(0)
                .verified(0);
        unknown(ack.tableMirror());
        unknown(ack.mirrorKernel());
        none(ack.repair());
        closedLength = ack.limit();
        return true;
    }

    /** The message that {@link #ack} wrote last, for its fields of version 3; until another is written. */
    public AckEncoder ackProof() {
        return ack;
    }

    private static void unknown(ComparisonEncoder comparison) {
        comparison
                .compared(ComparisonEncoder.comparedNullValue())
                .differing(0)
                .ageMs(0)
                .equalForMs(0)
                .repaired(0);
    }

    private static void none(RepairNoteEncoder repair) {
        repair.number(0).flows(0).why((short) 0).agoMs(0);
    }

    /** Expectations that fit into the rest of this payload. */
    public int expectsRoom() {
        return room(0, ExpectsEncoder.EachEncoder.sbeBlockLength());
    }

    /** Begins a message of {@code count} expectations, at most {@link #expectsRoom}; set all of them. */
    public ExpectsEncoder.EachEncoder expects(int count) {
        Check.inRange(count, 1, expectsRoom(), "expectations");
        close();
        ExpectsEncoder.EachEncoder group =
                expects.wrapAndApplyHeader(buffer, closedLength, header).eachCount(count);
        closedLength = expects.limit() + count * ExpectsEncoder.EachEncoder.sbeBlockLength();
        return group;
    }

    public boolean expectDigest(long count, long digest) {
        if (!reserve(ExpectDigestEncoder.BLOCK_LENGTH)) {
            return false;
        }
        expectDigest
                .wrapAndApplyHeader(buffer, closedLength, header)
                .count(count)
                .digest(digest);
        closedLength = expectDigest.limit();
        return true;
    }

    public boolean expectRequest(long count, long digest) {
        if (!reserve(ExpectRequestEncoder.BLOCK_LENGTH)) {
            return false;
        }
        expectRequest
                .wrapAndApplyHeader(buffer, closedLength, header)
                .count(count)
                .digest(digest);
        closedLength = expectRequest.limit();
        return true;
    }

    public boolean expectSweep(boolean ends) {
        if (!reserve(ExpectSweepEncoder.BLOCK_LENGTH)) {
            return false;
        }
        expectSweep.wrapAndApplyHeader(buffer, closedLength, header).ends((short) (ends ? 1 : 0));
        closedLength = expectSweep.limit();
        return true;
    }

    private boolean hasRoom(int kind, int entryBytes) {
        return remaining() >= entryBytes + (open == kind ? 0 : GROUP_MESSAGE_BYTES);
    }

    private int room(int block, int entryBytes) {
        return Math.max(0, (remaining() - GROUP_MESSAGE_BYTES - block) / entryBytes);
    }

    private boolean reserve(int block) {
        if (remaining() < MessageHeaderEncoder.ENCODED_LENGTH + block) {
            return false;
        }
        close();
        return true;
    }

    private void begin(int kind) {
        close();
        open = kind;
    }

    private int end() {
        return switch (open) {
            case FLOWS_4 -> flows4.limit();
            case FLOWS_6 -> flows6.limit();
            case DELETES_4 -> deletes4.limit();
            case DELETES_6 -> deletes6.limit();
            default -> closedLength;
        };
    }

    private void close() {
        closedLength = end();
        switch (open) {
            case FLOWS_4 -> flows4Group.resetCountToIndex();
            case FLOWS_6 -> flows6Group.resetCountToIndex();
            case DELETES_4 -> deletes4Group.resetCountToIndex();
            case DELETES_6 -> deletes6Group.resetCountToIndex();
            default -> {}
        }
        open = NONE;
    }
}
