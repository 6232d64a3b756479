/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Where a verb's answer goes: whether somebody looks at it, and for how long he goes on looking. */
interface CliScreen {
    /** No terminal: a pipe, a file. */
    CliScreen PIPE = new CliScreen() {};

    /** Whether what is printed may be overwritten by what comes next. */
    default boolean terminal() {
        return false;
    }

    default CliStyle style() {
        return CliStyle.PLAIN;
    }

    /** Waits before the next look; false when there is to be none. */
    default boolean pause(long ms) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(ms));
        return !Thread.currentThread().isInterrupted();
    }

    /**
     * What standard output is: a terminal when the kernel says so, in colours unless {@code NO_COLOR} holds anything, as <a
     * href="https://no-color.org">no-color.org</a> asks, or the terminal is a {@code dumb} one.
     */
    static CliScreen standardOutput(Map<String, String> environment) {
        boolean terminal = isTerminal(Path.of("/proc/self/fd/1"));
        boolean colours = terminal
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new CliScreen() {
            @Override
            public boolean terminal() {
                return terminal;
            }

            @Override
            public CliStyle style() {
                return colours ? CliStyle.COLOURED : CliStyle.PLAIN;
            }
        };
    }

    /** By where a descriptor leads, which costs no native call at the start of each verb. */
    static boolean isTerminal(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
