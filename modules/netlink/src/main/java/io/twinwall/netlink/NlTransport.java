/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.linux.Errno;
import io.twinwall.linux.SocketFilter;
import org.agrona.DirectBuffer;

/**
 * The port between the codecs and a kernel: {@link NlSocket} is the real one, {@link ScriptedKernel} makes them for tests
 * without privilege. Used by one thread at a time; nothing is allocated by {@link #send} and {@link #poll}. Numbers below
 * 0 are {@code -errno}.
 */
public interface NlTransport extends AutoCloseable {
    /** This end's port id: {@code nlmsg_pid} of what the kernel does at its request. */
    int portId();

    /** Joins the multicast group {@code NFNLGRP_*} or {@code RTNLGRP_*}. */
    int join(int group);

    /** Leaves the group. */
    int leave(int group);

    /** Sets the receive buffer; the kernel doubles the number and counts its own overhead against it. */
    int setReceiveBuffer(int bytes);

    /**
     * Lets the kernel throw away what {@code program} does not keep, before it is queued; null: keeps everything.
     *
     * @return 0 or {@code -errno}: then what was attached before stays
     */
    default int filter(SocketFilter program) {
        return program == null ? 0 : -Errno.EOPNOTSUPP;
    }

    /** Sends a batch of requests; the kernel has worked them off when this returns. Returns the bytes taken. */
    int send(DirectBuffer buffer, int offset, int length);

    /**
     * Hands over what has arrived, in one system call, and does not wait.
     *
     * @return datagrams handed over; 0 when there was none; {@code -ENOBUFS} when the kernel dropped messages since the
     *     last call; {@code -EMSGSIZE} when a datagram was longer than the buffer (those that were whole are handed over)
     */
    int poll(NlDatagramHandler handler);

    /** Waits until {@link #poll} has something to tell; false when {@code timeoutMs} passed first. */
    boolean await(int timeoutMs);

    @Override
    void close();
}
