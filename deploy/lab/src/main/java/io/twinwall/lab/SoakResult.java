/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;

/**
 * What became of the pair by one fault.
 *
 * @param atMs since the soak began
 * @param wholeMs from its mending until one was active and the other its ready backup; infinite when that never came
 * @param equalMs from its mending until both were equal in every judge's eyes; infinite when that never came
 * @param twoOpenMs how long both gates were open
 * @param stallMs the longest that the machine itself stood still meanwhile
 * @param takeovers how often a node became active
 * @param opened flows that must live, and were open before
 * @param survived those of them that carried fresh bytes afterwards
 * @param lost the kinds of those that did not
 * @param changes of roles, in words
 * @param problems whatever else was not as it should be
 */
record SoakResult(
        SoakPlan.Step step,
        boolean settled,
        long atMs,
        double wholeMs,
        double equalMs,
        double twoOpenMs,
        double stallMs,
        int takeovers,
        int opened,
        int survived,
        String lost,
        List<String> changes,
        List<String> problems) {
    /** Takeovers more than the fault explains. */
    int unasked() {
        return Math.max(0, takeovers - step.fault().takeoversMax());
    }

    boolean whole() {
        return !Double.isInfinite(wholeMs);
    }

    /** What did not hold, in words. */
    List<String> misses(LabProfile profile) {
        List<String> misses = new ArrayList<>(problems);
        if (takeovers < step.fault().takeoversMin()) {
            misses.add("nobody became active");
        }
        if (unasked() > 0) {
            misses.add(unasked() + " takeovers that nobody asked for: " + String.join(", ", changes));
        }
        if (twoOpenMs > profile.leaseMs()) {
            misses.add("two gates open for " + Math.round(twoOpenMs) + " ms");
        }
        if (survived < opened) {
            misses.add("flows lost: " + lost);
        }
        return misses;
    }
}
