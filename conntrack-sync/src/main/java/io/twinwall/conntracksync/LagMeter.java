/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;

/**
 * What the peer has not confirmed yet: a ring of the frames in flight, each with the flows it carries and when the
 * oldest of their changes was seen. From it come replication lag in deltas and in time, and the flow control window.
 * Owned by the sync agent's thread; readers elsewhere see the counters it feeds.
 */
final class LagMeter {
    private final long[] frameNumbers;
    private final int[] flows;
    private final long[] seenNs;
    private final int mask;
    private long head;
    private long tail;
    private long flowsInFlight;

    /** {@code framesMax}: a power of two, the most frames that may be unconfirmed. */
    LagMeter(int framesMax) {
        Check.that(Integer.bitCount(framesMax) == 1, "framesMax is a power of two", framesMax);
        frameNumbers = new long[framesMax];
        flows = new int[framesMax];
        seenNs = new long[framesMax];
        mask = framesMax - 1;
    }

    /** False when as many frames are unconfirmed as the window holds: publishing waits. */
    boolean hasRoom() {
        return tail - head <= mask;
    }

    /** Notes that frame {@code frameNumber} left with {@code flowCount} deltas, the oldest seen at {@code nowNs}. */
    void sent(long frameNumber, int flowCount, long nowNs) {
        Check.that(hasRoom(), "window overrun at frame", frameNumber);
        int slot = (int) tail & mask;
        frameNumbers[slot] = frameNumber;
        flows[slot] = flowCount;
        seenNs[slot] = nowNs;
        tail++;
        flowsInFlight += flowCount;
    }

    /** The peer's kernel holds everything up to and including {@code frameNumber}. False when that is no news. */
    boolean confirmed(long frameNumber) {
        long before = head;
        while (head < tail && frameNumbers[(int) head & mask] <= frameNumber) {
            flowsInFlight -= flows[(int) head & mask];
            head++;
        }
        return head != before;
    }

    /** Deltas in flight. */
    long flowsInFlight() {
        return flowsInFlight;
    }

    /** How long the oldest unconfirmed delta has waited, in nanoseconds; 0 when all is confirmed. */
    long oldestAgeNs(long nowNs) {
        return head == tail ? 0 : Math.max(0, nowNs - seenNs[(int) head & mask]);
    }

    /** Forgets all: another session begins. */
    void reset() {
        head = 0;
        tail = 0;
        flowsInFlight = 0;
    }
}
