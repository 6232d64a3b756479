/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/**
 * One row of the table of failures.
 *
 * @param misses what of the bar did not hold in some run; empty when all did
 * @param notRun why the trial was not run, or an empty text
 */
record TrialRow(Trial trial, List<RunResult> runs, List<String> misses, String notRun) {
    static TrialRow of(Trial trial, List<RunResult> runs, LabProfile profile) {
        return new TrialRow(trial, List.copyOf(runs), trial.bar().misses(runs, profile), "");
    }

    static TrialRow notRun(Trial trial, String why) {
        return new TrialRow(trial, List.of(), List.of(), why);
    }

    /** Whether the bar held; a trial that was not run neither held nor failed. */
    boolean held() {
        return misses.isEmpty() && notRun.isEmpty();
    }

    String verdict() {
        return !notRun.isEmpty() ? "not run: " + notRun : held() ? "held" : "MISSED: " + String.join(", ", misses);
    }
}
