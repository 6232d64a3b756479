/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** Waits for the ends of threads, each for a bounded time: a stop must not hang on what it stops. */
final class Ends {
    private static final Logger LOG = System.getLogger("twinwall");

    private Ends() {}

    /** Whether {@code thread} ends in time, or was never started. */
    static boolean await(Thread thread, long limitMs) {
        try {
            boolean never = thread.getState() == Thread.State.NEW;
            return told(never || thread.join(Duration.ofMillis(limitMs)), thread.getName(), limitMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Takes no more tasks; whether those that were taken are done in time. */
    static boolean await(ExecutorService threads, String name, long limitMs) {
        threads.shutdown();
        try {
            return told(threads.awaitTermination(limitMs, TimeUnit.MILLISECONDS), name, limitMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean told(boolean ended, String name, long limitMs) {
        if (!ended) {
            LOG.log(Level.WARNING, "{0} did not end within {1} ms", name, limitMs);
        }
        return ended;
    }
}
