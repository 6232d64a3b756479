/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.lang.invoke.VarHandle;

/**
 * When packets of one stream arrived, the newest {@value #CAPACITY} of them. One thread writes; others read what was
 * published before. Nothing is allocated after construction.
 */
public final class ReceiptLog {
    /** About two minutes of one packet each millisecond. */
    static final int CAPACITY = 1 << 17;

    /** The answer for a stream that never came back, or of which too much is forgotten to tell. */
    public static final long NEVER = -1;

    private final String stream;
    private final long[] timesNs = new long[CAPACITY];
    private final int[] tookUs = new int[CAPACITY];
    private volatile long count;

    ReceiptLog(String stream) {
        this.stream = stream;
    }

    /** Name of the stream in reports. */
    public String stream() {
        return stream;
    }

    /** Notes an arrival; times never fall. */
    void arrived(long nowNs) {
        arrived(nowNs, nowNs);
    }

    /** Notes the arrival of what was sent at {@code sentNs}. */
    void arrived(long nowNs, long sentNs) {
        long next = count;
        timesNs[(int) (next % CAPACITY)] = nowNs;
        tookUs[(int) (next % CAPACITY)] = (int) ((nowNs - sentNs) / 1_000);
        VarHandle.releaseFence();
        count = next + 1;
    }

    /** Whether anything arrived at all. */
    boolean any() {
        return count > 0;
    }

    /** Whether anything arrived at or after {@code ns}. */
    boolean since(long ns) {
        long n = count;
        return n > 0 && timesNs[(int) ((n - 1) % CAPACITY)] - ns >= 0;
    }

    /** What arrived in a window: when it was sent, and how long it took. Nothing of what is forgotten. */
    public void arrivals(long fromNs, long toNs, ArrivalConsumer to) {
        long n = count;
        for (long i = Math.max(0, n - CAPACITY + 1); i < n; i++) {
            long arrivedNs = timesNs[(int) (i % CAPACITY)];
            if (arrivedNs - fromNs >= 0 && arrivedNs - toNs < 0) {
                long tookNs = tookUs[(int) (i % CAPACITY)] * 1_000L;
                to.arrival(arrivedNs - tookNs, tookNs);
            }
        }
    }

    /** Hears of each arrival. */
    @FunctionalInterface
    public interface ArrivalConsumer {
        void arrival(long sentNs, long tookNs);
    }

    /**
     * The longest time without an arrival that ends after {@code fromNs} and begins before {@code toNs}, or {@link
     * #NEVER} when nothing arrived after {@code toNs}, or when what came at {@code fromNs} is forgotten. A gap that had
     * begun before the failure counts whole.
     */
    public long longestGapNs(long fromNs, long toNs) {
        long n = count;
        long first = Math.max(1, n - CAPACITY + 2);
        if (first > 1 && timesNs[(int) ((first - 1) % CAPACITY)] - fromNs > 0) {
            return NEVER;
        }
        long longest = 0;
        for (long i = first; i < n; i++) {
            long begin = timesNs[(int) ((i - 1) % CAPACITY)];
            long end = timesNs[(int) (i % CAPACITY)];
            if (end - fromNs > 0 && begin - toNs < 0) {
                longest = Math.max(longest, end - begin);
            }
        }
        return since(toNs) ? longest : NEVER;
    }
}
