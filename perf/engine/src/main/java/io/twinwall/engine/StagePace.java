/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.time.Duration;

/**
 * How long each benchmark runs.
 *
 * @param forks JVMs, one after the other; each is compiled anew, and not always alike
 * @param warmups iterations that are not counted
 * @param iterations that are, in each JVM
 * @param iteration length of each
 * @param quick shows that all runs and measures nothing: tables of few flows only, whatever else the machine does
 */
record StagePace(int forks, int warmups, int iterations, Duration iteration, boolean quick) {
    /** For a result. */
    static StagePace forResult(int forks) {
        return new StagePace(forks, 3, 5, Duration.ofSeconds(1), false);
    }

    /** For the build: everything runs, and on an idle machine the compilers have just time enough that nothing allocates. */
    static StagePace forBuild() {
        return new StagePace(1, 5, 2, Duration.ofMillis(100), true);
    }

    /** The same with iterations four times as long. */
    StagePace longer() {
        return new StagePace(forks, warmups, iterations, iteration.multipliedBy(4), quick);
    }
}
