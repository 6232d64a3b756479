/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/**
 * What one run measured, from the blow until the pair was whole again; times in milliseconds.
 *
 * @param darkMedianMs the longest silence of the median UDP stream
 * @param darkWorstMs the longest silence of any UDP stream, infinite when one never came back
 * @param stallMs the longest the machine itself stood still meanwhile
 * @param twoOpenMs how long both gates were open, from captures
 * @param shutAfterMs from the blow until the first active's gate was open for the last time before the mending
 * @param opened flows that were open at the blow
 * @param survived those that carried fresh bytes at the end
 * @param lost kinds of flows that were lost, and why
 * @param probesLost UDP probes that never arrived
 * @param takeovers how often a node became active
 * @param changes of role, in the agents' words
 * @param missedFrames that the captures are known to have missed
 * @param problems what else went wrong
 */
record RunResult(
        double darkMedianMs,
        double darkWorstMs,
        double stallMs,
        double twoOpenMs,
        double shutAfterMs,
        int opened,
        int survived,
        String lost,
        long probesLost,
        int takeovers,
        List<String> changes,
        long missedFrames,
        List<String> problems) {
    /** A run that did not come to its failure, and why. */
    static RunResult refused(String why) {
        return new RunResult(0, 0, 0, 0, 0, 0, 0, "", 0, 0, List.of(), 0, List.of("not run: " + why));
    }
}
