/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends many datagrams in one system call (sendmmsg(2)) from memory of its own: fill {@link #buffer} at {@link
 * #offset}, say {@link #length(int, int)}, optionally {@link #destination}, then {@link #send}. Lengths and destinations stay until
 * changed, so a repeated train of packets costs one call. One thread at a time; nothing is allocated after
 * construction.
 */
public final class SendBatch implements AutoCloseable {
    private final MessageVector vector;

    /** Room for {@code messages} datagrams of up to {@code bytesEach} bytes. */
    public SendBatch(int messages, int bytesEach) {
        this.vector = new MessageVector(messages, bytesEach, true);
        for (int i = 0; i < messages; i++) {
            vector.length(i, 0);
            vector.destination(i, 0);
        }
    }

    public int messages() {
        return vector.messages();
    }

    public UnsafeBuffer buffer() {
        return vector.buffer();
    }

    /** Where datagram {@code i} starts in {@link #buffer}. */
    public int offset(int i) {
        return vector.offset(i);
    }

    /** Sets how many bytes datagram {@code i} has. */
    public void length(int i, int bytes) {
        Check.inRange(bytes, 0, vector.bytesEach(), "datagram bytes");
        vector.length(i, bytes);
    }

    /** Sets the struct sockaddr that datagram {@code i} goes to; length 0: to where the socket is connected. */
    public void destination(int i, DirectBuffer address, int offset, int length) {
        Check.inRange(length, 0, MessageVector.ADDRESS_BYTES, "sockaddr bytes");
        vector.buffer().putBytes(vector.addressOffset(i), address, offset, length);
        vector.destination(i, length);
    }

    /** Sends datagrams {@code 0..count-1}; returns how many went, or {@code -errno} when the first did not. */
    public int send(int fd, int count, int flags) {
        return send(fd, 0, count, flags);
    }

    /** Sends datagrams {@code from..from+count-1}, to go on after a partial {@link #send}. */
    public int send(int fd, int from, int count, int flags) {
        Check.that(from >= 0 && count >= 0 && from + count <= vector.messages(), "no such datagrams", count);
        return Posix.sendmmsg(fd, vector.headers() + (long) from * MessageVector.MMSGHDR_BYTES, count, flags);
    }

    @Override
    public void close() {
        vector.close();
    }
}
