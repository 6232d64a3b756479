/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A pair of this version and the one before, as it is for a while during an upgrade: each takes over from the other. */
@RequireRoot
class PreviousVersionLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 200;

    /** One lab, both ways: what was killed comes back as what it was, and is its peer's heir. */
    @Test
    void shouldTakeOverFromTheVersionBeforeAndItFromThis() {
        FirewallNode old = FirewallNode.FW_A;
        try (Lab lab = Lab.create();
                Pair pair = new Pair(
                        lab,
                        node -> node == old ? Program.previousCommand() : Program.command(),
                        AgentOptions.defaults())) {
            for (int way = 0; way < 2; way++) {
                LabAgent active = pair.awaitPair(READY_MS, progress -> {});
                LabAgent heir = pair.other(active);
                try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("versions"))) {
                    Await.until("the flows are mirrored", SOON, () -> flows(heir) >= FLOWS);
                    pair.awaitPair(READY_MS, progress -> {});
                    assertUnderstood(pair);
                    Agents.takeOver(active, heir);
                    assertEquals("", flows.lost(), "taken over by " + heir.node());
                }
                pair.start(active);
                assertEquals(heir, pair.awaitPair(READY_MS, progress -> {}));
            }
            LabAgent thisVersion = pair.agents().get(1);
            Program.Ended refused = Program.ask(thisVersion, "key", "rotate");
            assertEquals(1, refused.exitCode(), refused::toString);
            assertTrue(refused.out().contains("upgrade it first"), refused::out);
        }
    }

    private static long flows(LabAgent agent) {
        return agent.status()
                .map(status -> status.json().at("/sync/flows").asLong())
                .orElse(0L);
    }

    private static void assertUnderstood(Pair pair) {
        boolean told = false;
        for (LabAgent agent : pair.agents()) {
            JsonNode status = Agents.status(agent).json();
            boolean previous = agent == pair.agents().getFirst();
            assertEquals(previous, status.path("keys").isMissingNode(), "fw-a runs the version before");
            assertEquals(0, status.at("/counters/wire_payloads_malformed_total").asLong(), agent.node() + "");
            told |= status.at("/counters/wire_heartbeats_accepted_total").asLong() > 0;
        }
        assertTrue(told);
    }
}
