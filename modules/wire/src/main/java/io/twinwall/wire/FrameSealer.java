/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.linux.AesGcm;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Makes frames of payloads: clear header, ciphertext, tag (drawn in the schema). The frame's number is the nonce, so a
 * session has one sealer, which lives as long as the session: {@link SessionKeys} gives its sending key away once.
 * A frame that the link would not take yet may be offered again, unchanged; a payload sealed twice is two frames.
 * Used by one thread; owns its buffer; allocates nothing per frame.
 */
public final class FrameSealer implements AutoCloseable {
    /** What a frame adds to its payload. */
    public static final int OVERHEAD_BYTES = FrameHeaderEncoder.ENCODED_LENGTH + AesGcm.TAG_BYTES;

    static final int FRAME_VERSION = 1;
    static final int HEADER_BYTES = FrameHeaderEncoder.ENCODED_LENGTH;

    private final UnsafeBuffer buffer;
    private final FrameHeaderEncoder header = new FrameHeaderEncoder();
    private final FrameNonce nonce = new FrameNonce();
    private AesGcm cipher;
    private int keyId;
    private long sendTag;
    private long frameNumber;

    /** @param frameBytesMax the link's {@link Link#frameBytesMax} */
    public FrameSealer(SessionKeys keys, int frameBytesMax) {
        buffer = new UnsafeBuffer(BufferUtil.allocateDirectAligned(frameBytesMax, 64));
        take(keys);
        LinkIdentity identity = keys.identity();
        header.wrap(buffer, 0)
                .version((short) FRAME_VERSION)
                .clusterId((short) identity.clusterId())
                .nodeId((short) identity.nodeId())
                .peerId((short) identity.peerId())
                .flags(0);
    }

    private void take(SessionKeys keys) {
        cipher = keys.takeSendCipher();
        keyId = keys.keyId();
        sendTag = keys.sendTag();
    }

    /** Seals from the next frame on with keys of the same session under another cluster key; the numbers go on. */
    public void rekey(SessionKeys keys) {
        cipher.close();
        take(keys);
    }

    /** Room for payload in a frame of {@code frameBytesMax}. */
    public static int payloadBytesMax(int frameBytesMax) {
        return frameBytesMax - OVERHEAD_BYTES;
    }

    /**
     * Seals {@code [offset, offset + length)} of {@code payload}; the frame is {@code [0, returned)} of
     * {@link #buffer()}, until the next call.
     */
    public int seal(FrameKind kind, long term, DirectBuffer payload, int offset, int length) {
        Check.that(length > 0 && length <= buffer.capacity() - OVERHEAD_BYTES, "payload length", length);
        frameNumber++;
        header.kind((short) kind.code())
                .keyId((short) keyId)
                .term(term)
                .frameNumber(frameNumber)
                .sessionTag(sendTag);
        buffer.putBytes(HEADER_BYTES, payload, offset, length);
        cipher.seal(nonce.of(frameNumber), 0, buffer, 0, HEADER_BYTES, buffer, HEADER_BYTES, length);
        return OVERHEAD_BYTES + length;
    }

    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Number of the last frame sealed, 0: none yet. */
    public long frameNumber() {
        return frameNumber;
    }

    @Override
    public void close() {
        cipher.close();
    }
}
