/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a demo found.
 *
 * @param tally flows that were open 20 ms before the failure, and those that survived
 * @param darkNs for each stream its dark time, {@link ReceiptLog#NEVER} when it did not come back
 * @param heir the status of the new active, or nothing when none took over
 * @param lossReasons why flows of the kernel's own were lost
 */
record DemoReport(
        DemoOptions options,
        FlowTally tally,
        Map<String, Long> darkNs,
        Optional<AgentStatus> heir,
        long failureNs,
        long stallNs,
        Map<String, Integer> lossReasons) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** With synchronisation every flow survived; without, none did. And in both, somebody took over. */
    boolean passed() {
        int wanted = options.sync() ? tally.opened() : 0;
        return heir.isPresent() && tally.survived() == wanted && tally.opened() > 0;
    }

    /** From the failure to the decision to take over; negative when there was none. */
    double detectMs() {
        return heir.map(status -> (status.takeoverDecidedNs() - failureNs) / 1e6)
                .orElse(-1.0);
    }

    String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("fail", options.fail().word());
        root.put("profile", options.profile().word());
        ObjectNode flows = root.putObject("flows");
        flows.put("opened", tally.opened());
        flows.put("survived", tally.survived());
        ObjectNode byKind = flows.putObject("byKind");
        tally.byKind()
                .forEach((kind, counts) ->
                        byKind.putObject(kind).put("opened", counts[0]).put("survived", counts[1]));
        ObjectNode dark = root.putObject("darkMs");
        darkNs.forEach((stream, ns) -> {
            if (ns == ReceiptLog.NEVER) {
                dark.putNull(stream);
            } else {
                dark.put(stream, rounded(ns / 1e6));
            }
        });
        ObjectNode takeover = root.putObject("takeover");
        ObjectNode phases = JSON.createObjectNode();
        if (heir.isPresent()) {
            takeover.put("detectMs", rounded(detectMs()));
            heir.get().takeoverPhasesMs().forEach(phases::put);
        } else {
            takeover.putNull("detectMs");
        }
        takeover.set("phases", phases);
        root.put("stallMs", rounded(stallNs / 1e6));
        root.put("seed", options.seed());
        return JSON.writeValueAsString(root);
    }

    void print(PrintStream to) {
        to.println();
        to.println("failure    " + options.fail().what() + ", with timing "
                + options.profile().word());
        printTakeover(to);
        printDark(to);
        printFlows(to);
        to.println("verdict    " + verdict());
        to.println("seed       " + options.seed());
    }

    private String verdict() {
        if (heir.isEmpty()) {
            return "NO: nobody took over";
        }
        String count = tally.survived() + " of " + tally.opened() + " flows survived";
        if (options.sync()) {
            return (passed() ? "YES: " : "NO: ") + count;
        }
        return (passed() ? "YES: the control holds, without synchronisation " : "NO: the control fails, ") + count;
    }

    private void printTakeover(PrintStream to) {
        if (heir.isEmpty()) {
            to.println("takeover   none");
            return;
        }
        StringBuilder phases = new StringBuilder();
        heir.get()
                .takeoverPhasesMs()
                .forEach((phase, ms) -> phases.append(", ")
                        .append(phase.replaceAll("Ms$", ""))
                        .append(String.format(Locale.ROOT, " %.1f", ms)));
        to.println(String.format(
                Locale.ROOT,
                "takeover   decided after %.1f ms (%s)",
                detectMs(),
                heir.get().takeoverReason()));
        to.println("           phases in ms: " + (phases.isEmpty() ? "-" : phases.substring(2)));
        to.println("           " + heir.get().takeoverFlows());
    }

    private void printDark(PrintStream to) {
        to.println(String.format(
                Locale.ROOT, "dark time  in ms; the machine itself stood still for up to %.1f", stallNs / 1e6));
        to.print("           %-10s".formatted("stream"));
        for (Path path : Path.values()) {
            to.print("%10s".formatted(path.label()));
        }
        to.println();
        for (String protocol : new String[] {"udp", "tcp"}) {
            for (String direction : new String[] {"forth", "back"}) {
                to.print("           %-10s".formatted(protocol + " " + direction));
                for (Path path : Path.values()) {
                    Long ns = darkNs.get(protocol + "." + path.label() + "." + direction);
                    to.print("%10s"
                            .formatted(
                                    ns == null || ns == ReceiptLog.NEVER
                                            ? "never"
                                            : String.format(Locale.ROOT, "%.1f", ns / 1e6)));
                }
                to.println();
            }
        }
    }

    private void printFlows(PrintStream to) {
        to.println("flows      survived / open 20 ms before the failure");
        Map<String, StringBuilder> rows = new LinkedHashMap<>();
        tally.byKind().forEach((kind, counts) -> {
            int second = kind.indexOf('.', kind.indexOf('.') + 1);
            String row = second < 0 ? kind : kind.substring(0, second);
            String cell = (second < 0 ? "" : kind.substring(second + 1) + " ") + counts[1] + "/" + counts[0];
            rows.computeIfAbsent(row, r -> new StringBuilder()).append(cell).append("  ");
        });
        rows.forEach((row, cells) -> to.println("           %-16s %s"
                .formatted(row.replace('.', ' '), cells.toString().strip())));
        if (options.sync() && !lossReasons.isEmpty()) {
            to.println("           lost by: " + lossReasons);
        }
    }

    private static double rounded(double ms) {
        return Math.round(ms * 1_000) / 1_000.0;
    }
}
