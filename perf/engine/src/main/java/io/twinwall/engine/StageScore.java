/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark scored.
 *
 * @param name the stage's word, then what it is done with: {@code table-update-250000}
 * @param ns of one operation
 * @param errorNs half the width of the interval that holds the mean with 99.9 %; NaN from fewer than two iterations
 * @param bytes allocated on the heap by one operation, in the iteration with the least: JMH allocates, too, some kilobytes
 *     in each and some hundred in the last of a JVM
 * @param iterationsNs the mean of each iteration, fork by fork
 */
record StageScore(String name, Stage stage, double ns, double errorNs, double bytes, List<Double> iterationsNs) {
    private static final String ALLOCATED_RATE = "gc.alloc.rate";
    private static final String ALLOCATED = ALLOCATED_RATE + ".norm";

    static StageScore of(Stage stage, RunResult run) {
        Result<?> time = run.getPrimaryResult();
        List<Double> iterations = new ArrayList<>();
        double bytes = Double.MAX_VALUE;
        for (BenchmarkResult fork : run.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                iterations.add(iteration.getPrimaryResult().getScore());
                bytes = Math.min(bytes, allocated(iteration));
            }
        }
        return new StageScore(
                name(stage, run.getParams()),
                stage,
                time.getScore(),
                time.getScoreError(),
                bytes,
                List.copyOf(iterations));
    }

    /** Bytes an operation, which JMH leaves out when there are none. */
    private static double allocated(IterationResult iteration) {
        Check.that(iteration.getSecondaryResults().containsKey(ALLOCATED_RATE), "JMH did not look what is allocated");
        Result<?> allocated = iteration.getSecondaryResults().get(ALLOCATED);
        return allocated == null ? 0 : allocated.getScore();
    }

    private static String name(Stage stage, BenchmarkParams params) {
        StringBuilder name = new StringBuilder(stage.word());
        String benchmark = params.getBenchmark();
        String method = benchmark.substring(benchmark.lastIndexOf('.') + 1);
        if (!method.equals(stage.word())) {
            name.append('-').append(method);
        }
        for (String key : params.getParamsKeys()) {
            name.append('-').append(params.getParam(key));
        }
        return name.toString();
    }

    /** Whether nothing is allocated but what measuring itself does. */
    boolean allocatesNothing() {
        return bytes < 1;
    }
}
