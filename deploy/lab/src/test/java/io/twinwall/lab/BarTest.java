/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BarTest {
    private static final RunResult GOOD = run(90, 0, 100, 0, 1);

    private static final FailuresOptions OPTIONS =
            new FailuresOptions(1, List.of(Trial.POWER), LabProfile.FAST, 1_000, 1, 1_000, false, false, false);

    private static FailuresReport report(List<FailuresOptions> settings, TrialRow... rows) {
        Surroundings where = new Surroundings("c0ffee", "6.18", 2, Instant.parse("2026-01-02T03:04:05Z"));
        return new FailuresReport(where, settings, List.of(rows));
    }

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
        TrialRow held = TrialRow.of(Trial.KILL, OPTIONS, List.of(GOOD));
        TrialRow missed = TrialRow.of(Trial.CPU, OPTIONS, List.of(GOOD));
        TrialRow notRun = TrialRow.notRun(Trial.CLOCK, OPTIONS, "no");
        FailuresReport report = report(List.of(OPTIONS), held, notRun);
        assertTrue(report.passed());
        assertTrue(report.markdown().contains("| agent killed | `fast`, 1,000 flows | 1 | 90.0 |"), report.markdown());
        assertTrue(report.markdown().contains("| not run: no |"), report.markdown());
        assertFalse(notRun.held());
        assertFalse(report(List.of(OPTIONS), held, missed).passed());
        assertTrue(report.json().contains("\"name\":\"kill\""), report.json());
    }

    @Test
    void shouldSayWhatWasMeasuredWhereWhenAndOnWhichMachine() {
        FailuresOptions many =
                new FailuresOptions(1, List.of(Trial.POWER), LabProfile.CALM, 250_000, 1, 1_000, false, false, false);
        FailuresReport report = report(
                List.of(OPTIONS, many),
                TrialRow.of(Trial.POWER, OPTIONS, List.of(GOOD)),
                TrialRow.of(Trial.POWER, many, List.of(GOOD)));
        String text = report.markdown();
        for (String wanted : new String[] {
            "## host power: all links down, agent killed: `fast` (lease 110 ms), 1,000 flows; `calm` (lease 500 ms), 250,000 flows\n",
            "Commit c0ffee, Linux 6.18, 2 CPUs, 2026-01-02 03:04 UTC. Seed 1,",
            "In these 2 runs the machine itself stood still for up to 5.0 ms, for 5.0 ms in the median run.",
            "| `calm`, 250,000 flows | 1 |",
            "agent killed, `calm`: 1 takeover; never two gates; every flow survives; median dark time at most 1500 ms.",
            "agent killed, `fast`: 1 takeover; never two gates; every flow survives; median dark time at most 300 ms."
        }) {
            assertTrue(text.contains(wanted), () -> wanted + " is not in\n" + text);
        }
    }

    @Test
    void shouldAppendBelowWhatIsThere(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("FAILURES.md");
        Files.writeString(file, "# Failures\n");
        FailuresReport report = report(List.of(OPTIONS), TrialRow.of(Trial.KILL, OPTIONS, List.of(GOOD)));
        for (int section = 0; section < 2; section++) {
            MarkdownFile markdown = new MarkdownFile(file, true);
            markdown.write(report(List.of(OPTIONS)));
            markdown.write(report);
        }
        String section = report.markdown();
        assertEquals(
                "# Failures\n\n" + FailuresReport.COLUMNS + "\n" + section + "\n" + section, Files.readString(file));
        new MarkdownFile(file, false).write(report);
        assertEquals(FailuresReport.COLUMNS + "\n" + section, Files.readString(file));
    }

    @Test
    void shouldEstimateWhatIsLeft() {
        FailuresOptions options = new FailuresOptions(
                10, List.of(Trial.KILL, Trial.LOSS), LabProfile.FAST, 1_000, 1, 20_000, false, false, false);
        Estimate estimate = new Estimate(List.of(options));
        assertEquals("about 5 min left", estimate.left());
        estimate.done(Trial.KILL, options);
        estimate.done(Trial.LOSS, options);
        assertEquals("about 0 s left", estimate.left());
    }

    @Test
    void shouldKnowTheTrialsByTheirWords() {
        assertEquals(List.of(Trial.KILL, Trial.LONE), Trial.parse("lone,kill"));
        for (Trial trial : Trial.values()) {
            assertEquals(List.of(trial), Trial.parse(trial.word()));
        }
    }
}
