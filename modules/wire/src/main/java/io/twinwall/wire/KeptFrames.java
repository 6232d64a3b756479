/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The frames sent last, each behind its length, in a ring. Positions are of bytes and only rise; the frames from
 * {@link #begin} to {@link #end} are there. One thread; allocates nothing.
 */
final class KeptFrames {
    private static final int LENGTH = Integer.BYTES;

    private final UnsafeBuffer ring;
    private final int capacity;
    private final int frameBytesMax;
    private long begin;
    private long end;

    /** A {@code capacity} that is a power of two. */
    KeptFrames(int capacity, int frameBytesMax) {
        this.capacity = capacity;
        this.frameBytesMax = frameBytesMax;
        ring = new UnsafeBuffer(BufferUtil.allocateDirectAligned(capacity, 64));
    }

    long begin() {
        return begin;
    }

    long end() {
        return end;
    }

    /** Where the frame ends that begins at {@code position} and is so long. */
    static long after(long position, int length) {
        return position + LENGTH + length;
    }

    void forget() {
        begin = end;
    }

    void keep(DirectBuffer frame, int offset, int length) {
        while (after(end, length) - begin > capacity) {
            begin = after(begin, length(begin));
        }
        for (int i = 0; i < LENGTH; i++) {
            ring.putByte(at(end + i), (byte) (length >>> (8 * i)));
        }
        int from = at(end + LENGTH);
        int first = Math.min(length, capacity - from);
        ring.putBytes(from, frame, offset, first);
        ring.putBytes(0, frame, offset + first, length - first);
        end = after(end, length);
    }

    /** Copies the frame that begins at {@code position}; returns its length. */
    int copy(long position, UnsafeBuffer into) {
        int length = length(position);
        int from = at(position + LENGTH);
        int first = Math.min(length, capacity - from);
        into.putBytes(0, ring, from, first);
        into.putBytes(first, ring, 0, length - first);
        return length;
    }

    private int length(long position) {
        int length = 0;
        for (int i = 0; i < LENGTH; i++) {
            length |= (ring.getByte(at(position + i)) & 0xff) << (8 * i);
        }
        if (length <= 0 || length > frameBytesMax) {
            throw new BugError("length of a kept frame: " + length);
        }
        return length;
    }

    private int at(long position) {
        return (int) (position & (capacity - 1));
    }
}
