/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Runs a program each interval, at most one at a time. While it runs it is looked at every 10 ms at first, then less often.
 * At the deadline it is killed with its descendants. What it printed goes to the log when its result differs from the last.
 */
final class ScriptTracker extends ProbeTracker {
    private static final Logger LOG = System.getLogger("twinwall.trackers");
    private static final long LOOK_NS_MIN = 10_000_000;
    private static final long LOOK_NS_MAX = 100_000_000;
    private static final int LINE_CHARS_MAX = 120;
    private static final int OUTPUT_CHARS_MAX = 1_000;

    private final TrackSpec.Script spec;
    private final ScriptRun.Launcher launcher;
    private ScriptRun run;
    private long lookAtNs;
    private long lookNs;
    private String logged = "";

    ScriptTracker(TrackSpec.Script spec, ScriptRun.Launcher launcher, long nowNs) {
        super(spec, spec.timing(), nowNs);
        this.spec = spec;
        this.launcher = launcher;
    }

    @Override
    void begin(long nowNs) {
        try {
            run = launcher.start();
            lookNs = LOOK_NS_MIN;
            lookAtNs = nowNs + lookNs;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // The last of them where the host allows no more threads or processes; the next try may find it better.
            finish(false, "cannot start " + spec.argv().getFirst() + ": " + e.getMessage(), nowNs);
        }
    }

    @Override
    void look(long nowNs) {
        // In this order: what it printed before it ended is there once it has ended.
        boolean ended = run.ended();
        lookNs = run.drain() ? LOOK_NS_MIN : Math.min(2 * lookNs, LOOK_NS_MAX);
        lookAtNs = nowNs + lookNs;
        if (ended) {
            int code = run.exitCode();
            end(code == 0, code == 0 ? "exit code 0" : "exit code " + code + said(), nowNs);
        }
    }

    private void end(boolean ok, String detail, long nowNs) {
        log(detail);
        forget();
        finish(ok, detail, nowNs);
    }

    @Override
    String giveUp() {
        run.drain();
        run.kill();
        String detail = "killed after " + Timing.ms(timing().timeoutNs()) + said();
        log(detail);
        forget();
        return detail;
    }

    private void forget() {
        run.close();
        run = null;
    }

    private String said() {
        String line = shown(run.output().lines().findFirst().orElse(""), LINE_CHARS_MAX);
        return line.isEmpty() ? "" : ": " + line;
    }

    /** On one line, without anything that a terminal or a log would obey. */
    private static String shown(String text, int charsMax) {
        String line = text.strip().replaceAll("\\s*\\R\\s*", " / ").replaceAll("\\p{Cntrl}", "?");
        return line.length() > charsMax ? line.substring(0, charsMax) + "..." : line;
    }

    private void log(String detail) {
        if (!detail.equals(logged)) {
            logged = detail;
            LOG.log(
                    Level.INFO,
                    "track {0}: {1}; it printed: {2}",
                    spec.name(),
                    detail,
                    shown(run.output(), OUTPUT_CHARS_MAX));
        }
    }

    @Override
    long lookAgainNs(long nowNs) {
        return run == null ? Long.MAX_VALUE : lookAtNs - nowNs;
    }

    @Override
    public void close() {
        if (run != null) {
            run.kill();
            forget();
        }
    }
}
