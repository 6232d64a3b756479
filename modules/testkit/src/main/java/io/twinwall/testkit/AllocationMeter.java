/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Counts the heap bytes that a piece of work allocates on the calling thread. Exact, not sampled. */
public final class AllocationMeter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Duration WARM_WITHIN = Duration.ofSeconds(60);

    /** A single one may be one that happened not to do what costs. */
    private static final int RUNS_IN_A_ROW = 3;

    private AllocationMeter() {}

    /** The bytes {@code work} allocated on this thread, less what measuring itself allocates. */
    public static long bytesAllocatedBy(Runnable work) {
        long overhead = measure(() -> {});
        return Math.max(0, measure(work) - overhead);
    }

    /**
     * Asserts that {@code work} allocates no more than {@code bytesMax} a run once it is warm: runs it {@code rounds} times, and
     * on until three runs in a row have kept within that. Not a number of runs decides when it is warm: the compiler works beside
     * the test, for as long as the machine makes it take.
     *
     * @return the bytes of the run that allocated least
     * @throws AssertionError where there were no such three within a minute
     */
    public static long assertSteady(long bytesMax, int rounds, Runnable work) {
        return assertSteady(bytesMax, rounds, WARM_WITHIN, work);
    }

    static long assertSteady(long bytesMax, int rounds, Duration within, Runnable work) {
        long endNs = System.nanoTime() + within.toNanos();
        long least = Long.MAX_VALUE;
        int inARow = 0;
        for (int run = 0; run < rounds || inARow < RUNS_IN_A_ROW; run++) {
            long bytes = bytesAllocatedBy(work);
            least = Math.min(least, bytes);
            inARow = bytes <= bytesMax ? inARow + 1 : 0;
            if (inARow == 0 && run >= rounds && System.nanoTime() > endNs) {
                throw new AssertionError("still " + bytes + " bytes in run " + run + ", and never less than " + least);
            }
        }
        return least;
    }

    private static long measure(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
