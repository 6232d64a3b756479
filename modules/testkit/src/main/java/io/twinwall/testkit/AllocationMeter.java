/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Counts the heap bytes that a piece of work allocates on the calling thread. Exact, not sampled; but code that the
 * compiler has not reached yet allocates what compiled code does not, so {@link #steady} warms up first.
 */
public final class AllocationMeter {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private AllocationMeter() {}

    /** The bytes {@code work} allocated on this thread, less what measuring itself allocates. */
    public static long bytesAllocatedBy(Runnable work) {
        long overhead = measure(() -> {});
        return Math.max(0, measure(work) - overhead);
    }

    /**
     * As {@link #bytesAllocatedBy}, for {@code work} that may be repeated: the least of {@code rounds} runs, which is what it
     * allocates once it is warm. The least, because the compiler may throw code away and build it again during any run.
     */
    public static long steady(int rounds, Runnable work) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < rounds; i++) {
            least = Math.min(least, bytesAllocatedBy(work));
        }
        return least;
    }

    private static long measure(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }
}
