/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@RequireRoot
class LabIT {
    @Test
    void shouldLeaveNothingBehind() throws IOException {
        Set<String> hostsOwn = hostsOwn();
        Lab lab = Lab.create();
        String name = lab.name();
        for (String part : LabLinks.PARTS) {
            assertTrue(lab.exists(part), part);
        }
        LabAgent agent = new LabAgent(lab, FirewallNode.FW_A, stateMaker(), AgentOptions.defaults());
        agent.start("00".repeat(32));
        Await.until("the agent ends", Duration.ofSeconds(10), () -> !agent.alive());
        assertEquals(Set.of("state"), names(lab.directory().resolve("fw-a/state")), agent.logTail(10));
        lab.close();
        for (String part : LabLinks.PARTS) {
            assertFalse(lab.exists(part), part);
        }
        assertFalse(Leftovers.all().contains(name));
        assertFalse(Files.exists(lab.directory()));
        assertEquals(hostsOwn, hostsOwn());
    }

    /** What an agent of this host, which is none of the lab's, may have stored. */
    private static Set<String> hostsOwn() throws IOException {
        return names(Path.of("/var/lib/twinwall"));
    }

    private static Set<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Set.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    /** A stand-in that stores its state where its configuration says, and ends. */
    private static List<String> stateMaker() {
        String script = """
                d=$(sed -n '/^.state/,$s/^directory = "\\(.*\\)"/\\1/p' "$2")
                mkdir -p "$d"
                : > "$d/state"
                """;
        return List.of("sh", "-ec", script);
    }

    @Test
    void shouldStandSideBySide() {
        try (Lab one = Lab.create();
                Lab two = Lab.create()) {
            assertNotEquals(one.name(), two.name());
            for (Lab lab : new Lab[] {one, two}) {
                ByHand.addVips(lab.namespace(FirewallNode.FW_A));
            }
            try (Traffic here = new Traffic(one, 0, 1);
                    Traffic there = new Traffic(two, 0, 2)) {
                here.open(0, 40, text -> {});
                there.open(0, 40, text -> {});
                ByHand.flushFlows(two.namespace(FirewallNode.FW_A));
                long beforeNs = System.nanoTime();
                assertEquals(48, here.check(beforeNs, 10_000, text -> {}).survived());
                assertEquals(0, there.check(beforeNs, 1_000, text -> {}).survived());
            }
        }
    }

    @Test
    void shouldRemoveTheLabOfAProgramThatDied() throws IOException {
        String dead = Leftovers.PREFIX + deadPid() + "-1";
        Files.createDirectories(Leftovers.directoryOf(dead));
        Shell.run("ip", "netns", "add", dead + "-fw-a");
        Process inside = new ProcessBuilder("ip", "netns", "exec", dead + "-fw-a", "sleep", "600").start();
        Await.until(
                "the process is in the namespace",
                Duration.ofSeconds(5),
                () -> Shell.run("ip", "netns", "pids", dead + "-fw-a").contains(Long.toString(inside.pid())));
        Leftovers.removeDead(false);
        assertFalse(Leftovers.all().contains(dead));
        Await.until("its process is gone", Duration.ofSeconds(5), () -> !inside.isAlive());
    }

    @Test
    void shouldSpareAKeptLabUntilCleanup() throws IOException {
        String kept = Leftovers.PREFIX + deadPid() + "-2";
        Files.createDirectories(Leftovers.directoryOf(kept));
        Leftovers.markKept(kept);
        Leftovers.removeDead(false);
        assertTrue(Leftovers.all().contains(kept));
        // Not removeDead(true): another lab kept on this machine is not this test's to remove.
        Leftovers.remove(kept);
        assertFalse(Leftovers.all().contains(kept));
    }

    @Test
    void shouldTrackFlowsStrictlyAndTellOfThem() {
        try (Lab lab = Lab.create()) {
            for (FirewallNode node : FirewallNode.values()) {
                for (String setting : new String[] {
                    "nf_conntrack_tcp_loose=0", "nf_conntrack_tcp_be_liberal=0", "nf_conntrack_events=1"
                }) {
                    String key = "net.netfilter." + setting.substring(0, setting.indexOf('='));
                    String value = Shell.run("ip", "netns", "exec", lab.namespace(node), "sysctl", "-n", key);
                    assertEquals(setting.substring(setting.indexOf('=') + 1), value.strip(), key);
                }
            }
        }
    }

    private static long deadPid() throws IOException {
        Process process = new ProcessBuilder("true").start();
        Await.until("the process ends", Duration.ofSeconds(5), () -> !process.isAlive());
        return process.pid();
    }
}
