/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Receives many datagrams in one system call (recvmmsg(2)) into memory of its own. What {@link #receive} brought stays
 * valid until the next {@link #receive}. One thread at a time; nothing is allocated after construction.
 */
public final class RecvBatch implements AutoCloseable {
    private final MessageVector vector;

    /** Room for {@code messages} datagrams of up to {@code bytesEach} bytes. */
    public RecvBatch(int messages, int bytesEach) {
        this(messages, bytesEach, false);
    }

    /** As above; with {@code addresses}, the sender of each datagram is kept too, for a little more time per call. */
    public RecvBatch(int messages, int bytesEach, boolean addresses) {
        this.vector = new MessageVector(messages, bytesEach, addresses);
    }

    /**
     * Returns how many datagrams came, or {@code -errno}: {@code -EAGAIN} for none with {@link Const#MSG_DONTWAIT},
     * {@code -ENOBUFS} when a netlink socket overflowed. An error behind some datagrams is reported by the next call.
     */
    public int receive(int fd, int flags) {
        vector.prepareReceive();
        int received = Posix.recvmmsg(fd, vector.headers(), vector.messages(), flags);
        vector.used(Math.max(0, received));
        return received;
    }

    /** The memory that {@link #offset} and {@link #addressOffset} point into. */
    public UnsafeBuffer buffer() {
        return vector.buffer();
    }

    /** Where datagram {@code i} starts. */
    public int offset(int i) {
        return vector.offset(i);
    }

    /** The bytes of datagram {@code i} that are in the buffer. */
    public int length(int i) {
        return Math.min(vector.length(i), vector.bytesEach());
    }

    /** True when datagram {@code i} was longer than {@code bytesEach} and its end is lost. */
    public boolean truncated(int i) {
        return (vector.flags(i) & Const.MSG_TRUNC) != 0;
    }

    /** Where the sender's struct sockaddr of datagram {@code i} starts. */
    public int addressOffset(int i) {
        Check.that(vector.hasAddresses(), "made without addresses");
        return vector.addressOffset(i);
    }

    /** The length of the sender's struct sockaddr; 0 when the kernel gave none. */
    public int addressLength(int i) {
        Check.that(vector.hasAddresses(), "made without addresses");
        return vector.addressLength(i);
    }

    @Override
    public void close() {
        vector.close();
    }
}
