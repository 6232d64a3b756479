/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.time.Duration;

/**
 * When a thing is asked, and how many answers in a row decide.
 *
 * @param intervalNs from the begin of one try to the begin of the next; 10 ms to 1 hour
 * @param timeoutNs after which a try has failed; 1 ms up to the interval, so that tries never overlap. A process is looked
 *     up at once, where it means nothing
 * @param rise successes in a row that make it up, 1..100
 * @param fall failures in a row that make it down, 1..100
 */
public record Timing(long intervalNs, long timeoutNs, int rise, int fall) {
    private static final long INTERVAL_NS_MIN = Duration.ofMillis(10).toNanos();
    private static final long INTERVAL_NS_MAX = Duration.ofHours(1).toNanos();
    private static final long TIMEOUT_NS_MIN = Duration.ofMillis(1).toNanos();
    private static final int COUNT_MAX = 100;

    public Timing {
        if (intervalNs < INTERVAL_NS_MIN || intervalNs > INTERVAL_NS_MAX) {
            throw new IllegalArgumentException("interval " + ms(intervalNs) + ": expected 10 ms to 1 hour");
        }
        if (timeoutNs < TIMEOUT_NS_MIN || timeoutNs > intervalNs) {
            throw new IllegalArgumentException(
                    "timeout " + ms(timeoutNs) + ": expected 1 ms up to the interval, " + ms(intervalNs));
        }
        checkCount("rise", rise);
        checkCount("fall", fall);
    }

    public static Timing of(Duration interval, Duration timeout, int rise, int fall) {
        return new Timing(interval.toNanos(), timeout.toNanos(), rise, fall);
    }

    private static void checkCount(String what, int count) {
        if (count < 1 || count > COUNT_MAX) {
            throw new IllegalArgumentException(what + " " + count + ": expected 1.." + COUNT_MAX);
        }
    }

    static String ms(long ns) {
        return ns / 1_000_000 + " ms";
    }
}
