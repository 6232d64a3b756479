/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The table of failures, as text and Markdown, and as JSON with every run. */
record FailuresReport(FailuresOptions options, List<TrialRow> rows) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> HEADS = List.of(
            "failure",
            "runs",
            "dark: median",
            "dark: worst of the median run",
            "dark: worst",
            "stall",
            "two gates: median",
            "two gates: worst",
            "gate shut after: worst",
            "flows",
            "probes lost: worst",
            "takeovers",
            "verdict");

    /** Whether no bar was missed. */
    boolean passed() {
        return rows.stream().allMatch(row -> row.misses().isEmpty());
    }

    /** The table, with what its columns mean. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        text.append(head());
        line(text, HEADS);
        line(text, HEADS.stream().map(head -> "---").toList());
        for (TrialRow row : rows) {
            line(text, cells(row));
        }
        text.append("\nWhat each row is held against:\n\n");
        for (TrialRow row : rows) {
            text.append("- ").append(row.trial().what()).append(": ");
            text.append(row.trial().bar().words(options.profile())).append(".\n");
        }
        return text.toString();
    }

    private String head() {
        return String.format(
                Locale.ROOT,
                """
                Profile `%s` (lease %d ms), %s flows, seed %d, Linux %s, %d cores, heartbeats over sync link, LAN and WAN%s.
                Times in milliseconds. *Dark* is the longest silence of a UDP stream of one packet each millisecond, of eight streams
                (four paths, both ways), from the failure until the pair is whole again: the median stream of the median run, the worst
                stream of the median run, the worst of all. *Stall* is how long the machine itself stood still at worst meanwhile. *Two
                gates* is how long packets came through both firewalls, or both answered for a virtual address, in captures on all four
                ports of the switches while each firewall is asked each millisecond. *Gate shut after* is the last packet that the
                first active let through before it was mended. A host whose agent was stopped in order has no gate, as it should; until
                the agent is back only its answers for a virtual address count.

                """,
                options.profile().word(),
                options.profile().leaseMs(),
                options.flows(),
                options.seed(),
                System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                options.trackers() ? ", links tracked and addresses probed" : ", no trackers");
    }

    private static List<String> cells(TrialRow row) {
        List<String> cells = new ArrayList<>();
        cells.add(row.trial().what());
        cells.add(Integer.toString(row.runs().size()));
        if (row.runs().isEmpty()) {
            while (cells.size() < HEADS.size() - 1) {
                cells.add("-");
            }
        } else {
            cells.add(median(row, RunResult::darkMedianMs));
            cells.add(median(row, RunResult::darkWorstMs));
            cells.add(worst(row, RunResult::darkWorstMs));
            cells.add(worst(row, RunResult::stallMs));
            cells.add(median(row, RunResult::twoOpenMs));
            cells.add(worst(row, RunResult::twoOpenMs));
            cells.add(row.trial().bar().takeoversMax() == 0 ? "-" : worst(row, RunResult::shutAfterMs));
            cells.add(row.runs().stream().mapToInt(RunResult::survived).sum() + "/"
                    + row.runs().stream().mapToInt(RunResult::opened).sum());
            cells.add(Long.toString(
                    row.runs().stream().mapToLong(RunResult::probesLost).max().orElse(0)));
            cells.add(String.format(
                    Locale.ROOT,
                    "%d..%d",
                    row.runs().stream().mapToInt(RunResult::takeovers).min().orElse(0),
                    row.runs().stream().mapToInt(RunResult::takeovers).max().orElse(0)));
        }
        cells.add(row.verdict());
        return cells;
    }

    private static String median(TrialRow row, ToDoubleFunction<RunResult> of) {
        return number(Numbers.median(row.runs().stream().mapToDouble(of)));
    }

    private static String worst(TrialRow row, ToDoubleFunction<RunResult> of) {
        return number(Numbers.worst(row.runs().stream().mapToDouble(of)));
    }

    private static String number(double ms) {
        return Double.isInfinite(ms) ? "for ever" : String.format(Locale.ROOT, "%.1f", ms);
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    /** Every run of every row. */
    String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("passed", passed());
        root.put("profile", options.profile().word());
        root.put("leaseMs", options.profile().leaseMs());
        root.put("flows", options.flows());
        root.put("seed", options.seed());
        ArrayNode table = root.putArray("failures");
        for (TrialRow row : rows) {
            ObjectNode node = table.addObject();
            node.put("name", row.trial().word());
            node.put("what", row.trial().what());
            node.put("held", row.held());
            node.put("notRun", row.notRun());
            row.misses().forEach(node.putArray("misses")::add);
            ArrayNode runs = node.putArray("runs");
            row.runs().forEach(run -> run(runs.addObject(), run));
        }
        return JSON.writeValueAsString(root);
    }

    private static void run(ObjectNode node, RunResult run) {
        node.put("darkMedianMs", finite(run.darkMedianMs()));
        node.put("darkWorstMs", finite(run.darkWorstMs()));
        node.put("stallMs", run.stallMs());
        node.put("twoOpenMs", run.twoOpenMs());
        node.put("shutAfterMs", run.shutAfterMs());
        node.put("opened", run.opened());
        node.put("survived", run.survived());
        node.put("lost", run.lost());
        node.put("probesLost", run.probesLost());
        node.put("takeovers", run.takeovers());
        node.put("missedFrames", run.missedFrames());
        run.changes().forEach(node.putArray("changes")::add);
        run.problems().forEach(node.putArray("problems")::add);
    }

    /** A number, or null for a stream that never came back. */
    private static Double finite(double ms) {
        return Double.isInfinite(ms) ? null : Double.valueOf(ms);
    }
}
