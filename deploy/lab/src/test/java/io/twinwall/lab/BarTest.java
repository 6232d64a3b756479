/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BarTest {
    private static final RunResult GOOD = run(90, 0, 100, 0, 1);

    private static RunResult run(double darkMs, double twoOpenMs, int survived, long lost, int takeovers) {
        return new RunResult(
                darkMs, darkMs, 5, twoOpenMs, 90, 100, survived, "", lost, takeovers, List.of(), 0, List.of());
    }

    private static List<String> misses(Bar bar, RunResult... runs) {
        return bar.misses(List.of(runs), LabProfile.FAST);
    }

    @Test
    void shouldHoldWhatIsGood() {
        assertEquals(List.of(), misses(Bar.takeover().neverTwo().withSwift(), GOOD, GOOD));
        assertEquals(List.of(), misses(Bar.takeover(), run(90, 110, 100, 0, 1)));
        assertEquals(List.of(), misses(Bar.stays().withQuiet(), run(25, 0, 100, 0, 0)));
    }

    @Test
    void shouldNameEachMiss() {
        assertEquals(List.of("a false takeover"), misses(Bar.stays(), GOOD));
        assertEquals(List.of("nobody became active"), misses(Bar.takeover(), run(0, 0, 100, 0, 0)));
        assertEquals(List.of("2 takeovers"), misses(Bar.takeover(), run(0, 0, 100, 0, 2)));
        assertEquals(List.of("3 flows lost"), misses(Bar.takeover(), run(0, 0, 97, 0, 1)));
        assertEquals(List.of("two gates open for 0.5 ms"), misses(Bar.takeover().neverTwo(), run(0, 0.5, 100, 0, 1)));
        assertEquals(
                List.of("two gates open for 115 ms, more than a lease"),
                misses(Bar.takeover(), run(0, 115, 100, 0, 1)));
        assertEquals(List.of("dark for 26 ms"), misses(Bar.takeover().withQuiet(), run(26, 0, 100, 0, 1)));
        assertEquals(List.of("1 probes lost"), misses(Bar.takeover().withLossless(), run(0, 0, 100, 1, 1)));
    }

    @Test
    void shouldJudgeTheMedianOfALossOfPower() {
        Bar bar = Bar.takeover().withSwift();
        RunResult slow = run(400, 0, 100, 0, 1);
        assertEquals(List.of(), misses(bar, GOOD, GOOD, slow));
        assertEquals(List.of("dark for 400 ms in the median, more than 300"), misses(bar, GOOD, slow, slow));
    }

    @Test
    void shouldMissWhenTheControlSeesNothing() {
        assertEquals(
                List.of("two gates were not seen open: the measure is blind"),
                misses(Bar.control(), run(90, 0, 100, 0, 1)));
        assertEquals(List.of(), misses(Bar.control(), run(90, 3_000, 20, 0, 1)));
    }

    @Test
    void shouldPrintARowForEachTrialAndNoneThatWasNotRunAsHeld() {
        FailuresOptions options =
                new FailuresOptions(1, List.of(), LabProfile.FAST, 100, 1, 1_000, false, false, false);
        TrialRow held = TrialRow.of(Trial.KILL, List.of(GOOD), LabProfile.FAST);
        TrialRow missed = TrialRow.of(Trial.CPU, List.of(GOOD), LabProfile.FAST);
        TrialRow notRun = TrialRow.notRun(Trial.CLOCK, "no");
        FailuresReport report = new FailuresReport(options, List.of(held, notRun));
        assertTrue(report.passed());
        assertTrue(report.markdown().contains("| agent killed | 1 | 90.0 |"), report.markdown());
        assertTrue(report.markdown().contains("| not run: no |"), report.markdown());
        assertFalse(notRun.held());
        assertFalse(new FailuresReport(options, List.of(held, missed)).passed());
        assertTrue(report.json().contains("\"name\":\"kill\""), report.json());
    }

    @Test
    void shouldKnowTheTrialsByTheirWords() {
        assertEquals(List.of(Trial.KILL, Trial.LONE), Trial.parse("lone,kill"));
        for (Trial trial : Trial.values()) {
            assertEquals(List.of(trial), Trial.parse(trial.word()));
        }
    }
}
