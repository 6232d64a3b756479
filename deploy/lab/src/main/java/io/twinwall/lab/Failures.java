/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Runs every trial of a table as often as asked, on as few benches as possible: a bench is given up when a run broke it,
 * or when the next trial needs another kind.
 */
final class Failures implements AutoCloseable {
    private static final int ATTEMPTS = 2;

    private final FailuresOptions options;
    private final List<String> program;
    private final Progress progress;
    private TrialBench bench;
    private Trial benchOf;

    Failures(FailuresOptions options, List<String> program, Progress progress) {
        this.options = options;
        this.program = program;
        this.progress = progress;
    }

    /** Makes the rows, in the table's order; {@code done} is told of each as soon as it is there. */
    void run(Consumer<TrialRow> done) {
        for (Trial trial : options.trials()) {
            done.accept(rowOrWhyNot(trial));
        }
    }

    private TrialRow rowOrWhyNot(Trial trial) {
        if (trial == Trial.CLOCK && !options.stepClock()) {
            return TrialRow.notRun(trial, options, "it steps the clock of the whole machine; --step-clock allows it");
        }
        if (trial == Trial.CLOCK && !WallClock.settable()) {
            return TrialRow.notRun(trial, options, "this machine does not let its clock be set");
        }
        return row(trial);
    }

    private TrialRow row(Trial trial) {
        List<RunResult> runs = new ArrayList<>();
        for (int run = 1; run <= options.runs(trial); run++) {
            progress.live(trial.word() + " " + run + " of " + options.runs(trial));
            RunResult result = attempt(trial);
            runs.add(result);
            if (!result.lost().isEmpty()) {
                progress.line("lost: " + result.lost());
            }
            List<String> misses = trial.bar().misses(result, options.profile());
            progress.line(String.format(
                    Locale.ROOT,
                    "%-15s %d: dark %.1f ms (stall %.1f), two gates %.1f ms, flows %d/%d, %d takeovers%s",
                    trial.word(),
                    run,
                    result.darkWorstMs(),
                    result.stallMs(),
                    result.twoOpenMs(),
                    result.survived(),
                    result.opened(),
                    result.takeovers(),
                    misses.isEmpty() ? "" : ": " + String.join(", ", misses)));
        }
        return TrialRow.of(trial, options, runs);
    }

    /** One run; what the bench refuses twice, such as to open flows, is the run's result, and the table goes on. */
    private RunResult attempt(Trial trial) {
        for (int attempt = 1; ; attempt++) {
            try {
                return benchFor(trial).run(trial);
            } catch (Fatal e) {
                close();
                if (e.exitCode() != ExitCode.REFUSED) {
                    throw e;
                }
                if (attempt == ATTEMPTS) {
                    return RunResult.refused(e.getMessage().lines().findFirst().orElse("refused"));
                }
                progress.line("once more: " + e.getMessage());
            }
        }
    }

    private TrialBench benchFor(Trial trial) {
        boolean fits = bench != null
                && !bench.broken()
                && options.agents(trial).equals(options.agents(benchOf))
                && options.busy(trial) == options.busy(benchOf);
        if (!fits) {
            close();
            bench = new TrialBench(options, program, options.agents(trial), options.busy(trial), progress);
            benchOf = trial;
        }
        return bench;
    }

    @Override
    public void close() {
        if (bench != null) {
            bench.close();
            bench = null;
        }
    }
}
