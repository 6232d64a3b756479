/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Check;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Frames on a line that carries single bytes, may lose some and invent others. Consistent overhead byte stuffing (Cheshire and
 * Baker, "Consistent Overhead Byte Stuffing", 1999) keeps 0 out of a frame's inside, so that a 0 is always the end of one: whatever
 * came before, the next frame is read. The length tells cut frames without asking the authentication, whose business the rest
 * is.
 *
 * <pre>
 *   0   1                                    n
 *   | 0 | stuffed: length, 2 bytes | payload | 0 |
 * </pre>
 */
final class SerialFraming {
    static final int PAYLOAD_MAX = 512;

    private static final int LENGTH_BYTES = 2;
    private static final int PLAIN_MAX = LENGTH_BYTES + PAYLOAD_MAX;
    private static final int BLOCK_MAX = 254;
    /** Longest frame. */
    static final int FRAME_MAX = 2 + PLAIN_MAX + PLAIN_MAX / BLOCK_MAX + 1;

    private SerialFraming() {}

    /** Writes a frame around {@code from[0..length)} to the start of {@code to}; returns its length. */
    static int encode(DirectBuffer from, int length, UnsafeBuffer to) {
        Check.inRange(length, 1, PAYLOAD_MAX, "payload of a serial frame");
        to.putByte(0, (byte) 0);
        int code = 1;
        int at = 2;
        for (int i = 0; i < LENGTH_BYTES + length; i++) {
            byte plain = i < LENGTH_BYTES ? (byte) (length >>> (8 * i)) : from.getByte(i - LENGTH_BYTES);
            if (plain != 0) {
                to.putByte(at++, plain);
            }
            if (plain == 0 || at - code > BLOCK_MAX) {
                to.putByte(code, (byte) (at - code));
                code = at++;
            }
        }
        to.putByte(code, (byte) (at - code));
        to.putByte(at++, (byte) 0);
        return at;
    }

    /** Finds frames in what a line brings. One thread; allocates nothing after construction. */
    static final class Decoder {
        private final UnsafeBuffer frame = new UnsafeBuffer(new byte[PLAIN_MAX]);
        private int at;
        private int blockLeft;
        private boolean zeroAfterBlock;
        private boolean broken;
        private boolean begun;
        private long damaged;

        /** Takes the next byte; true when it completes a frame, which is valid until the next byte is taken. */
        boolean take(byte next) {
            if (next == 0) {
                boolean complete = begun && !broken && blockLeft == 0 && lengthIsRight();
                if (begun && !complete) {
                    damaged++;
                }
                blockLeft = 0;
                zeroAfterBlock = false;
                broken = false;
                begun = false;
                return complete;
            }
            if (!begun) {
                begun = true;
                at = 0;
            }
            if (!broken) {
                unstuff(next);
            }
            return false;
        }

        private void unstuff(byte next) {
            if (blockLeft > 0) {
                blockLeft--;
                put(next);
                return;
            }
            if (zeroAfterBlock) {
                put((byte) 0);
            }
            int code = Byte.toUnsignedInt(next);
            blockLeft = code - 1;
            zeroAfterBlock = code <= BLOCK_MAX;
        }

        private void put(byte plain) {
            if (at == PLAIN_MAX) {
                broken = true;
                return;
            }
            frame.putByte(at++, plain);
        }

        private boolean lengthIsRight() {
            return at > LENGTH_BYTES
                    && at - LENGTH_BYTES
                            == (Byte.toUnsignedInt(frame.getByte(0)) | Byte.toUnsignedInt(frame.getByte(1)) << 8);
        }

        /** Copies the frame's payload to the start of {@code to}; returns its length. */
        int payload(UnsafeBuffer to) {
            to.putBytes(0, frame, LENGTH_BYTES, at - LENGTH_BYTES);
            return at - LENGTH_BYTES;
        }

        /** Frames, or noise between two of them, that were thrown away so far. */
        long damaged() {
            return damaged;
        }

        /** Forgets a frame under way: the line begins anew. */
        void reset() {
            blockLeft = 0;
            zeroAfterBlock = false;
            broken = false;
            begun = false;
        }
    }
}
