/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import org.agrona.DirectBuffer;

/**
 * The way to the peer for frames: ordered, best effort, both directions. It may drop frames (a peer restarted, a
 * partition); whoever reads them sees the gap in their numbers. One thread, the sync agent's, calls all of it.
 */
public interface Link extends AutoCloseable {
    /** No peer is reading. */
    long NOT_CONNECTED = -1;
    /** The peer or the network is slower than we; offer the same frame again later. */
    long BACK_PRESSURED = -2;
    /** The link is closed, or broken and about to open itself again. */
    long CLOSED = -4;

    /**
     * Sends one frame of at most {@link #frameBytesMax} bytes.
     *
     * @return a position greater than 0 when it was taken; else one of the constants
     */
    long offer(DirectBuffer frame, int offset, int length);

    /** Hands at most {@code limit} received frames to {@code handler}; returns how many. */
    int poll(FrameHandler handler, int limit);

    /** True while a peer reads what we send. */
    boolean connected();

    /** Drives timers and sockets; returns the work done. To be called each cycle, before and after the rest. */
    int doWork();

    /** The same for the life of the link. */
    int frameBytesMax();

    /** What was sent so far is of no use to anybody any more, as at the begin of a session: it is not sent again. */
    default void forget() {}

    @Override
    void close();
}
