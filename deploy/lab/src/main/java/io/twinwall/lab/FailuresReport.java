/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A table of failures, as a section of Markdown, and as JSON with every run.
 *
 * @param settings asked for; they differ in profile and flows only
 * @param rows so far
 */
record FailuresReport(Surroundings where, List<FailuresOptions> settings, List<TrialRow> rows) {
    /** What the columns mean; once above all sections. */
    static final String COLUMNS = """
            Times in milliseconds. *Dark* is the longest silence of a UDP stream of one packet each millisecond, of eight streams
            (four paths, both ways), from the failure until the pair is whole again: the median stream of the median run, the worst
            stream of the median run, the worst of all. *Stall* is how long the machine itself stood still at worst meanwhile. *Two
            gates* is how long packets came through both firewalls, or both answered for a virtual address, in captures on all four
            ports of the switches while each firewall is asked each millisecond. *Gate shut after* is the last packet that the
            first active let through before it was mended. A host whose agent was stopped in order has no gate, as it should; until
            the agent is back only its answers for a virtual address count. *Flows* are those that survived, of all that were open
            in all runs.
            """;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> HEADS = List.of(
            "failure",
            "profile, TCP flows",
            "runs",
            "dark: median",
            "dark: worst of the median run",
            "dark: worst",
            "stall",
            "two gates: median",
            "two gates: worst",
            "gate shut after: worst",
            "flows",
            "probes lost: worst, all runs",
            "takeovers",
            "verdict");

    /** Whether no bar was missed. */
    boolean passed() {
        return rows.stream().allMatch(row -> row.misses().isEmpty());
    }

    /** The section: what was measured where, the table, and the bars. */
    String markdown() {
        StringBuilder text = new StringBuilder(head());
        line(text, HEADS);
        line(text, HEADS.stream().map(head -> "---").toList());
        for (TrialRow row : rows) {
            line(text, cells(row));
        }
        text.append("\nWhat each row is held against:\n\n");
        rows.stream().map(this::bar).distinct().forEach(text::append);
        return text.toString();
    }

    private String bar(TrialRow row) {
        boolean one = settings.stream().map(FailuresOptions::profile).distinct().count() == 1;
        return "- " + row.trial().what() + (one ? "" : ", `" + row.profile().word() + "`") + ": "
                + row.trial().bar().words(row.profile()) + ".\n";
    }

    private String head() {
        FailuresOptions any = settings.getFirst();
        List<RunResult> runs = rows.stream().flatMap(row -> row.runs().stream()).toList();
        return String.format(
                Locale.ROOT,
                """
                ## %s: %s

                %s. Seed %d, heartbeats over sync link, LAN and WAN%s.
                In these %d runs the machine itself stood still for up to %.1f ms, for %.1f ms in the median run.

                """,
                title(any.trials()),
                settings.stream().map(FailuresReport::setting).collect(Collectors.joining("; ")),
                where.words(),
                any.seed(),
                any.trackers() ? ", links tracked and addresses probed" : ", no trackers",
                runs.size(),
                Numbers.worst(runs.stream().mapToDouble(RunResult::stallMs)),
                Numbers.median(runs.stream().mapToDouble(RunResult::stallMs)));
    }

    private static String title(List<Trial> trials) {
        return trials.size() == Trial.values().length
                ? "Every failure"
                : trials.stream().map(Trial::what).collect(Collectors.joining(", "));
    }

    private static String setting(FailuresOptions options) {
        return String.format(
                Locale.ROOT,
                "`%s` (lease %d ms), %,d flows",
                options.profile().word(),
                options.profile().leaseMs(),
                options.flows());
    }

    private static List<String> cells(TrialRow row) {
        List<String> cells = new ArrayList<>();
        cells.add(row.trial().what());
        cells.add(row.setting());
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
            cells.add(String.format(
                    Locale.ROOT,
                    "%,d, %,d",
                    row.runs().stream().mapToLong(RunResult::probesLost).max().orElse(0),
                    row.runs().stream().mapToLong(RunResult::probesLost).sum()));
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
        root.put("commit", where.commit());
        root.put("seed", settings.getFirst().seed());
        ArrayNode table = root.putArray("failures");
        for (TrialRow row : rows) {
            ObjectNode node = table.addObject();
            node.put("name", row.trial().word());
            node.put("what", row.trial().what());
            node.put("profile", row.profile().word());
            node.put("leaseMs", row.profile().leaseMs());
            node.put("flows", row.flows());
            node.put("darkMsMax", row.trial().bar().darkMsMax(row.profile()));
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
