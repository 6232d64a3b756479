/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the benchmarks of a stage, each in JVMs of its own with the flags of this one, and reads off what they scored. */
final class StageRun {
    /** Benchmarks of tables of several sizes have this parameter. */
    private static final String FLOWS = "flows";

    private static final String FEW_FLOWS = "1000";

    /** How often a quick run that sees something allocated looks for longer: 0.1 s, 0.4, 1.6. */
    private static final int LONGER_MAX = 2;

    private final StagePace pace;

    StageRun(StagePace pace) {
        this.pace = pace;
        if (pace.quick()) {
            // JMH refuses to run beside another; who measures nothing may.
            System.setProperty("jmh.ignoreLock", "true");
        }
    }

    /**
     * Short iterations on a busy machine see the compiler come late, and few operations share what JMH itself allocates:
     * in longer ones that fades, and what the stage allocates stays.
     */
    List<StageScore> run(Stage stage) {
        StagePace now = pace;
        List<StageScore> scores = run(stage, now);
        for (int i = 0;
                pace.quick() && i < LONGER_MAX && !scores.stream().allMatch(StageScore::allocatesNothing);
                i++) {
            now = now.longer();
            System.err.println("stages: " + stage.word() + " seems to allocate, looked at for longer: " + scores);
            scores = run(stage, now);
        }
        return scores;
    }

    private static List<StageScore> run(Stage stage, StagePace pace) {
        Path log = log();
        try {
            List<StageScore> scores = new Runner(options(stage, pace, log).build())
                    .run().stream().map(result -> StageScore.of(stage, result)).toList();
            Files.delete(log);
            return scores;
        } catch (RunnerException e) {
            throw new Fatal(
                    ExitCode.BUG,
                    "the benchmarks of " + stage.word() + " failed, see " + log + ": " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ChainedOptionsBuilder options(Stage stage, StagePace pace, Path log) {
        TimeValue iteration = TimeValue.milliseconds(pace.iteration().toMillis());
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(stage.benchmarks())
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(pace.forks())
                .warmupIterations(pace.warmups())
                .warmupTime(iteration)
                .measurementIterations(pace.iterations())
                .measurementTime(iteration)
                .threads(1)
                .addProfiler(GCProfiler.class)
                .jvmArgs(
                        ManagementFactory.getRuntimeMXBean().getInputArguments().toArray(String[]::new))
                .shouldFailOnError(true)
                .output(log.toString());
        return pace.quick() ? options.param(FLOWS, FEW_FLOWS) : options;
    }

    private static Path log() {
        try {
            return Files.createTempFile("twinwall-stages", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
