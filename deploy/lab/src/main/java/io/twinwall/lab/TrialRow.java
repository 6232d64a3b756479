/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;
import java.util.Locale;

/**
 * One row of the table of failures.
 *
 * @param flows open during each run
 * @param misses what of the bar did not hold in some run; empty when all did
 * @param notRun why the trial was not run, or an empty text
 */
record TrialRow(Trial trial, LabProfile profile, int flows, List<RunResult> runs, List<String> misses, String notRun) {
    static TrialRow of(Trial trial, FailuresOptions options, List<RunResult> runs) {
        return new TrialRow(
                trial,
                options.profile(),
                options.flows(),
                List.copyOf(runs),
                trial.bar().misses(runs, options.profile()),
                "");
    }

    static TrialRow notRun(Trial trial, FailuresOptions options, String why) {
        return new TrialRow(trial, options.profile(), options.flows(), List.of(), List.of(), why);
    }

    /** Whether the bar held; a trial that was not run neither held nor failed. */
    boolean held() {
        return misses.isEmpty() && notRun.isEmpty();
    }

    String verdict() {
        return !notRun.isEmpty() ? "not run: " + notRun : held() ? "held" : "MISSED: " + String.join(", ", misses);
    }

    /** How the pair was set up. */
    String setting() {
        return String.format(Locale.ROOT, "`%s`, %,d flows", profile.word(), flows);
    }
}
