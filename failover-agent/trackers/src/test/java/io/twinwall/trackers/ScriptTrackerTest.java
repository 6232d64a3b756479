/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ScriptTrackerTest {
    private static final long MS = 1_000_000;

    private final class Fake implements ScriptRun {
        private boolean ended;
        private int code;
        private boolean killed;
        private String output = "disk full\nsecond line\n";

        @Override
        public boolean drain() {
            return false;
        }

        @Override
        public boolean ended() {
            return ended;
        }

        @Override
        public int exitCode() {
            return code;
        }

        @Override
        public String output() {
            return output;
        }

        @Override
        public void kill() {
            killed = true;
        }

        @Override
        public void close() {
            open--;
        }
    }

    private Fake run;
    private int starts;
    private int open;
    private boolean missing;
    private boolean refused;
    private boolean crowded;

    private final ScriptTracker tracker = new ScriptTracker(
            Specs.script("disk", Specs.QUICK, "/bin/check"),
            () -> {
                if (missing) {
                    throw new IOException("no such file");
                }
                if (refused) {
                    throw new Fatal(ExitCode.ENVIRONMENT, "no descriptors left");
                }
                if (crowded) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                starts++;
                open++;
                run = new Fake();
                return run;
            },
            0);

    private void at(long ms) {
        tracker.onTime(ms * MS);
    }

    @Test
    void shouldBeUpAtExitCodeZeroAndDownAtAnyOther() {
        at(0);
        assertEquals(10 * MS, tracker.waitNs(0));
        run.ended = true;
        at(10);
        assertEquals(Verdict.UP, tracker.judge().verdict());
        assertEquals(90 * MS, tracker.waitNs(10 * MS), "nothing to look at until the next run");
        at(100);
        run.ended = true;
        run.code = 3;
        at(110);
        assertEquals(Verdict.DOWN, tracker.judge().verdict());
        assertEquals("exit code 3: disk full", tracker.state().detail());
        assertEquals(2, starts);
    }

    @Test
    void shouldKillAtTheDeadlineAndNeverRunTwoAtOnce() {
        at(0);
        Fake first = run;
        for (int ms = 1; ms < 60; ms++) {
            at(ms);
        }
        assertFalse(first.killed);
        at(60);
        assertTrue(first.killed);
        assertEquals(1, starts);
        assertEquals("killed after 60 ms: disk full", tracker.state().detail());
        at(100);
        assertEquals(2, starts);
        assertEquals(1, open);
        tracker.close();
        assertTrue(run.killed);
        assertEquals(0, open);
    }

    @Test
    void shouldLookLessAndLessOften() {
        at(0);
        at(10);
        assertEquals(20 * MS, tracker.waitNs(10 * MS));
        at(30);
        assertEquals(30 * MS, tracker.waitNs(30 * MS), "the deadline comes first");
    }

    @Test
    void shouldTakeAnEndBeforeTheDeadlineAlthoughSeenLate() {
        at(0);
        run.ended = true;
        at(500);
        assertEquals(Verdict.UP, tracker.judge().verdict());
        assertFalse(run.killed);
    }

    @Test
    void shouldShowNothingThatATerminalWouldObey() {
        at(0);
        run.output = "\033[2Jred\talert\n" + "x".repeat(4000);
        run.code = 1;
        run.ended = true;
        at(10);
        assertEquals("exit code 1: ?[2Jred?alert", tracker.state().detail());
        at(100);
        run.output = "x".repeat(4000);
        at(160);
        assertEquals(
                "killed after 60 ms: " + "x".repeat(120) + "...",
                tracker.state().detail());
    }

    @Test
    void shouldBeDownWhenItCannotStart() {
        missing = true;
        at(0);
        assertEquals(Verdict.DOWN, tracker.judge().verdict());
        assertEquals("cannot start /bin/check: no such file", tracker.state().detail());
        missing = false;
        refused = true;
        at(100);
        assertEquals(
                "cannot start /bin/check: no descriptors left", tracker.state().detail());
    }

    @Test
    void shouldBeDownAndTryAgainWhereTheHostAllowsNoMoreThreads() {
        crowded = true;
        at(0);
        assertEquals(
                "cannot start /bin/check: unable to create native thread",
                tracker.state().detail());
        assertFalse(tracker.trying());
        crowded = false;
        at(10_000);
        assertTrue(tracker.trying());
    }
}
