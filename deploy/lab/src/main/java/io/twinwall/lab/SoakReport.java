/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ledger of a soak: as Markdown, and as one line of JSON.
 *
 * @param seconds how long it went on
 * @param churned short flows that came and went
 * @param growths of the processes that lived through the second half
 * @param missedFrames that the captures did not see; with many, the measure of the gates says too little
 */
record SoakReport(
        Surroundings where,
        SoakOptions options,
        double seconds,
        List<SoakResult> results,
        long churned,
        long churnAnswered,
        List<Growth> growths,
        long missedFrames) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A soak of this length has processes that can be measured. */
    private static final double MEASURED_SECONDS_MIN = 240;

    /** Everything that did not hold; empty when the soak is passed. */
    List<String> misses() {
        List<String> misses = new ArrayList<>();
        for (SoakResult result : results) {
            for (String miss : result.misses(options.profile())) {
                misses.add("fault " + result.step().number() + (result.settled() ? "b" : "a") + ", "
                        + result.step().fault().word() + ": " + miss);
            }
        }
        growths.forEach(growth -> misses.addAll(growth.misses()));
        if (results.isEmpty()) {
            misses.add("no fault was played");
        }
        if (growths.isEmpty() && seconds >= MEASURED_SECONDS_MIN && options.control() == SoakOptions.Control.NONE) {
            misses.add("no process lived long enough to be measured for leaks");
        }
        return misses;
    }

    boolean passed() {
        return misses().isEmpty();
    }

    long lostFlows() {
        return results.stream().mapToLong(one -> one.opened() - one.survived()).sum();
    }

    double twoOpenMsMax() {
        return Numbers.worst(results.stream().mapToDouble(SoakResult::twoOpenMs));
    }

    int unasked() {
        return results.stream().mapToInt(SoakResult::unasked).sum();
    }

    private long unequal() {
        return results.stream().filter(one -> Double.isInfinite(one.equalMs())).count();
    }

    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                """
                # Soak: %.1f minutes, seed %d

                %s. Profile `%s` (lease %d ms), %,d TCP connections and %,d UDP streams that must live, %,d short flows a second
                beside them (%,d came and went, %,d of them answered)%s. Faults of the second half leave both agents alive.

                """,
                seconds / 60,
                options.seed(),
                where.words(),
                options.profile().word(),
                options.profile().leaseMs(),
                options.flows(),
                Traffic.udpFlows(options.flows()),
                options.churn(),
                churned,
                churnAnswered,
                options.control() == SoakOptions.Control.NONE
                        ? ""
                        : "; control with "
                                + options.control()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '-')));
        ledger(text);
        kinds(text);
        growth(text);
        each(text);
        return text.append("\n```json\n").append(json()).append("\n```\n").toString();
    }

    private void ledger(StringBuilder text) {
        row(text, List.of("ledger", "found", "allowed"));
        row(text, List.of("---", "---:", "---:"));
        row(text, List.of("faults", Integer.toString(results.size()), "-"));
        row(text, List.of("flows lost that must live", Long.toString(lostFlows()), "0"));
        row(
                text,
                List.of(
                        "two gates open, worst",
                        ms(twoOpenMsMax()),
                        options.profile().leaseMs() + " ms"));
        row(text, List.of("takeovers that nobody asked for", Integer.toString(unasked()), "0"));
        row(text, List.of("faults after which the pair was not equal in time", Long.toString(unequal()), "0"));
        row(text, List.of("processes that grew", Long.toString(grew()), "0"));
        row(text, List.of("equality judged by", "both kernels, both agents", "-"));
        row(text, List.of("frames that the captures missed", Long.toString(missedFrames), "-"));
        text.append("\nVerdict: **").append(passed() ? "passed" : "not passed").append("**\n\n");
        misses().forEach(miss -> text.append("- ").append(miss).append('\n'));
    }

    private long grew() {
        return growths.stream().filter(one -> !one.misses().isEmpty()).count();
    }

    private void kinds(StringBuilder text) {
        text.append("\nFrom the mending of a fault until the pair is whole, and until it is equal, in ms:\n\n");
        row(text, List.of("fault", "times", "whole: median", "worst", "equal: median", "worst", "two gates: worst"));
        row(text, List.of("---", "---:", "---:", "---:", "---:", "---:", "---:"));
        for (SoakFault fault : SoakFault.values()) {
            List<SoakResult> of =
                    results.stream().filter(one -> one.step().fault() == fault).toList();
            if (!of.isEmpty()) {
                row(
                        text,
                        List.of(
                                fault.what(),
                                Integer.toString(of.size()),
                                ms(median(of, SoakResult::wholeMs)),
                                ms(worst(of, SoakResult::wholeMs)),
                                ms(median(of, SoakResult::equalMs)),
                                ms(worst(of, SoakResult::equalMs)),
                                ms(worst(of, SoakResult::twoOpenMs))));
            }
        }
    }

    private void growth(StringBuilder text) {
        text.append("\nGrowth of the processes in the second half, median of the last third less that of the first,")
                .append(" the heap after a full collection:\n\n");
        row(text, List.of("process", "minutes", "samples", "resident KiB", "heap KiB", "descriptors", "threads"));
        row(text, List.of("---", "---:", "---:", "---:", "---:", "---:", "---:"));
        for (Growth one : growths) {
            row(
                    text,
                    List.of(
                            one.node() + " (" + one.pid() + ")",
                            String.format(Locale.ROOT, "%.1f", one.minutes()),
                            Integer.toString(one.samples()),
                            Long.toString(one.residentKb()),
                            Long.toString(one.heapKb()),
                            Long.toString(one.files()),
                            Long.toString(one.threads())));
        }
        row(
                text,
                List.of(
                        "allowed",
                        "-",
                        "-",
                        Long.toString(Growth.RESIDENT_KB_MAX),
                        Long.toString(Growth.HEAP_KB_MAX),
                        Long.toString(Growth.FILES_MAX),
                        Long.toString(Growth.THREADS_MAX)));
    }

    private void each(StringBuilder text) {
        text.append("\nEvery fault:\n\n");
        row(
                text,
                List.of(
                        "at s",
                        "fault",
                        "whole ms",
                        "equal ms",
                        "two gates ms",
                        "stall ms",
                        "takeovers",
                        "flows",
                        "amiss"));
        row(text, List.of("---:", "---", "---:", "---:", "---:", "---:", "---:", "---:", "---"));
        for (SoakResult one : results) {
            row(
                    text,
                    List.of(
                            String.format(Locale.ROOT, "%.0f", one.atMs() / 1e3),
                            one.step().number()
                                    + (one.settled() ? "b " : "a ")
                                    + one.step().fault().word(),
                            ms(one.wholeMs()),
                            ms(one.equalMs()),
                            ms(one.twoOpenMs()),
                            ms(one.stallMs()),
                            Integer.toString(one.takeovers()),
                            one.survived() + "/" + one.opened(),
                            String.join("; ", one.misses(options.profile())).replace('|', '/')));
        }
    }

    private static double median(List<SoakResult> of, ToDoubleFunction<SoakResult> what) {
        return Numbers.median(of.stream().mapToDouble(what));
    }

    private static double worst(List<SoakResult> of, ToDoubleFunction<SoakResult> what) {
        return Numbers.worst(of.stream().mapToDouble(what));
    }

    private static String ms(double value) {
        return Double.isInfinite(value) ? "never" : String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    private static void row(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** One line. */
    String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("passed", passed());
        root.put("seed", options.seed());
        root.put("seconds", seconds);
        root.put("commit", where.commit());
        root.put("kernel", where.kernel());
        root.put("control", options.control().name());
        root.put("faults", results.size());
        root.put("flowsLost", lostFlows());
        root.put("twoOpenMsMax", twoOpenMsMax());
        root.put("leaseMs", options.profile().leaseMs());
        root.put("unaskedTakeovers", unasked());
        root.put("unequal", unequal());
        root.put("grew", grew());
        root.put("churned", churned);
        misses().forEach(root.putArray("misses")::add);
        ArrayNode kinds = root.putArray("kinds");
        for (SoakFault fault : SoakFault.values()) {
            List<SoakResult> of =
                    results.stream().filter(one -> one.step().fault() == fault).toList();
            if (!of.isEmpty()) {
                ObjectNode kind = kinds.addObject();
                kind.put("name", fault.word());
                kind.put("times", of.size());
                kind.put("equalMsMedian", finite(median(of, SoakResult::equalMs)));
                kind.put("equalMsWorst", finite(worst(of, SoakResult::equalMs)));
            }
        }
        return JSON.writeValueAsString(root);
    }

    private static Double finite(double ms) {
        return Double.isInfinite(ms) ? null : Double.valueOf(ms);
    }
}
