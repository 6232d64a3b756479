/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.NlConst.NLA_HDRLEN;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;

/**
 * Walks a run of attributes: those of a message, or, with {@link #wrapNested}, those inside one. Order and alignment are
 * the sender's business; an attribute whose length lies ends the walk, and a value shorter than asked for reads as 0;
 * both are told by {@link #error}, none throws. Used by one thread; allocates nothing but in {@link #string} and {@link
 * #bytes}.
 */
public final class NlAttrs {
    public static final int OK = 0;

    /** An attribute's length is smaller than its header. */
    public static final int SHORT_LENGTH = 1;

    /** An attribute's length goes past what holds it. */
    public static final int LONG_LENGTH = 2;

    /** A value was shorter than the type asked for. */
    public static final int SHORT_VALUE = 3;

    private DirectBuffer buffer;
    private int position;
    private int limit;
    private int type;
    private int valueOffset;
    private int valueLength;
    private int error;

    /** Walks the {@code length} bytes at {@code offset}; a run outside the buffer is empty, with an error. */
    public NlAttrs wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.position = offset;
        this.limit = offset + length;
        this.type = 0;
        this.valueOffset = offset;
        this.valueLength = 0;
        this.error = OK;
        if (offset < 0 || length < 0 || offset > buffer.capacity() - length) {
            this.limit = offset;
            this.error = LONG_LENGTH;
        }
        return this;
    }

    /** Walks the attributes of {@code message} behind {@code headerBytes} of fixed header. */
    public NlAttrs wrap(NlReader message, int headerBytes) {
        int skip = NlConst.align(headerBytes);
        return wrap(message.buffer(), message.payloadOffset() + skip, message.payloadLength() - skip);
    }

    /** Walks the attributes inside the one that {@code outer} stands at; {@code outer} keeps its place. */
    public NlAttrs wrapNested(NlAttrs outer) {
        return wrap(outer.buffer, outer.valueOffset, outer.valueLength);
    }

    /** Steps to the next attribute; false at the end, or at one whose length lies (then {@link #error} tells). */
    public boolean next() {
        int left = limit - position;
        if (left < NLA_HDRLEN) {
            // Up to three bytes of padding may follow the last attribute; the kernel ignores them too.
            return false;
        }
        int claimed = buffer.getShort(position) & 0xffff;
        if (claimed < NLA_HDRLEN || claimed > left) {
            error = claimed < NLA_HDRLEN ? SHORT_LENGTH : LONG_LENGTH;
            position = limit;
            return false;
        }
        type = buffer.getShort(position + 2) & NlConst.NLA_TYPE_MASK;
        valueOffset = position + NLA_HDRLEN;
        valueLength = claimed - NLA_HDRLEN;
        position += Math.min(left, NlConst.align(claimed));
        return true;
    }

    /** {@link #OK}, or the last thing found wrong. */
    public int error() {
        return error;
    }

    public DirectBuffer buffer() {
        return buffer;
    }

    /** The attribute's type without the {@code NLA_F_*} bits. */
    public int type() {
        return type;
    }

    public int valueOffset() {
        return valueOffset;
    }

    public int valueLength() {
        return valueLength;
    }

    public int u8() {
        return has(1) ? buffer.getByte(valueOffset) & 0xff : 0;
    }

    public int u16be() {
        return has(2) ? buffer.getShort(valueOffset, ByteOrder.BIG_ENDIAN) & 0xffff : 0;
    }

    public int u32be() {
        return has(4) ? buffer.getInt(valueOffset, ByteOrder.BIG_ENDIAN) : 0;
    }

    public long u64be() {
        return has(8) ? buffer.getLong(valueOffset, ByteOrder.BIG_ENDIAN) : 0;
    }

    /** A 16-bit value in host order. */
    public int u16() {
        return has(2) ? buffer.getShort(valueOffset) & 0xffff : 0;
    }

    /** A 32-bit value in host order. */
    public int u32() {
        return has(4) ? buffer.getInt(valueOffset) : 0;
    }

    /** Bytes of the text before its NUL, or of the whole value when it has none. */
    public int stringLength() {
        int end = valueOffset;
        while (end < valueOffset + valueLength && buffer.getByte(end) != 0) {
            end++;
        }
        return end - valueOffset;
    }

    /** The value as text up to its NUL. Allocates: for the control plane. */
    public String string() {
        return buffer.getStringWithoutLengthUtf8(valueOffset, stringLength());
    }

    /** A copy of the value. Allocates: for the control plane. */
    public byte[] bytes() {
        byte[] copy = new byte[valueLength];
        buffer.getBytes(valueOffset, copy);
        return copy;
    }

    private boolean has(int bytes) {
        if (valueLength >= bytes) {
            return true;
        }
        error = SHORT_VALUE;
        return false;
    }
}
