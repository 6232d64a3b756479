/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Says how far a run is: on a terminal one line that is written over until a step is done, in a pipe a line for each
 * step and no more than one each other second within it.
 */
public final class Progress {
    private static final long PIPE_NS = 2_000_000_000L;

    private final PrintStream to;
    private final boolean terminal;
    private final long startNs = System.nanoTime();
    private long saidNs = startNs;

    public Progress(PrintStream to, boolean terminal) {
        this.to = to;
        this.terminal = terminal;
    }

    /** Where a step stands. */
    public void live(String text) {
        if (terminal) {
            to.print("\r\u001b[K" + stamp() + text);
            to.flush();
        } else if (System.nanoTime() - saidNs > PIPE_NS) {
            line(text);
        }
    }

    /** A step is done, or has something to say that stays. */
    public void line(String text) {
        saidNs = System.nanoTime();
        to.println((terminal ? "\r\u001b[K" : "") + stamp() + text);
        to.flush();
    }

    private String stamp() {
        return String.format(Locale.ROOT, "%6.1f s  ", (System.nanoTime() - startNs) / 1e9);
    }
}
