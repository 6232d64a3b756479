/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.engine.FixedSession;
import io.twinwall.engine.FlowMix;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.wire.DigestsEncoder;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.PayloadWriter;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** What a source says, payload by payload, as the opener hands them over. Made before the time is taken. */
final class Payloads {
    private static final int PAYLOAD_BYTES = FrameSealer.payloadBytesMax(FixedSession.FRAME_BYTES_MAX);
    private static final int PAYLOADS_MAX = 32;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(BufferUtil.allocateDirectAligned(PAYLOADS_MAX * PAYLOAD_BYTES, 64));
    private final int[] lengths = new int[PAYLOADS_MAX];
    private final PayloadWriter payload = new PayloadWriter(PAYLOAD_BYTES);
    private final FlowWriter writer = new FlowWriter(payload);
    private int count;

    void clear() {
        count = 0;
    }

    /** Adds the newest state of a flow. */
    void add(FlowImage image) {
        if (!writer.upsert(image, FlowMix.TIMEOUT_SECONDS)) {
            end();
            Check.that(writer.upsert(image, FlowMix.TIMEOUT_SECONDS), "no room in an empty payload");
        }
    }

    /** Adds a round: the digests of all of {@code table}'s buckets, and its end. */
    void addRound(FlowTable table) {
        int done = 0;
        while (done < table.buckets()) {
            int each = Math.min(payload.digestsRoom(), table.buckets() - done);
            DigestsEncoder.ValuesEncoder values = payload.digests(1, done, SyncConfig.DEFAULT_BUCKET_BITS, each);
            for (int i = 0; i < each; i++) {
                values.next().digest(table.digest(done + i));
            }
            done += each;
            end();
        }
        Check.that(payload.roundEnd(1, table.eligibleCount()), "no room in an empty payload");
        end();
    }

    /** Ends the payload under way. */
    void end() {
        lengths[count] = payload.length();
        buffer.putBytes(offset(count), payload.buffer(), 0, lengths[count]);
        payload.reset();
        count++;
    }

    int count() {
        return count;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int offset(int index) {
        return index * PAYLOAD_BYTES;
    }

    int length(int index) {
        return lengths[index];
    }

    /** Says all of it to {@code mirror}. */
    void tell(LoneMirror mirror) {
        for (int i = 0; i < count; i++) {
            Check.that(mirror.hear(buffer, offset(i), lengths[i]), "a payload is malformed", i);
        }
    }
}
