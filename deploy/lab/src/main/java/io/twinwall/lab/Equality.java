/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whether both kernels hold the same flows, judged twice: by what {@code conntrack} lists on either side, and by what the
 * agents say when asked for a comparison from end to end. Flows come and go while it looks, so a flow differs only if it
 * did in every look so far; a look that finds none of those ends the search.
 */
final class Equality {
    private static final long LOOK_MS = 100;
    private static final long SLOW_MS = 8_000;
    private static final long VERIFY_MS = 15_000;
    private static final int EXAMPLES = 3;
    private static final int TABLE_MAX = 10_000;
    private static final Pattern PORTS = Pattern.compile("sport=([0-9]+) dport=([0-9]+)");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Pair pair;
    private String slow = "";

    Equality(Pair pair) {
        this.pair = pair;
    }

    /** Waits until both are equal; what still differs after {@code deadlineMs}, or nothing. */
    List<String> await(long deadlineMs) {
        List<String> problems = new ArrayList<>();
        Set<String> still = new TreeSet<>(differences());
        slow = "";
        long beganNs = System.nanoTime();
        long slowNs = beganNs + SLOW_MS * 1_000_000;
        Waiting.until(deadlineMs, LOOK_MS, () -> {
            still.retainAll(differences());
            if (slow.isEmpty() && !still.isEmpty() && System.nanoTime() - slowNs > 0) {
                slow = describe(still);
            }
            return still.isEmpty();
        });
        if (!still.isEmpty()) {
            problems.add(describe(still) + " after " + deadlineMs + " ms");
        }
        for (LabAgent agent : pair.agents()) {
            String[] said = {""};
            long leftMs = deadlineMs - (System.nanoTime() - beganNs) / 1_000_000;
            boolean equal = Waiting.until(leftMs, LOOK_MS, () -> {
                said[0] = verify(agent);
                return said[0].isEmpty();
            });
            if (!equal) {
                problems.add(agent.node().nodeName() + " says after " + deadlineMs + " ms: " + said[0]);
            }
        }
        return problems;
    }

    /** What still differed when the last search had gone on for a while; empty when it ended sooner. */
    String slow() {
        return slow;
    }

    private String describe(Set<String> flows) {
        return flows.size() + " flows differ between the kernels: "
                + flows.stream()
                        .limit(EXAMPLES)
                        .map(flow -> flow + " (" + tables(flow) + ")")
                        .collect(Collectors.joining("; "));
    }

    private Set<String> differences() {
        Set<String> a = KernelFlows.of(namespace(0));
        Set<String> b = KernelFlows.of(namespace(1));
        Set<String> differences = new TreeSet<>();
        a.stream().filter(flow -> !b.contains(flow)).forEach(flow -> differences.add("fw-a " + flow));
        b.stream().filter(flow -> !a.contains(flow)).forEach(flow -> differences.add("fw-b " + flow));
        return differences;
    }

    private String namespace(int agent) {
        LabAgent one = pair.agents().get(agent);
        return one.lab().namespace(one.node());
    }

    /** Which agents' tables hold a flow of these ports: says on which of the ways from kernel to kernel it was lost. */
    private String tables(String flow) {
        Matcher ports = PORTS.matcher(flow);
        if (!ports.find()) {
            return "no ports";
        }
        return pair.agents().stream()
                .map(agent -> agent.node().nodeName() + "'s table has " + count(agent, ports.group(1), ports.group(2)))
                .collect(Collectors.joining(", "));
    }

    private static String count(LabAgent agent, String sourcePort, String targetPort) {
        try {
            String body = AdminClient.get(agent.socket(), "/v1/flows?limit=" + TABLE_MAX, VERIFY_MS)
                    .body();
            long found = 0;
            for (JsonNode flow : JSON.readTree(body).path("flows")) {
                JsonNode original = flow.path("orig");
                found += original.path("sport").asString("").equals(sourcePort)
                                && original.path("dport").asString("").equals(targetPort)
                        ? 1
                        : 0;
            }
            return Long.toString(found);
        } catch (IOException | JacksonException e) {
            return "no answer: " + e.getMessage();
        }
    }

    /** Empty when the agent found everything equal, else what it said. */
    private String verify(LabAgent agent) {
        try {
            AdminClient.Answer answer = AdminClient.get(agent.socket(), "/v1/verify?now=true", VERIFY_MS);
            JsonNode json = JSON.readTree(answer.body());
            return json.path("equal").asBoolean(false) ? "" : words(json);
        } catch (IOException | JacksonException e) {
            return "no answer: " + e.getMessage();
        }
    }

    /** Which stages differ, and what was repaired last. */
    private static String words(JsonNode verify) {
        List<String> words = new ArrayList<>();
        for (JsonNode stage : verify.path("stages")) {
            words.add(stage.path("name").asString("?") + " "
                    + stage.path("differing").asString("?") + " differing of "
                    + stage.path("compared").asString("?"));
        }
        JsonNode repair = verify.path("repairs").path(0);
        if (repair.isObject()) {
            words.add(repair.path("flows").asString("?") + " repaired "
                    + repair.path("agoMs").asString("?") + " ms ago, "
                    + repair.path("why").asString("?"));
        }
        return words.isEmpty() ? "no comparison yet" : String.join(", ", words);
    }
}
