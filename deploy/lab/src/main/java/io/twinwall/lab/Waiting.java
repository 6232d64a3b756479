/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that other threads or processes do: looking again and again, until a deadline. */
public final class Waiting {
    private Waiting() {}

    /** Looks each {@code everyMs}; false when {@code condition} did not come true within {@code deadlineMs}. */
    public static boolean until(long deadlineMs, long everyMs, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            LockSupport.parkNanos(everyMs * 1_000_000);
        }
        return true;
    }
}
