/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.List;

/**
 * What a doctor comes to; {@code twinwall doctor --json} prints it. Names only get added.
 *
 * @param kernel release, or "" when that is not known
 * @param pairDigest of the configuration that must be the same on both nodes: to be held against the other's
 * @param daemonRuns whether a daemon was asked, too
 * @param findings the worst first
 */
public record Diagnosis(
        String node,
        String version,
        String kernel,
        String pairDigest,
        boolean daemonRuns,
        int errors,
        int warnings,
        int notes,
        List<Finding> findings) {
    static Diagnosis of(Plan plan, String kernel, boolean daemonRuns, List<Finding> findings) {
        return new Diagnosis(
                plan.node(),
                plan.version(),
                kernel,
                plan.pairDigest(),
                daemonRuns,
                count(findings, Severity.ERROR),
                count(findings, Severity.WARNING),
                count(findings, Severity.NOTE),
                List.copyOf(findings));
    }

    private static int count(List<Finding> findings, Severity severity) {
        return (int) findings.stream().filter(one -> one.severity() == severity).count();
    }
}
