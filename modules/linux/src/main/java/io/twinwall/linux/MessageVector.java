/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The memory of recvmmsg(2) and sendmmsg(2), in one mapping whose pointers are set once, at construction:
 *
 * <pre>
 *   | mmsghdr x n | iovec x n | sockaddr (32 bytes) x n | payload x n, each 64-byte aligned |
 *
 *   struct mmsghdr                         struct iovec
 *    0  msg_name        8                   0  iov_base  8
 *    8  msg_namelen     4 (+4)              8  iov_len   8
 *   16  msg_iov         8
 *   24  msg_iovlen      8
 *   32  msg_control     8
 *   40  msg_controllen  8
 *   48  msg_flags       4 (+4)
 *   56  msg_len         4 (+4)
 * </pre>
 */
final class MessageVector implements AutoCloseable {
    static final int MMSGHDR_BYTES = 64;
    static final int MSG_NAME_OFFSET = 0;
    static final int MSG_NAMELEN_OFFSET = 8;
    static final int MSG_IOV_OFFSET = 16;
    static final int MSG_IOVLEN_OFFSET = 24;
    static final int MSG_FLAGS_OFFSET = 48;
    static final int MSG_LEN_OFFSET = 56;
    static final int IOVEC_BYTES = 16;
    static final int IOV_LEN_OFFSET = 8;
    /** Holds every sockaddr this project speaks: in6 is 28 bytes, ll 20, in 16, nl 12. */
    static final int ADDRESS_BYTES = 32;

    private static final int PAYLOAD_ALIGNMENT = 64;

    private final int messages;
    private final int bytesEach;
    private final boolean hasAddresses;
    private final int iovecs;
    private final int addresses;
    private final int payloads;
    private final int stride;
    private final AnonymousMapping mapping = new AnonymousMapping();
    private final UnsafeBuffer buffer;
    private int used;

    MessageVector(int messages, int bytesEach, boolean hasAddresses) {
        Check.inRange(messages, 1, 1024, "messages (UIO_MAXIOV)");
        Check.inRange(bytesEach, 1, 1 << 20, "bytes of one message");
        this.messages = messages;
        this.bytesEach = bytesEach;
        this.hasAddresses = hasAddresses;
        this.iovecs = messages * MMSGHDR_BYTES;
        this.addresses = iovecs + messages * IOVEC_BYTES;
        this.payloads = align(addresses + messages * ADDRESS_BYTES);
        this.stride = align(bytesEach);
        this.buffer = mapping.map(payloads + (long) messages * stride);
        for (int i = 0; i < messages; i++) {
            link(i);
        }
    }

    private void link(int i) {
        long base = buffer.addressOffset();
        int header = i * MMSGHDR_BYTES;
        int iovec = iovecs + i * IOVEC_BYTES;
        buffer.putLong(iovec, base + offset(i));
        buffer.putLong(iovec + IOV_LEN_OFFSET, bytesEach);
        buffer.putLong(header + MSG_IOV_OFFSET, base + iovec);
        buffer.putLong(header + MSG_IOVLEN_OFFSET, 1);
        if (hasAddresses) {
            buffer.putLong(header + MSG_NAME_OFFSET, base + addressOffset(i));
            buffer.putInt(header + MSG_NAMELEN_OFFSET, ADDRESS_BYTES);
        }
    }

    /** The kernel overwrote the address lengths of the messages it filled: back to the room there is. */
    void prepareReceive() {
        if (hasAddresses) {
            for (int i = 0; i < used; i++) {
                buffer.putInt(i * MMSGHDR_BYTES + MSG_NAMELEN_OFFSET, ADDRESS_BYTES);
            }
        }
    }

    void used(int count) {
        used = count;
    }

    long headers() {
        return buffer.addressOffset();
    }

    int messages() {
        return messages;
    }

    int bytesEach() {
        return bytesEach;
    }

    boolean hasAddresses() {
        return hasAddresses;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int offset(int i) {
        return payloads + i * stride;
    }

    int addressOffset(int i) {
        return addresses + i * ADDRESS_BYTES;
    }

    int addressLength(int i) {
        return buffer.getInt(i * MMSGHDR_BYTES + MSG_NAMELEN_OFFSET);
    }

    int length(int i) {
        return buffer.getInt(i * MMSGHDR_BYTES + MSG_LEN_OFFSET);
    }

    int flags(int i) {
        return buffer.getInt(i * MMSGHDR_BYTES + MSG_FLAGS_OFFSET);
    }

    /** To send: how many bytes of the payload to take. */
    void length(int i, int bytes) {
        buffer.putLong(iovecs + i * IOVEC_BYTES + IOV_LEN_OFFSET, bytes);
    }

    /** To send: the length of the address written at {@link #addressOffset}; 0 sends where the socket is connected. */
    void destination(int i, int addressLength) {
        int header = i * MMSGHDR_BYTES;
        buffer.putLong(header + MSG_NAME_OFFSET, addressLength == 0 ? 0 : buffer.addressOffset() + addressOffset(i));
        buffer.putInt(header + MSG_NAMELEN_OFFSET, addressLength);
    }

    @Override
    public void close() {
        mapping.close();
    }

    private static int align(int bytes) {
        return (bytes + PAYLOAD_ALIGNMENT - 1) & -PAYLOAD_ALIGNMENT;
    }
}
