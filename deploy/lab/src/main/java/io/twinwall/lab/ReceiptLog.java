/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.lang.invoke.VarHandle;

/**
 * When packets of one stream arrived, the newest {@value #CAPACITY} of them. One thread writes; others read what was
 * published before. Nothing is allocated after construction.
 */
final class ReceiptLog {
    /** About two minutes of one packet each millisecond. */
    static final int CAPACITY = 1 << 17;

    /** The answer for a stream that never came back, or of which too much is forgotten to tell. */
    static final long NEVER = -1;

    private final String stream;
    private final long[] timesNs = new long[CAPACITY];
    private volatile long count;

    ReceiptLog(String stream) {
        this.stream = stream;
    }

    /** Name of the stream in reports. */
    String stream() {
        return stream;
    }

    /** Notes an arrival; times never fall. */
    void arrived(long nowNs) {
        long next = count;
        timesNs[(int) (next % CAPACITY)] = nowNs;
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

    /**
     * The longest time without an arrival that ends after {@code fromNs} and begins before {@code toNs}, or {@link
     * #NEVER} when nothing arrived after {@code toNs}, or when what came at {@code fromNs} is forgotten. A gap that had
     * begun before the failure counts whole.
     */
    long longestGapNs(long fromNs, long toNs) {
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
