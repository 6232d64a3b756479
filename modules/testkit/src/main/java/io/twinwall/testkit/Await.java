/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what a test expects by asking again and again until a deadline. No test pauses in any other way; stand-ins for
 * a part of the product, which run beside a test, may idle between two looks as that part does.
 */
public final class Await {
    private static final long PAUSE_NS_MAX = 10_000_000;

    private Await() {}

    /** Returns once {@code condition} holds; an AssertionError that names {@code what} after {@code deadline}. */
    public static void until(String what, Duration deadline, BooleanSupplier condition) {
        long start = System.nanoTime();
        long pauseNs = 20_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > deadline.toNanos()) {
                throw new AssertionError("not within " + deadline.toMillis() + " ms: " + what);
            }
            LockSupport.parkNanos(pauseNs);
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting: " + what);
            }
            pauseNs = Math.min(2 * pauseNs, PAUSE_NS_MAX);
        }
    }
}
