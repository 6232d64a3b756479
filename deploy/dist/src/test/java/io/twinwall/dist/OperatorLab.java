/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.Agents.await;
import static io.twinwall.dist.Agents.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
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
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What an operator does to a pair, by the packaged program's command line, on one pair: each proof begins when it is
 * whole, and leaves it able to become whole again.
 */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OperatorLab {
    private static final long READY_MS = 60_000;
    private static final long STOP_MS = 10_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 60;
    private static final String FOLLOWERS = """
            [[hook]]
            on = ["master"]
            command = ["/bin/sh", "-c", "echo $TWINWALL_OLD_ROLE $TWINWALL_ROLE > DIRECTORY/$TWINWALL_NODE.hook; exit 3"]

            [[route]]
            to = "198.51.100.0/24"
            via = "10.20.0.10"
            interface = "wan0"
            table = 100

            [[rule]]
            from = "192.0.2.0/24"
            table = 100
            priority = 1000
            """;
    /** The stream of flows is lost, the heartbeats are not. */
    private static final String NO_STREAM = """
            table inet lab_cut {
                chain prerouting {
                    type filter hook prerouting priority -400; policy accept;
                    udp dport 47901 drop
                }
            }
            """;

    /** What comes by one path is lost, what goes is not. */
    private static final String ONE_WAY = """
            table inet lab_deaf {
                chain prerouting {
                    type filter hook prerouting priority -400; policy accept;
                    iifname "lan0" udp dport 47900 drop
                }
            }
            """;

    private final long seed = Seeds.seed("operator");
    private Lab lab;
    private Pair pair;

    @BeforeAll
    void start() {
        lab = Lab.create();
        AgentOptions options = AgentOptions.defaults()
                .withMore(FOLLOWERS.replace("DIRECTORY", lab.directory().toString()));
        pair = new Pair(lab, Program.command(), options);
    }

    @AfterAll
    void end() {
        if (pair != null) {
            pair.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void shouldExchangeTheRolesBothWaysAndLoseNothing() {
        try (LiveFlows flows = flows()) {
            for (int way = 0; way < 2; way++) {
                LabAgent old = whole();
                LabAgent heir = pair.other(old);
                String said = says(0, old, "switchover");
                assertTrue(said.contains(heir.node().nodeName() + " is active now"), said);
                assertTrue(status(heir).master(), said);
                assertEquals("", flows.lost(), said);
            }
        }
    }

    @Test
    void shouldNameTheLossesAndPromoteByForceOnly() {
        LabAgent active = whole();
        LabAgent passive = pair.other(active);
        Cmd.inWithInput(namespace(passive), NO_STREAM, "nft", "-f", "-");
        try (LiveFlows flows = flows()) {
            assertTrue(flows.open() >= FLOWS);
            passive.stop(STOP_MS);
            pair.start(passive);
            await(
                    "the passive hears its peer",
                    passive,
                    status -> status.peerState().equals("ALIVE"));
            String refused = says(1, passive, "promote");
            assertTrue(refused.contains("would be lost: ") && refused.contains("objection: "), refused);
            assertTrue(status(active).master(), refused);
            says(0, passive, "promote", "--force");
            await("the old active yields", active, status -> status.role().equals("BACKUP"));
            assertTrue(status(passive).master());
        } finally {
            Cmd.in(namespace(passive), "nft", "delete", "table", "inet", "lab_cut");
        }
        assertEquals(passive, whole());
    }

    @Test
    void shouldHandOverForMaintenanceAndStayOutThroughARestart() throws IOException {
        LabAgent worked = whole();
        LabAgent other = pair.other(worked);
        try (LiveFlows flows = flows()) {
            whole();
            String said = says(0, worked, "maintenance", "on");
            assertTrue(
                    said.contains(
                            "this node is MAINTENANCE now, " + other.node().nodeName() + " is active"),
                    said);
            assertEquals("", flows.lost(), said);
        }
        Path state = lab.directory().resolve(worked.node().nodeName() + "/state/state");
        assertTrue(Files.readString(state).contains("\nmaintenance on\n"), state::toString);
        worked.stop(STOP_MS);
        pair.start(worked);
        await("it stays out", worked, status -> status.role().equals("MAINTENANCE"));
        says(1, worked, "promote", "--force");
        assertTrue(status(other).master());
        says(0, worked, "maintenance", "off");
        await("it comes back", worked, status -> status.role().equals("BACKUP"));
        assertEquals(other, whole());
    }

    @Test
    void shouldReloadByCommandAndBySignalAndTellWhatNeedsARestart() throws IOException {
        LabAgent active = whole();
        AgentStatus before = status(active);
        String first = Files.readString(active.configFile());
        try {
            String tracked = first + """

                    [[track]]
                    name = "server"
                    kind = "address"
                    address = "10.20.0.10"
                    interface = "wan0"
                    interval-ms = 100
                    timeout-ms = 50
                    """;
            Files.writeString(active.configFile(), tracked);
            assertEquals("in place: track\n", says(0, active, "reload"));
            await(
                    "the new tracker is up",
                    active,
                    status -> status.json().at("/trackers/2/state").asString("").equals("UP"));
            Files.writeString(
                    active.configFile(), tracked.replace("on = [\"master\"]", "on = [\"master\", \"fault\"]"));
            active.hangUp();
            await(
                    "the changed hook is there",
                    active,
                    status -> status.json().at("/hooks/0/on").size() == 2);
            Files.writeString(active.configFile(), first.replace("profile = \"calm\"", "profile = \"fast\""));
            String partly = says(1, active, "reload");
            assertTrue(partly.startsWith("in place, but not all of it: track, hook\n"), partly);
            assertTrue(partly.contains("a restart is needed") && partly.contains("timing: "), partly);
            await(
                    "the tracker that the file has no more is gone",
                    active,
                    status -> status.json().path("trackers").size() == 2);
        } finally {
            Files.writeString(active.configFile(), first);
            says(0, active, "reload");
        }
        assertEquals(2, status(active).json().path("trackers").size());
        assertEquals(changes(before), changes(status(active)));
        assertTrue(status(active).master());
    }

    @Test
    void shouldShowThatThePeerDoesNotHearByAPathThatIsHeardHere() {
        LabAgent active = whole();
        LabAgent passive = pair.other(active);
        awaitText(active, "path +lan .* in: heard .*; out: works, heard there");
        Cmd.inWithInput(namespace(passive), ONE_WAY, "nft", "-f", "-");
        try {
            awaitText(active, "path +lan .* in: heard .*; out: works, silent there");
            awaitText(active, "path +wan .* in: heard .*; out: works, heard there");
            awaitText(passive, "path +lan .* in: silent .*; out: works, heard there");
        } finally {
            Cmd.in(namespace(passive), "nft", "delete", "table", "inet", "lab_deaf");
        }
        awaitText(active, "path +lan .* in: heard .*; out: works, heard there");
        assertEquals(active, whole());
    }

    @Test
    void shouldShowAtTheActiveWhatIsWrongWithThePassiveAndWhatALostOneToldLast() throws IOException {
        LabAgent active = whole();
        LabAgent passive = pair.other(active);
        Await.until(
                "nothing is wrong there", SOON, () -> !says(0, active, "status").contains("peer health"));
        String first = Files.readString(passive.configFile());
        try {
            Files.writeString(passive.configFile(), first + """

                    [[track]]
                    name = "nobody"
                    kind = "address"
                    address = "10.20.0.99"
                    interface = "wan0"
                    interval-ms = 100
                    timeout-ms = 50
                    weight = 10
                    """);
            says(0, passive, "reload");
            awaitText(active, "peer health +priority \\d+ \\(less 10\\), down: nobody: .*");
            awaitText(active, "peer track +nobody +down .*");
            passive.kill();
            awaitText(active, "told +" + passive.node().nodeName() + " told of itself last \\d+ s ago");
            awaitText(active, "peer track +nobody +was down .*");
        } finally {
            Files.writeString(passive.configFile(), first);
            if (passive.alive()) {
                says(0, passive, "reload");
            } else {
                pair.start(passive);
            }
        }
        assertEquals(active, whole());
    }

    @Test
    void shouldKeepHereWhatAReloadSaysAndLetItTravelAgain() throws IOException {
        LabAgent active = whole();
        LabAgent passive = pair.other(active);
        String first = Files.readString(active.configFile());
        try (LiveFlows flows = flows()) {
            whole();
            awaitFlows(passive, "tcp", true);
            awaitFlows(passive, "udp", true);
            Files.writeString(active.configFile(), first + """

                    [[sync.filter]]
                    action = "skip"
                    protocol = "tcp"
                    """);
            assertEquals("in place: sync-filter\n", says(0, active, "reload"));
            awaitFlows(passive, "tcp", false);
            awaitFlows(passive, "udp", true);
            awaitFlows(active, "tcp", true);
            Await.until(
                    "its kernel leaves them out", SOON, () -> counter("sync_filter_in_kernel", status(active)) == 1);
            Files.writeString(active.configFile(), first);
            assertEquals("in place: sync-filter\n", says(0, active, "reload"));
            awaitFlows(passive, "tcp", true);
            whole();
            String said = says(0, active, "switchover");
            assertEquals("", flows.lost(), said);
        } finally {
            Files.writeString(active.configFile(), first);
            says(0, active, "reload");
        }
    }

    /** Waits until this host's kernel holds, or does not hold, flows of the lab's client. */
    private void awaitFlows(LabAgent agent, String protocol, boolean wanted) {
        Await.until(protocol + " in " + agent.node().nodeName() + ": " + wanted, SOON, () -> {
            String held = Cmd.run("ip", "netns", "exec", namespace(agent), "conntrack", "-L", "-p", protocol);
            return held.contains(" src=10.10.0.10 ") == wanted;
        });
    }

    @Test
    void shouldRunHooksAndMoveRoutesWithTheRole() throws IOException {
        LabAgent old = whole();
        LabAgent heir = pair.other(old);
        assertTrue(follow(old) && !follow(heir), "routes and rules are where the role is");
        Path told = lab.directory().resolve(heir.node().nodeName() + ".hook");
        Files.deleteIfExists(told);
        AgentStatus before = status(heir);
        old.kill();
        await("the hook has failed", heir, status -> rise("hooks_failed_total", before, status) == 1);
        assertEquals("BACKUP MASTER\n", Files.readString(told));
        await(
                "its end is told",
                heir,
                status -> status.json().at("/hooks/0/outcome").asString("").contains("3"));
        assertFalse(status(heir).json().at("/hooks/0/ok").asBoolean(true));
        // The hook begins with the role, the routes come at the end of the addresses.
        Await.until("routes and rules have come", SOON, () -> follow(heir));
        pair.start(old);
        assertEquals(heir, whole());
        Await.until("routes and rules have gone", SOON, () -> !follow(old));
    }

    @Test
    void shouldStandAFlushOfTheRuleset() {
        LabAgent active = whole();
        LabAgent passive = pair.other(active);
        try (LiveFlows flows = flows()) {
            whole();
            AgentStatus before = status(active);
            AgentStatus beforeThere = status(passive);
            String rules = rules(active);
            // As a reload of the rules does it: at once, so that no packet meets a kernel without them.
            Cmd.inWithInput(namespace(active), "flush ruleset\n" + rules, "nft", "-f", "-");
            assertEquals("", flows.lost());
            Cmd.in(namespace(active), "nft", "flush", "ruleset");
            Await.until("the lease's tables stand", SOON, () -> leaseStands(active));
            Cmd.inWithInput(namespace(active), rules, "nft", "-f", "-");
            AgentStatus after = status(active);
            assertEquals(changes(before), changes(after), "no role was given up");
            assertEquals(changes(beforeThere), changes(status(passive)), "no role was taken");
            assertTrue(after.json().at("/lease/gateOpen").asBoolean(false));
            long restored = rise("lease_restored_total", before, after);
            assertEquals(restored > 0, rise("alarms_gate_lost_total", before, after) > 0, "what is restored is told");
        }
    }

    private LiveFlows flows() {
        whole();
        return new LiveFlows(lab, FLOWS, seed);
    }

    private LabAgent whole() {
        return pair.awaitPair(READY_MS, progress -> {});
    }

    private String namespace(LabAgent agent) {
        return lab.namespace(agent.node());
    }

    /** Waits until a line of its status is {@code expression}. */
    private static void awaitText(LabAgent agent, String expression) {
        AtomicReference<String> last = new AtomicReference<>("");
        try {
            Await.until(expression, SOON, () -> {
                last.set(says(0, agent, "status"));
                return last.get().lines().anyMatch(line -> line.matches(expression));
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", but\n" + last, e);
        }
    }

    /** What the command line says to {@code words} for {@code agent}; it must end with {@code exitCode}. */
    private static String says(int exitCode, LabAgent agent, String... words) {
        Program.Ended ended = Program.ask(agent, words);
        assertEquals(exitCode, ended.exitCode(), () -> String.join(" ", words) + ": " + ended);
        return ended.out();
    }

    /** How often its role has changed. */
    private static long changes(AgentStatus status) {
        return counter("role_transitions_total", status);
    }

    private static long counter(String name, AgentStatus status) {
        return status.json().path("counters").path(name).asLong(-1);
    }

    private static long rise(String name, AgentStatus before, AgentStatus after) {
        return counter(name, after) - counter(name, before);
    }

    /** Whether the route and the rule that follow the role are in this host's kernel, both or neither. */
    private boolean follow(LabAgent agent) {
        boolean route = Cmd.run("ip", "-n", namespace(agent), "route", "show", "table", "all")
                .contains("198.51.100.0/24 via 10.20.0.10");
        boolean rule = Cmd.run("ip", "-n", namespace(agent), "rule").contains("from 192.0.2.0/24 lookup 100");
        return route && rule;
    }

    private String rules(LabAgent agent) {
        StringBuilder rules = new StringBuilder();
        for (String[] table : new String[][] {{"inet", "lab_raw"}, {"inet", "lab_filter"}, {"ip", "lab_nat"}}) {
            rules.append(Cmd.in(namespace(agent), "nft", "list", "table", table[0], table[1]));
        }
        return rules.toString();
    }

    private boolean leaseStands(LabAgent agent) {
        String tables = Cmd.in(namespace(agent), "nft", "list", "tables");
        return tables.contains("netdev twinwall") && tables.contains("inet twinwall");
    }
}
