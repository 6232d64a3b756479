/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** The scores as a table for people, line by line. Times in nanoseconds, each for one flow, frame or bucket. */
final class StageTable {
    private static final String ROW = "%-20s %-7s %9s %9s %9s %9s %7s";

    /** The kernel's own share of the way, measured once (docs/ARCHITECTURE.md, "What the kernel does"). */
    private static final double DRAIN_NS = 670;

    private static final double CREATE_NS = 1100;

    private final Floors floors;

    StageTable(Floors floors) {
        this.floors = floors;
    }

    String head() {
        return String.format(Locale.ROOT, ROW, "stage", "per", "ns", "± ns", "B", "floor ns", "factor");
    }

    String row(StageScore score) {
        OptionalDouble floor = floors.ns(score.name());
        return String.format(
                Locale.ROOT,
                ROW,
                score.name(),
                score.stage().unit(),
                number(score.ns()),
                number(score.errorNs()),
                String.format(Locale.ROOT, "%.3f", score.bytes()),
                floor.isPresent() ? number(floor.getAsDouble()) : "-",
                floor.isPresent() ? String.format(Locale.ROOT, "%.2f", score.ns() / floor.getAsDouble()) : "-");
    }

    /** What stands below: the sums of both halves of the way of a change, when all their stages ran, beside the kernel's. */
    String foot(List<StageScore> scores) {
        return "floor: " + floors.remark()
                + half(
                        scores,
                        "source",
                        "to hand an event over",
                        DRAIN_NS,
                        "parse-update",
                        "table-update-250000",
                        "encode")
                + half(scores, "mirror", "to create an entry", CREATE_NS, "apply-250000", "inject");
    }

    private static String half(List<StageScore> scores, String side, String kernels, double kernelNs, String... names) {
        List<String> wanted = List.of(names);
        List<StageScore> found =
                scores.stream().filter(score -> wanted.contains(score.name())).toList();
        if (found.size() < wanted.size()) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "%n%s: %s = %.0f ns a change, beside the %.0f that the kernel takes %s",
                side,
                String.join(" + ", wanted),
                found.stream().mapToDouble(StageScore::ns).sum(),
                kernelNs,
                kernels);
    }

    private static String number(double ns) {
        return Double.isNaN(ns) ? "-" : String.format(Locale.ROOT, "%.1f", ns);
    }
}
