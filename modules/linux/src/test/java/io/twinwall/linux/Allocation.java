/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Heap bytes allocated by a piece of work on the calling thread; the testkit's meter comes after this module. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Duration WARM_WITHIN = Duration.ofSeconds(60);

    /** What the JVM itself may do on this thread meanwhile; a single object per call would be 16 MB. */
    private static final long BYTES_MAX = 16 << 10;

    private Allocation() {}

    /**
     * Runs {@code work}, a hundred thousand calls or more, until two runs in a row have allocated next to nothing. The compiler works beside
     * the test for as long as the machine makes it take, and until then calls do allocate.
     */
    static void assertNone(String calls, Runnable work) {
        long endNs = System.nanoTime() + WARM_WITHIN.toNanos();
        long before = bytes(work);
        long bytes = bytes(work);
        while (Math.max(before, bytes) > BYTES_MAX) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError(calls + " allocated " + before + " bytes, and " + bytes);
            }
            before = bytes;
            bytes = bytes(work);
        }
    }

    static long bytes(Runnable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        work.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** CPU time of the calling thread: unlike the clock, not stretched by what else the machine does. */
    static long cpuNs() {
        return THREADS.getCurrentThreadCpuTime();
    }
}
