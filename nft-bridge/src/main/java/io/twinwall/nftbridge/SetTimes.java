/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

/** When two times of an element count as the same. */
final class SetTimes {
    /** An element that has less left is let go by itself. */
    static final long WORTH_MS = 100;

    /** The kernel counts in jiffies, of 1 to 10 ms, and rounds. */
    private static final long JIFFIES_MS = 20;

    private static final long BOUND_MAX_MS = 5_000;

    private SetTimes() {}

    static boolean sameTimeout(long aMs, long bMs) {
        return aMs == bMs || (aMs > 0 && bMs > 0 && Math.abs(aMs - bMs) <= JIFFIES_MS);
    }

    /**
     * Whether the peer must hear of another time left: what packets refresh again and again would else travel at each look.
     * An eighth of the timeout or five seconds, whichever is more; but never more than a quarter, or a short ban that is
     * refreshed would run out at the peer.
     */
    static boolean differs(long deadlineMs, long otherMs, long timeoutMs) {
        if (deadlineMs == SetEntry.NEVER || otherMs == SetEntry.NEVER) {
            return deadlineMs != otherMs;
        }
        long bound = Math.min(Math.max(BOUND_MAX_MS, timeoutMs / 8), timeoutMs / 4);
        return Math.abs(deadlineMs - otherMs) > Math.max(bound, JIFFIES_MS);
    }
}
