/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.NlConst.NFGENMSG_BYTES;
import static io.twinwall.netlink.NlConst.NLA_F_NESTED;
import static io.twinwall.netlink.NlConst.NLA_HDRLEN;
import static io.twinwall.netlink.NlConst.NLMSG_FLAGS_OFFSET;
import static io.twinwall.netlink.NlConst.NLMSG_HDRLEN;
import static io.twinwall.netlink.NlConst.NLMSG_LEN_OFFSET;
import static io.twinwall.netlink.NlConst.NLMSG_PID_OFFSET;
import static io.twinwall.netlink.NlConst.NLMSG_SEQ_OFFSET;
import static io.twinwall.netlink.NlConst.NLMSG_TYPE_OFFSET;

import io.twinwall.base.Check;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes netlink messages one after another into a buffer that the caller owns: {@link #wrap}, then for each message
 * {@link #begin}, its fixed header, its attributes, {@link #end}. One send may carry the whole batch.
 *
 * <pre>
 *   +--------------+----------------+------------------------+------------------------+----
 *   | nlmsghdr, 16 | family header  | nlattr, 4 | value, pad | nlattr, 4 | value, pad |  next message ...
 *   +--------------+----------------+------------------------+------------------------+----
 * </pre>
 *
 * Used by one thread at a time; allocates nothing. Writing past the wrapped length is a bug, never a silent overrun:
 * ask {@link #remaining} before {@link #begin}.
 */
public final class NlWriter {
    private MutableDirectBuffer buffer;
    private int start;
    private int limit;
    private int position;
    private int message = -1;
    private int messages;

    /** Starts an empty batch in {@code length} bytes of {@code buffer} at {@code offset}. */
    public NlWriter wrap(MutableDirectBuffer buffer, int offset, int length) {
        Check.that(
                offset >= 0 && length >= 0 && offset <= buffer.capacity() - length, "batch outside its buffer", length);
        this.buffer = buffer;
        this.start = offset;
        this.position = offset;
        this.limit = offset + length;
        this.message = -1;
        this.messages = 0;
        return this;
    }

    /** Forgets all messages written since {@link #wrap}. */
    public NlWriter reset() {
        position = start;
        message = -1;
        messages = 0;
        return this;
    }

    /** Begins a message: its {@code nlmsghdr}, with {@code nlmsg_pid} 0 (to the kernel). */
    public NlWriter begin(int type, int flags, int seq) {
        Check.that(message < 0, "begin within a message");
        int at = claim(NLMSG_HDRLEN);
        buffer.putInt(at + NLMSG_LEN_OFFSET, 0);
        buffer.putShort(at + NLMSG_TYPE_OFFSET, (short) type);
        buffer.putShort(at + NLMSG_FLAGS_OFFSET, (short) flags);
        buffer.putInt(at + NLMSG_SEQ_OFFSET, seq);
        buffer.putInt(at + NLMSG_PID_OFFSET, 0);
        message = at;
        return this;
    }

    /** Begins an nfnetlink message: {@code nlmsghdr} and {@code nfgenmsg}. */
    public NlWriter beginNf(int type, int flags, int seq, int family, int resId) {
        begin(type, flags, seq);
        int at = claim(NFGENMSG_BYTES);
        buffer.putByte(at, (byte) family);
        buffer.putByte(at + 1, (byte) NlConst.NFNETLINK_V0);
        buffer.putShort(at + 2, (short) resId, ByteOrder.BIG_ENDIAN);
        return this;
    }

    /** Claims {@code bytes} (rounded up to 4) of zeroed fixed header and returns their offset in the buffer. */
    public int header(int bytes) {
        Check.that(message >= 0, "header outside a message");
        int at = claim(NlConst.align(bytes));
        buffer.setMemory(at, NlConst.align(bytes), (byte) 0);
        return at;
    }

    public NlWriter putU8(int attr, int value) {
        buffer.putByte(attribute(attr, 1), (byte) value);
        return this;
    }

    public NlWriter putU16be(int attr, int value) {
        buffer.putShort(attribute(attr, 2), (short) value, ByteOrder.BIG_ENDIAN);
        return this;
    }

    public NlWriter putU32be(int attr, int value) {
        buffer.putInt(attribute(attr, 4), value, ByteOrder.BIG_ENDIAN);
        return this;
    }

    public NlWriter putU64be(int attr, long value) {
        buffer.putLong(attribute(attr, 8), value, ByteOrder.BIG_ENDIAN);
        return this;
    }

    /** A 16-bit value in host order. */
    public NlWriter putU16(int attr, int value) {
        buffer.putShort(attribute(attr, 2), (short) value);
        return this;
    }

    /** A 32-bit value in host order. */
    public NlWriter putU32(int attr, int value) {
        buffer.putInt(attribute(attr, 4), value);
        return this;
    }

    public NlWriter putBytes(int attr, DirectBuffer source, int offset, int length) {
        buffer.putBytes(attribute(attr, length), source, offset, length);
        return this;
    }

    public NlWriter putBytes(int attr, byte[] source) {
        buffer.putBytes(attribute(attr, source.length), source);
        return this;
    }

    /** Attributes back to back that were read before, with their headers and padding. */
    public NlWriter putRun(byte[] attributes) {
        Check.that(attributes.length == NlConst.align(attributes.length), "a run of attributes ends unaligned");
        int at = claim(attributes.length);
        buffer.putBytes(at, attributes);
        return this;
    }

    /** ASCII with a closing NUL, as the kernel's {@code NLA_NUL_STRING}. */
    public NlWriter putString(int attr, String value) {
        int at = attribute(attr, value.length() + 1);
        buffer.putStringWithoutLengthAscii(at, value);
        buffer.putByte(at + value.length(), (byte) 0);
        return this;
    }

    /** The {@code length} bytes at {@code offset}, with a closing NUL. */
    public NlWriter putString(int attr, DirectBuffer source, int offset, int length) {
        int at = attribute(attr, length + 1);
        buffer.putBytes(at, source, offset, length);
        buffer.putByte(at + length, (byte) 0);
        return this;
    }

    /** Opens a nested attribute; hand the returned mark to {@link #nestEnd}. */
    public int nestBegin(int attr) {
        return attribute(attr | NLA_F_NESTED, 0) - NLA_HDRLEN;
    }

    public NlWriter nestEnd(int mark) {
        Check.that(mark >= message && mark <= position - NLA_HDRLEN, "not a nest of this message", mark);
        int length = position - mark;
        Check.that(length <= 0xffff, "nested attribute too long", length);
        buffer.putShort(mark, (short) length);
        return this;
    }

    /** Ends the message and returns its length in bytes. */
    public int end() {
        Check.that(message >= 0, "end outside a message");
        int length = position - message;
        buffer.putInt(message + NLMSG_LEN_OFFSET, length);
        message = -1;
        messages++;
        return length;
    }

    /** Drops the message that was begun and not ended. */
    public NlWriter abandon() {
        Check.that(message >= 0, "abandon outside a message");
        position = message;
        message = -1;
        return this;
    }

    /** Adds {@code flags} (say {@code NLM_F_ACK}) to the message that starts at {@code messageOffset} of the buffer. */
    public NlWriter addFlags(int messageOffset, int flags) {
        int at = messageOffset + NLMSG_FLAGS_OFFSET;
        buffer.putShort(at, (short) (buffer.getShort(at) | flags));
        return this;
    }

    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Offset of the first message in the buffer. */
    public int offset() {
        return start;
    }

    /** Offset in the buffer at which the next byte goes. */
    public int position() {
        return position;
    }

    /** Bytes of the batch so far. */
    public int length() {
        return position - start;
    }

    /** Bytes that still fit. */
    public int remaining() {
        return limit - position;
    }

    /** Messages ended so far. */
    public int messages() {
        return messages;
    }

    private int attribute(int type, int valueBytes) {
        Check.that(message >= 0, "attribute outside a message", type);
        Check.that(valueBytes <= 0xffff - NLA_HDRLEN, "attribute too long", valueBytes);
        int padded = NlConst.align(valueBytes);
        int at = claim(NLA_HDRLEN + padded);
        buffer.putShort(at, (short) (NLA_HDRLEN + valueBytes));
        buffer.putShort(at + 2, (short) type);
        if (padded != valueBytes) {
            // Padding travels to the kernel: never with the bytes of an earlier message in it.
            buffer.putInt(at + padded, 0);
        }
        return at + NLA_HDRLEN;
    }

    private int claim(int bytes) {
        int at = position;
        Check.that(bytes <= limit - at, "netlink batch too small for bytes", bytes);
        position = at + bytes;
        return at;
    }
}
