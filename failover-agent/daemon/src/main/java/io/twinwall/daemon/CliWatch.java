/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * Shows something again and again, on a terminal over what was shown before, until somebody interrupts it, or nobody reads it any more. A daemon that
 * does not answer is shown, too: that it comes back may be what is waited for.
 */
final class CliWatch {
    private static final String HOME = "\033[H";
    private static final String CLEAR_ALL = "\033[2J";
    private static final String CLEAR_LINE = "\033[K";
    private static final String CLEAR_BELOW = "\033[J";

    private final CliScreen screen;
    private final PrintStream out;

    CliWatch(CliScreen screen, PrintStream out) {
        this.screen = screen;
        this.out = out;
    }

    /** Shows {@code look} each {@code everyMs}; each on lines of its own where nobody looks. */
    ExitCode run(long everyMs, Supplier<String> look) {
        out.print(screen.terminal() ? CLEAR_ALL : "");
        boolean first = true;
        do {
            show(text(look), first);
            first = false;
            // Whoever reads the pipe may have gone: head, or a pager.
        } while (!out.checkError() && screen.pause(everyMs));
        return ExitCode.OK;
    }

    private static String text(Supplier<String> look) {
        try {
            return look.get();
        } catch (Fatal e) {
            if (e.exitCode() != ExitCode.UNAVAILABLE) {
                throw e;
            }
            return "twinwall: " + e.getMessage() + "\n";
        }
    }

    private void show(String text, boolean first) {
        if (screen.terminal()) {
            out.print(HOME + text.replace("\n", CLEAR_LINE + "\n") + CLEAR_BELOW);
        } else {
            out.print((first || text.startsWith("{") ? "" : "\n") + text);
        }
        out.flush();
    }
}
