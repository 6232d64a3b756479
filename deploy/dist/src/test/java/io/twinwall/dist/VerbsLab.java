/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.KernelFlows;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the verbs say of a running pair, against what {@code ip}, {@code nft} and {@code conntrack} say of its hosts. */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerbsLab {
    /** Where each verb is run against a running pair; the roles change in the others. */
    private static final Map<String, Class<?>> PROVEN = Map.ofEntries(
            Map.entry("run", OperatorLab.class),
            Map.entry("status", VerbsLab.class),
            Map.entry("flows", VerbsLab.class),
            Map.entry("verify", VerbsLab.class),
            Map.entry("history", JournalLab.class),
            Map.entry("switchover", OperatorLab.class),
            Map.entry("promote", OperatorLab.class),
            Map.entry("maintenance", OperatorLab.class),
            Map.entry("veto", AlertsLab.class),
            Map.entry("reload", OperatorLab.class),
            Map.entry("key", KeyRotationLab.class),
            Map.entry("alert", AlertsLab.class),
            Map.entry("doctor", VerbsLab.class),
            Map.entry("check-config", VerbsLab.class),
            Map.entry("demo", DemoLab.class),
            Map.entry("completion", VerbsLab.class),
            Map.entry("man", VerbsLab.class),
            Map.entry("version", VerbsLab.class));

    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 40;
    private static final int RUN_SECONDS = 30;

    private Lab lab;
    private Pair pair;
    private LiveFlows flows;
    private LabAgent active;
    private LabAgent passive;

    @BeforeAll
    void start() {
        lab = Lab.create();
        pair = new Pair(lab, Program.command(), AgentOptions.defaults().withMore("[journal]\ndeltas = true\n"));
        pair.awaitPair(READY_MS, progress -> {});
        flows = new LiveFlows(lab, FLOWS, Seeds.seed("verbs"));
        active = pair.awaitPair(READY_MS, progress -> {});
        passive = pair.other(active);
        Await.until("both kernels hold the same", SOON, () -> {
            Set<String> here = host(active).flows();
            return here.size() >= FLOWS && here.equals(host(passive).flows());
        });
    }

    @AfterAll
    void end() {
        if (flows != null) {
            flows.close();
        }
        if (pair != null) {
            pair.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void shouldKnowOfEachVerbWhereItIsProven() {
        List<String> help = ended(0, Program.run(RUN_SECONDS, "--help")).lines().toList();
        Set<String> verbs = help.subList(help.indexOf("Commands:") + 1, help.size()).stream()
                .filter(line -> line.matches(" {2}[a-z].*"))
                .map(line -> line.strip().split(" ", -1)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(PROVEN.keySet()), verbs);
    }

    @Test
    void shouldShowTheAddressesAndTheLeaseAsTheKernelsHaveThem() {
        for (LabAgent agent : pair.agents()) {
            HostTools host = host(agent);
            String text = says(0, agent, "status");
            Set<String> held = text.lines()
                    .filter(line -> line.startsWith("vip ") && line.endsWith(" held"))
                    .map(line -> line.split("[ /]+", -1)[1])
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(agent == active ? HostTools.allVips() : Set.of(), held, text);
            assertEquals(held, host.vips(), text);
            assertEquals(agent == active, host.gateOpen());
            assertTrue(text.contains(", gate " + (agent == active ? "open" : "closed")), text);
            assertEquals(agent == active, status(agent).at("/lease/gateOpen").asBoolean());
        }
    }

    @Test
    void shouldShowTheSameOnBothNodes() {
        JsonNode here = status(active);
        JsonNode there = status(passive);
        assertEquals("MASTER", here.path("role").asString());
        assertEquals("BACKUP", there.path("role").asString());
        for (JsonNode[] one : new JsonNode[][] {{here, there}, {there, here}}) {
            for (String name : List.of("role", "term", "readiness")) {
                assertEquals(one[0].path(name), one[1].path("peer").path(name), name);
            }
            assertEquals(one[0].path("node"), one[1].at("/peer/name"));
            assertEquals(one[0].at("/lease/gateOpen"), one[1].at("/peer/gateOpen"));
            assertEquals(one[0].path("pairDigest"), one[1].path("pairDigest"));
            assertEquals("ALIVE", one[0].at("/peer/state").asString());
        }
    }

    @Test
    void shouldShowOnEitherNodeWhatTheOtherTellsOfItself() {
        for (LabAgent here : pair.agents()) {
            LabAgent there = pair.other(here);
            Await.until("the other's newest report", SOON, () -> {
                JsonNode own = status(there);
                JsonNode report = status(here).at("/peer/report");
                return own.path("vips").size() > 0
                        && List.of("vips", "configuredRole", "priority", "failBack").stream()
                                .allMatch(name -> own.path(name).equals(report.path(name)))
                        && List.of("/trackers:state", "/paths:state", "/transitions:reason", "/alarms:code").stream()
                                .allMatch(list -> each(list, own).equals(each(list, report)));
            });
        }
        // The addresses of the active are seen from the passive as its kernel has them.
        Await.until("the passive's screen", SOON, () -> {
            List<String> lines = says(0, passive, "status").lines().toList();
            Set<String> held = lines.stream()
                    .filter(line -> line.startsWith("vip ")
                            && line.endsWith(" held by " + active.node().nodeName()))
                    .map(line -> line.split("[ /]+", -1)[1])
                    .collect(Collectors.toCollection(TreeSet::new));
            long heard = lines.stream()
                    .filter(line -> line.startsWith("path ") && line.endsWith(", heard there"))
                    .count();
            long tracked = lines.stream()
                    .filter(line -> line.startsWith("peer track "))
                    .count();
            return held.equals(host(active).vips()) && heard == 3 && tracked == 2;
        });
    }

    /** {@code /list:name}: that of each member. */
    private static List<String> each(String what, JsonNode of) {
        String[] parts = what.split(":", -1);
        return of.at(parts[0])
                .valueStream()
                .map(one -> one.path(parts[1]).asString(""))
                .toList();
    }

    @Test
    void shouldCountTheFlowsAsTheKernelsDo() {
        int held = host(active).flows().size();
        assertEquals(held, host(passive).flows().size());
        assertEquals(String.valueOf(held), says(0, active, "flows", "--count").strip());
        assertEquals(String.valueOf(held), says(0, passive, "flows", "--count").strip());
        for (LabAgent agent : pair.agents()) {
            for (String where : List.of("activeKernel", "activeTable", "mirror", "passiveKernel")) {
                long known = status(agent).at("/flowCounts/" + where).asLong();
                // What only the other node knows it may not tell.
                assertTrue(
                        known == held || known == -1,
                        () -> agent.node() + " " + where + ": " + known + ", not " + held);
            }
            // Flows of the hosts' own come and go.
            Await.until("all entries of the host", SOON, () -> {
                long told = status(agent).at("/flowCounts/hostEntries").asLong();
                return told
                        == Long.parseLong(
                                Cmd.in(namespace(agent), "conntrack", "-C").strip());
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-p tcp",
                "-p udp",
                "-f ipv6",
                "-s 10.10.0.10",
                "-d 10.20.0.10 -p tcp",
                "-r 10.10.0.10",
                "-q 10.20.0.254",
                "-p tcp --dport 7002",
                "-p tcp --state ESTABLISHED",
                "-u ASSURED",
                "-n",
                "-g",
                "-j",
                "-n 10.20.0.254",
                "-p tcp -s 10.20.0.10 -g"
            })
    void shouldListTheFlowsThatConntrackListsForTheSameOptions(String options) {
        List<String> conditions = options.isEmpty() ? List.of() : List.of(options.split(" "));
        Set<String> listed = listed(passive, conditions);
        assertFalse(listed.isEmpty(), "nothing is proven by " + options);
        assertEquals(listed, asked(passive, conditions));
        assertEquals(
                listed.size(),
                Integer.parseInt(says(0, passive, words(conditions, "--count")).strip()));
    }

    @Test
    void shouldListTheFlowsOfAMomentAgo() {
        Path journal = lab.directory().resolve(passive.node().nodeName() + "/state/journal");
        Await.until("the journal has them", SOON, () -> {
            Program.Ended ended =
                    Program.ask(passive, "flows", "--at", "0s", "--journal", journal.toString(), "-o", "extended");
            return ended.exitCode() == 0
                    && KernelFlows.normal(ended.out().lines().toList())
                            .equals(host(passive).flows());
        });
    }

    @Test
    void shouldFindThePairEqualWhenItIs() {
        for (LabAgent agent : pair.agents()) {
            JsonNode found = JsonMapper.shared().readTree(says(0, agent, "verify", "--now", "--json"));
            assertEquals(host(active).flows(), host(passive).flows());
            assertTrue(found.path("equal").asBoolean() && found.path("complete").asBoolean(), found::toString);
            assertEquals(host(active).flows().size(), found.path("flows").asInt());
            for (JsonNode stage : found.path("stages")) {
                assertEquals(0, stage.path("differing").asInt(-1), found::toString);
            }
        }
        // Without its flows in the passive's kernel it is not, and says what was done about it.
        Cmd.in(namespace(passive), "conntrack", "-D", "-p", "udp");
        Await.until(
                "what was deleted is back",
                SOON,
                () -> host(passive).flows().equals(host(active).flows()));
        Await.until(
                "it is equal again",
                SOON,
                () -> Program.ask(active, "verify", "--now").exitCode() == 0);
        assertTrue(says(0, active, "verify").contains("flows deleted in the kernel by another program"));
    }

    @Test
    void shouldExamineTheHostAndMendItAsItSays() {
        JsonNode before = doctor();
        assertFalse(findings(before).contains("tcp-loose"), before::toString);
        loose(1);
        try {
            JsonNode found = doctor();
            assertTrue(findings(found).contains("tcp-loose"), found::toString);
            for (JsonNode one : found.path("findings")) {
                if (one.path("id").asString("").equals("tcp-loose")) {
                    String mend = one.at("/remedy/commands/0").asString("");
                    Cmd.in(namespace(active), "sh", "-c", mend);
                }
            }
            assertEquals(findings(before), findings(doctor()));
        } finally {
            loose(0);
        }
    }

    private void loose(int value) {
        String file = "/proc/sys/net/netfilter/nf_conntrack_tcp_loose";
        Cmd.in(namespace(active), "sh", "-c", "echo " + value + " > " + file);
    }

    /** Its exit code must be what it found. */
    private JsonNode doctor() {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace(active)));
        command.addAll(Program.client());
        Program.Ended ended = Program.run(
                command, RUN_SECONDS, "doctor", "--config", active.configFile().toString(), "--json");
        JsonNode found = JsonMapper.shared().readTree(ended.out());
        int warned = found.path("warnings").asInt() > 0 ? 2 : 0;
        assertEquals(found.path("errors").asInt() > 0 ? 1 : warned, ended.exitCode(), ended::toString);
        assertTrue(found.path("daemonRuns").asBoolean(), ended::toString);
        assertEquals(status(active).path("pairDigest"), found.path("pairDigest"));
        return found;
    }

    private static Set<String> findings(JsonNode doctor) {
        return doctor.path("findings")
                .valueStream()
                .map(one -> one.path("id").asString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void shouldCheckTheConfigurationThatRuns(@TempDir Path directory) throws IOException {
        String file = active.configFile().toString();
        JsonNode checked =
                JsonMapper.shared().readTree(ended(0, Program.run(RUN_SECONDS, "check-config", "--json", file)));
        assertTrue(checked.path("ok").asBoolean(), checked::toString);
        Path effective = Files.writeString(
                directory.resolve("effective.toml"), ended(0, Program.run(RUN_SECONDS, "check-config", file)));
        String again = ended(0, Program.run(RUN_SECONDS, "check-config", effective.toString()));
        assertEquals(Files.readString(effective), again, "with every default it is the same");
        Path wrong = Files.writeString(
                directory.resolve("wrong.toml"),
                Files.readString(active.configFile()).replace("priority", "priorty"));
        Program.Ended refused = Program.run(RUN_SECONDS, "check-config", wrong.toString());
        assertEquals(78, refused.exitCode());
        assertTrue(refused.err().contains("priorty") && refused.err().contains("priority"), refused::err);
    }

    @Test
    void shouldCompleteAndDescribeEachVerb(@TempDir Path directory) throws IOException {
        for (String shell : List.of("bash", "zsh", "fish")) {
            String script = ended(0, Program.run(RUN_SECONDS, "completion", shell));
            for (String verb : PROVEN.keySet()) {
                assertTrue(script.contains(verb), shell + " " + verb);
            }
        }
        ended(0, Program.run(RUN_SECONDS, "man", directory.toString()));
        for (String verb : PROVEN.keySet()) {
            String page = assertDoesNotThrow(() -> Files.readString(directory.resolve("twinwall-" + verb + ".1")));
            assertTrue(page.contains(".SH"), page);
        }
        assertTrue(ended(0, Program.run(RUN_SECONDS, "version")).startsWith("twinwall "));
        assertEquals(
                "twinwall " + status(active).path("version").asString(),
                ended(0, Program.run(RUN_SECONDS, "version")).strip());
    }

    @Test
    void shouldSayThatNothingWaitsForAVeto() {
        assertTrue(says(1, passive, "veto").contains("no takeover waits at"));
    }

    /** As {@code conntrack} lists them; of a family at a time, since it knows no other way. */
    private Set<String> listed(LabAgent agent, List<String> conditions) {
        Set<String> all = new TreeSet<>();
        boolean ipv4 = conditions.stream().anyMatch(word -> word.matches("[0-9.]+\\.[0-9]+"));
        for (String family : ipv4 ? List.of("ipv4") : List.of("ipv4", "ipv6")) {
            if (!conditions.contains("-f") || conditions.contains(family)) {
                List<String> command = new ArrayList<>(List.of("conntrack", "-L", "-o", "extended", "-f", family));
                command.addAll(conditions.contains("-f") ? List.of() : conditions);
                all.addAll(KernelFlows.normal(Cmd.in(namespace(agent), command.toArray(String[]::new))
                        .lines()
                        .toList()));
            }
        }
        return all;
    }

    private static Set<String> asked(LabAgent agent, List<String> conditions) {
        return KernelFlows.normal(
                says(0, agent, words(conditions, "-o", "extended")).lines().toList());
    }

    private static String[] words(List<String> conditions, String... more) {
        List<String> words = new ArrayList<>(List.of("flows"));
        words.addAll(conditions);
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    private String namespace(LabAgent agent) {
        return lab.namespace(agent.node());
    }

    private HostTools host(LabAgent agent) {
        return new HostTools(namespace(agent));
    }

    private static JsonNode status(LabAgent agent) {
        return Agents.status(agent).json();
    }

    private static String says(int exitCode, LabAgent agent, String... words) {
        return ended(exitCode, Program.ask(agent, words));
    }

    private static String ended(int exitCode, Program.Ended ended) {
        assertEquals(exitCode, ended.exitCode(), ended::toString);
        return ended.out();
    }
}
