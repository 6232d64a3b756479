/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/** How long a table will take: by what its runs take on a quiet machine, corrected by what those so far have taken. */
final class Estimate {
    private static final double LAB_S = 9;
    /** Below it nothing is learnt from the runs so far. */
    private static final double LEARNT_S = 20;

    private final long startNs = System.nanoTime();
    private final double allS;
    private double doneS;

    Estimate(List<FailuresOptions> settings) {
        allS = settings.stream()
                .mapToDouble(options -> options.trials().stream()
                        .mapToDouble(trial -> seconds(trial, options))
                        .sum())
                .sum();
    }

    /** The row of {@code trial} is done. */
    void done(Trial trial, FailuresOptions options) {
        doneS += seconds(trial, options);
    }

    String left() {
        double tookS = (System.nanoTime() - startNs) / 1e9;
        double factor = doneS < LEARNT_S ? 1 : tookS / doneS;
        long leftS = Math.round((allS - doneS) * factor);
        return leftS < 90 ? "about " + leftS + " s left" : "about " + Math.round(leftS / 60.0) + " min left";
    }

    private static double seconds(Trial trial, FailuresOptions options) {
        if (trial == Trial.CLOCK && !options.stepClock()) {
            return 0;
        }
        return LAB_S / options.trials().size() + options.runs(trial) * trial.seconds(options);
    }
}
