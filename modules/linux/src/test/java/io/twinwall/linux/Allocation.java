/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Heap bytes allocated by a piece of work on the calling thread; the testkit's meter comes after this module. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

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
