/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.concurrent.locks.LockSupport;

/**
 * Measures the machine beside the product: a thread that wants to wake each millisecond, before all others, and notes
 * how late it was. A dark time means little while the machine itself stood still as long.
 */
public final class StallTicker implements AutoCloseable {
    private static final long TICK_NS = 1_000_000;

    private final ReceiptLog wakeups = new ReceiptLog("stall");
    private final Thread thread;
    private volatile boolean running = true;
    private volatile long worstNs;

    public StallTicker() {
        thread = Thread.ofPlatform().daemon().name("stall-ticker").start(this::run);
    }

    /** The longest the machine stood still in a window, in nanoseconds. */
    public long stallNs(long fromNs, long toNs) {
        return Math.max(0, wakeups.longestGapNs(fromNs, toNs) - TICK_NS);
    }

    /** The longest since this began. */
    public long worstNs() {
        return worstNs;
    }

    private void run() {
        RealTime.claim();
        long lastNs = System.nanoTime();
        long nextNs = lastNs;
        while (running) {
            nextNs = Math.max(nextNs + TICK_NS, System.nanoTime());
            while (System.nanoTime() - nextNs < 0) {
                LockSupport.parkNanos(nextNs - System.nanoTime());
            }
            long wokenNs = System.nanoTime();
            wakeups.arrived(wokenNs);
            worstNs = Math.max(worstNs, wokenNs - lastNs - TICK_NS);
            lastNs = wokenNs;
        }
    }

    @Override
    public void close() {
        running = false;
        LockSupport.unpark(thread);
    }
}
