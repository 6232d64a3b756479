/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * Steps CLOCK_REALTIME, which is the whole machine's: a time namespace covers the monotonic clocks only. The step is
 * reckoned by {@code date} itself, so that stepping there and back leaves the clock where it was.
 */
final class WallClock {
    private WallClock() {}

    /** Whether this machine lets the clock be set; sets it to what it is. */
    static boolean settable() {
        return Shell.attempt("", java.util.List.of("date", "-s", "0 seconds")).status() == 0;
    }

    /** Steps by {@code seconds}, forwards or back. */
    static void step(int seconds) {
        Shell.run("date", "-s", seconds + " seconds");
    }
}
