/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.linux.AesGcm;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Opens the frames of one session. Whatever is not exactly that is refused and counted by reason: first by what the
 * clear header says, which costs little and proves nothing, then by the tag, which proves it. Frames only ever go
 * forward; a number left out is a gap, which the caller is told of. Used by one thread; copies the frame into a
 * buffer of its own (the link's memory is not ours to write); allocates nothing per frame.
 */
public final class FrameOpener implements AutoCloseable {
    /** Returned by {@link #open} for a frame that was not taken. */
    public static final int REFUSED = -1;

    private final UnsafeBuffer buffer;
    private final UnsafeBuffer payload = new UnsafeBuffer(0, 0);
    private final FrameHeaderDecoder header = new FrameHeaderDecoder();
    private final FrameKind[] kinds = FrameKind.values();
    private final FrameCounters counters;
    private final LinkIdentity identity;
    private final FrameNonce nonce = new FrameNonce();
    private Key key;
    /** While the cluster key is being rolled: the peer may seal under either. */
    private Key other;

    private AesGcm cipher;
    private long termMin;
    private long frameNumber;
    private long term;
    private long gap;
    private FrameKind kind = FrameKind.STATE;
    private RefuseReason lastRefusal;

    public FrameOpener(SessionKeys keys, int frameBytesMax, FrameCounters counters) {
        this.buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(frameBytesMax, 64));
        this.counters = counters;
        this.identity = keys.identity();
        key = Key.of(keys);
        header.wrap(buffer, 0);
    }

    private record Key(int id, long sessionTag, AesGcm cipher) {
        static Key of(SessionKeys keys) {
            return new Key(keys.keyId(), keys.receiveTag(), keys.receiveCipher());
        }
    }

    /** From now on frames under these keys, of the same session, are opened too. */
    public void accept(SessionKeys keys) {
        Check.that(keys.keyId() != key.id(), "the key there is", keys.keyId());
        closeOther();
        other = Key.of(keys);
    }

    /** From now on only frames under key {@code keyId} are opened. */
    public void acceptOnly(int keyId) {
        if (other != null && other.id() == keyId) {
            Key old = key;
            key = other;
            other = old;
        }
        closeOther();
    }

    private void closeOther() {
        if (other != null) {
            other.cipher().close();
            other = null;
        }
    }

    /** From now on frames of a term older than this are refused. Never falls. */
    public void termMin(long newTermMin) {
        termMin = Math.max(termMin, newTermMin);
    }

    /**
     * Opens one frame.
     *
     * @return length of the payload, which is {@code [0, returned)} of {@link #payload()} until the next call; or
     *     {@link #REFUSED}, with the reason in {@link #lastRefusal()}
     */
    public int open(DirectBuffer frame, int offset, int length) {
        if (length < FrameSealer.OVERHEAD_BYTES) {
            return refuse(RefuseReason.TRUNCATED);
        }
        if (length > buffer.capacity()) {
            return refuse(RefuseReason.TOO_LONG);
        }
        buffer.putBytes(0, frame, offset, length);
        RefuseReason reason = judgeHeader();
        if (reason != null) {
            return refuse(reason);
        }
        long number = header.frameNumber();
        int headerBytes = FrameSealer.HEADER_BYTES;
        int textBytes =
                cipher.open(nonce.of(number), 0, buffer, 0, headerBytes, buffer, headerBytes, length - headerBytes);
        if (textBytes == AesGcm.BAD_TAG) {
            return refuse(RefuseReason.TAG);
        }
        accept(number, textBytes);
        return textBytes;
    }

    private RefuseReason judgeHeader() {
        if (header.version() != FrameSealer.FRAME_VERSION) {
            return RefuseReason.VERSION;
        }
        if (header.clusterId() != identity.clusterId()) {
            return RefuseReason.CLUSTER;
        }
        if (header.nodeId() != identity.peerId() || header.peerId() != identity.nodeId()) {
            return RefuseReason.NODE;
        }
        Key used = header.keyId() == key.id() ? key : other;
        if (used == null || header.keyId() != used.id()) {
            return RefuseReason.KEY_ID;
        }
        cipher = used.cipher();
        if (header.kind() < 1 || header.kind() > kinds.length) {
            return RefuseReason.KIND;
        }
        if (header.sessionTag() != used.sessionTag()) {
            return RefuseReason.SESSION;
        }
        if (header.frameNumber() <= frameNumber) {
            return RefuseReason.REPLAY;
        }
        return header.term() < termMin ? RefuseReason.TERM_OLD : null;
    }

    private void accept(long number, int textBytes) {
        gap = number - frameNumber - 1;
        if (gap > 0) {
            counters.gaps.increment();
            counters.missed.add(gap);
        }
        frameNumber = number;
        term = header.term();
        kind = kinds[header.kind() - 1];
        payload.wrap(buffer, FrameSealer.HEADER_BYTES, textBytes);
        counters.opened.increment();
    }

    private int refuse(RefuseReason reason) {
        lastRefusal = reason;
        counters.refused.count(reason);
        return REFUSED;
    }

    /** The last opened payload. */
    public UnsafeBuffer payload() {
        return payload;
    }

    /** Kind of the last opened frame. */
    public FrameKind kind() {
        return kind;
    }

    /** The sender's term in the last opened frame. */
    public long term() {
        return term;
    }

    /** Number of the last opened frame, 0: none yet. */
    public long frameNumber() {
        return frameNumber;
    }

    /** How many frames were missing right before the last opened one; 0 is the rule. */
    public long gap() {
        return gap;
    }

    /** Why the last refused frame was refused; null when none was. */
    public RefuseReason lastRefusal() {
        return lastRefusal;
    }

    @Override
    public void close() {
        closeOther();
        key.cipher().close();
    }
}
