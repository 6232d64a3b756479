/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.NlConst.NLMSG_HDRLEN;

import org.agrona.DirectBuffer;

/**
 * Walks the messages of one received datagram. Every offset is checked against the datagram before it is read: a
 * message that lies ends the walk with {@link #error}, and never throws. Used by one thread; allocates nothing; valid as
 * long as the buffer's bytes are.
 */
public final class NlReader {
    /** No error: the datagram ended where its last message did. */
    public static final int OK = 0;

    /** Fewer bytes are left than a header has. */
    public static final int TRUNCATED_HEADER = 1;

    /** A message's length is smaller than its header. */
    public static final int SHORT_LENGTH = 2;

    /** A message's length goes past the datagram. */
    public static final int LONG_LENGTH = 3;

    private DirectBuffer buffer;
    private int position;
    private int limit;
    private int offset;
    private int length;
    private int error;

    public NlReader wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.position = offset;
        this.limit = offset + length;
        this.offset = offset;
        this.length = 0;
        this.error = OK;
        if (offset < 0 || length < 0 || offset > buffer.capacity() - length) {
            this.limit = offset;
            this.error = LONG_LENGTH;
        }
        return this;
    }

    /** Steps to the next message; false at the end, or at a malformed one (then {@link #error} is not {@link #OK}). */
    public boolean next() {
        int left = limit - position;
        if (left <= 0) {
            return false;
        }
        if (left < NLMSG_HDRLEN) {
            return fail(TRUNCATED_HEADER);
        }
        int claimed = buffer.getInt(position + NlConst.NLMSG_LEN_OFFSET);
        if (claimed < NLMSG_HDRLEN) {
            return fail(claimed < 0 ? LONG_LENGTH : SHORT_LENGTH);
        }
        if (claimed > left) {
            return fail(LONG_LENGTH);
        }
        offset = position;
        length = claimed;
        position = claimed > left - NlConst.NLMSG_ALIGNTO ? limit : position + NlConst.align(claimed);
        return true;
    }

    /** {@link #OK}, or why the walk ended early. */
    public int error() {
        return error;
    }

    public DirectBuffer buffer() {
        return buffer;
    }

    /** Offset of this message's {@code nlmsghdr} in the buffer. */
    public int offset() {
        return offset;
    }

    /** This message's length with its header: {@code nlmsg_len}. */
    public int length() {
        return length;
    }

    /** Offset of what follows the {@code nlmsghdr}. */
    public int payloadOffset() {
        return offset + NLMSG_HDRLEN;
    }

    public int payloadLength() {
        return length - NLMSG_HDRLEN;
    }

    public int type() {
        return buffer.getShort(offset + NlConst.NLMSG_TYPE_OFFSET) & 0xffff;
    }

    public int flags() {
        return buffer.getShort(offset + NlConst.NLMSG_FLAGS_OFFSET) & 0xffff;
    }

    public int seq() {
        return buffer.getInt(offset + NlConst.NLMSG_SEQ_OFFSET);
    }

    /** {@code nlmsg_pid}: 0 for what the kernel did by itself, else the port id of the socket that asked for it. */
    public int portId() {
        return buffer.getInt(offset + NlConst.NLMSG_PID_OFFSET);
    }

    private boolean fail(int why) {
        error = why;
        position = limit;
        return false;
    }
}
