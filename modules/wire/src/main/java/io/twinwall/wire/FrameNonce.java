/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import java.nio.ByteOrder;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The nonce of a frame: four zero bytes, then its number, big endian. A key belongs to one session and direction, in
 * which numbers only rise, so no nonce comes twice. One for each cipher; one thread.
 */
final class FrameNonce {
    private final UnsafeBuffer nonce = new UnsafeBuffer(BufferUtil.allocateDirectAligned(16, 16));

    /** The nonce at offset 0, until the next call. */
    UnsafeBuffer of(long frameNumber) {
        nonce.putLong(4, frameNumber, ByteOrder.BIG_ENDIAN);
        return nonce;
    }
}
