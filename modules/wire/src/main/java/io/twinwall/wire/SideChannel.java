/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.util.Queue;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * What rides along with the state stream: whole messages, made and read on a thread of their own, which the stream's
 * thread carries as bytes when nothing of its own waits. Both queues are bounded, and what finds no room is dropped and
 * counted: who uses this must stand losses, as frames may be lost too. One thread at either end.
 */
public final class SideChannel {
    private static final int OUT_MAX = 128;
    private static final int IN_MAX = 4096;

    /** What the stream's end is. */
    public enum Side {
        OFF,
        SOURCE,
        MIRROR
    }

    private final Queue<byte[]> out = new OneToOneConcurrentArrayQueue<>(OUT_MAX);
    private final Queue<byte[]> in = new OneToOneConcurrentArrayQueue<>(IN_MAX);
    private final int messageBytesMax;
    private final Counter dropped;
    private volatile Side side = Side.OFF;

    /** @param messageBytesMax the longest message that a frame takes: {@link FrameSealer#payloadBytesMax} */
    public SideChannel(int messageBytesMax, Counters counters) {
        this.messageBytesMax = messageBytesMax;
        dropped = counters.counter(
                "sets_messages_dropped_total",
                "Messages about sets that came faster than they were read; the sets are compared, and sent again.");
    }

    // ------------------------------------------------------------------ the stream's end

    /** The next message to send, or null. */
    public byte[] next() {
        return out.poll();
    }

    /** A message came. */
    public void received(DirectBuffer buffer, int offset, int length) {
        byte[] message = new byte[length];
        buffer.getBytes(offset, message);
        if (!in.offer(message)) {
            dropped.increment();
        }
    }

    /** The stream turned. */
    public void turn(Side now) {
        side = now;
    }

    // ------------------------------------------------------------------ the rider's end

    public Side side() {
        return side;
    }

    public int messageBytesMax() {
        return messageBytesMax;
    }

    /** Hands a message over; false when there is no room, or more than the stream could carry: later again. */
    public boolean offer(byte[] message) {
        return out.offer(message);
    }

    /** The oldest message that came, or null. */
    public byte[] poll() {
        return in.poll();
    }
}
