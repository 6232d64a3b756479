/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the packaged program tells afterwards of a takeover, and that it needs no disk for one. */
@RequireRoot
class JournalLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 60;

    private final long seed = Seeds.seed("journal");

    @Test
    void shouldTellOfATakeoverAndOfTheFlowsBeforeIt() throws IOException {
        AgentOptions options = AgentOptions.defaults().withMore("[journal]\ndeltas = true\n");
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), options)) {
            LabAgent old = pair.awaitPair(READY_MS, progress -> {});
            LabAgent heir = pair.other(old);
            long beforeMs;
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, seed)) {
                pair.awaitPair(READY_MS, progress -> {});
                // Its last changes are on the disk before the time that is asked for.
                Await.until("the heir has journalled them", SOON, () -> flowsAt(lab, heir, "0s") >= FLOWS);
                beforeMs = System.currentTimeMillis();
                Agents.takeOver(old, heir);
                assertEquals("", flows.lost());
            }
            JsonNode takeover = last(heir, "takeover");
            JsonNode transition = last(heir, "transition");
            assertEquals("MASTER", transition.at("/record/to").asString(""), transition::toString);
            assertTrue(transition.at("/record/evidence").isObject(), transition::toString);
            assertTrue(takeover.path("atMs").asLong(0) >= beforeMs, takeover::toString);

            String story =
                    says(0, heir, "history", "show", transition.path("number").asString(""));
            assertTrue(story.contains("BACKUP -> MASTER, term "), story);
            assertTrue(story.contains("heartbeats heard, ") && story.contains("takeover: "), story);
            assertTrue(story.contains("#" + takeover.path("number").asLong(0) + " took over in "), story);

            String then = Long.toString(System.currentTimeMillis() - beforeMs) + "ms";
            assertTrue(flowsAt(lab, heir, then) >= FLOWS, "what the heir knew when its peer was killed");

            // The killed one has it all, too, and says when it began again.
            pair.start(old);
            pair.awaitPair(READY_MS, progress -> {});
            assertEquals(2, count(old, "started"));
            assertEquals(0, count(old, "stopped"));
            assertTrue(count(old, "transition") >= 2, "to the role, and to be a backup");
        }
    }

    @Test
    void shouldTakeOverAllTheSameWithAFullDisk() throws IOException {
        try (Lab lab = Lab.create()) {
            List<Path> disks = List.of(disk(lab, FirewallNode.FW_A), disk(lab, FirewallNode.FW_B));
            try (Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
                LabAgent old = pair.awaitPair(READY_MS, progress -> {});
                LabAgent heir = pair.other(old);
                try (LiveFlows flows = new LiveFlows(lab, FLOWS, seed)) {
                    pair.awaitPair(READY_MS, progress -> {});
                    Await.until("it says so", SOON, () -> off(old) && off(heir));
                    assertEquals(69, Program.ask(heir, "history").exitCode());
                    Agents.takeOver(old, heir);
                    assertEquals("", flows.lost());
                }
                // And with room again it goes on by itself.
                for (Path disk : disks) {
                    Files.delete(disk.resolve("filler"));
                }
                Await.until("the journal goes on", Duration.ofSeconds(60), () -> !off(heir));
                JsonNode gap = last(heir, "gap");
                assertTrue(gap.at("/record/lengthMs").asDouble(0) > 0, gap::toString);
                last(heir, "takeover");
            } finally {
                disks.forEach(disk -> Cmd.run("umount", "-l", disk.toString()));
            }
        }
    }

    /** Where the node's journal will be: a file system of its own without a free byte. */
    private static Path disk(Lab lab, FirewallNode node) throws IOException {
        Path disk = Files.createDirectories(journal(lab, node));
        Cmd.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString());
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    filler.write(new byte[4096]);
                }
            });
        }
        return disk;
    }

    private static Path journal(Lab lab, FirewallNode node) {
        return lab.directory().resolve(node.nodeName() + "/state/journal");
    }

    private static boolean off(LabAgent agent) {
        return Agents.status(agent).json().path("alarms").toString().contains("JOURNAL_OFF");
    }

    /** How many flows the agent knew so long ago; -1 when that is not known. */
    private static int flowsAt(Lab lab, LabAgent agent, String ago) {
        Program.Ended ended = Program.ask(
                agent,
                "flows",
                "--at",
                ago,
                "--json",
                "--journal",
                journal(lab, agent.node()).toString());
        assertFalse(ended.exitCode() == 64, ended::err);
        return ended.exitCode() == 0
                ? JsonMapper.shared().readTree(ended.out()).path("size").asInt(-1)
                : -1;
    }

    private static List<JsonNode> records(LabAgent agent, String kind) {
        JsonNode history = JsonMapper.shared().readTree(says(0, agent, "history", "--json", "--limit", "500"));
        return history.path("records")
                .valueStream()
                .filter(record -> record.path("kind").asString("").equals(kind))
                .toList();
    }

    private static JsonNode last(LabAgent agent, String kind) {
        Await.until(kind + " is told of", SOON, () -> !records(agent, kind).isEmpty());
        return records(agent, kind).getLast();
    }

    private static int count(LabAgent agent, String kind) {
        return records(agent, kind).size();
    }

    private static String says(int exitCode, LabAgent agent, String... words) {
        Program.Ended ended = Program.ask(agent, words);
        assertEquals(exitCode, ended.exitCode(), () -> String.join(" ", words) + ": " + ended);
        return ended.out();
    }
}
