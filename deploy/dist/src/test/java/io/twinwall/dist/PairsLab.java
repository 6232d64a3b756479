/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.Agents.await;
import static io.twinwall.dist.Agents.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.lab.SerialLine;
import io.twinwall.lab.StallTicker;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Pairs that are configured in another way than most: by their heartbeats, their addresses, what they track. */
@RequireRoot
class PairsLab {
    private static final long READY_MS = 60_000;
    private static final int FLOWS = 60;
    private static final int ADDRESSES = 100;

    /** Of profile {@code fast}. */
    private static final int DEAD_MS = 170;

    @Test
    void shouldPairByIpv6Alone() {
        shouldPairBy(AgentOptions.defaults().withHeartbeats(AgentOptions.Heartbeats.IPV6), "UDP");
    }

    @Test
    void shouldPairByASerialLineAlone() {
        shouldPairBy(AgentOptions.defaults().withHeartbeats(AgentOptions.Heartbeats.SERIAL), "SERIAL");
    }

    private static void shouldPairBy(AgentOptions options, String kind) {
        try (Lab lab = Lab.create();
                SerialLine line = new SerialLine(lab);
                Pair pair = new Pair(lab, Program.command(), options)) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent heir = pair.other(active);
            assertEquals(kind.equals("SERIAL"), line.carried() > 0);
            JsonNode paths = status(heir).json().path("paths");
            assertEquals(1, paths.size(), paths::toString);
            assertEquals(kind, paths.path(0).path("kind").asString(), paths::toString);
            assertEquals("HEARD", paths.path(0).path("state").asString(), paths::toString);
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("pairs"))) {
                // A flow that the failure overtakes on its way to the peer is not what is asked.
                await("it holds the flows", heir, status -> installed(status.json()) >= FLOWS);
                Agents.takeOver(active, heir);
                assertEquals("", flows.lost());
            }
            pair.start(active);
            assertEquals(heir, pair.awaitPair(READY_MS, progress -> {}));
        }
    }

    private static long installed(JsonNode status) {
        return status.at("/counters/sync_inject_installed").asLong(0);
    }

    @Test
    void shouldTakeOverAHundredAddressesAtOnce() {
        StringBuilder vips = new StringBuilder();
        for (int i = 1; i <= ADDRESSES; i++) {
            vips.append("[[vip]]\naddress = \"10.10.3.").append(i).append("/24\"\ninterface = \"lan0\"\n");
        }
        try (Lab lab = Lab.create();
                Pair pair =
                        new Pair(lab, Program.command(), AgentOptions.defaults().withMore(vips.toString()))) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent heir = pair.other(active);
            double stallMs;
            try (StallTicker ticker = new StallTicker()) {
                Agents.takeOver(active, heir);
                stallMs = ticker.worstNs() / 1e6;
            }
            // Looked for in the kernel now and then.
            await("it has every address", heir, status -> held(status.json()) == ADDRESSES + 4);
            JsonNode told = status(heir).json();
            double vipsMs = told.at("/lastTakeover/phases/vipsMs").asDouble(-1);
            System.out.println(ADDRESSES + " addresses and the lab's four more: " + told.path("lastTakeover"));
            assertEquals(ADDRESSES + 4, told.path("vips").size());
            assertEquals(ADDRESSES + 4, held(told), told::toString);
            String held = Cmd.run("ip", "-n", lab.namespace(heir.node()), "-o", "-4", "address", "show", "dev", "lan0");
            for (int i = 1; i <= ADDRESSES; i++) {
                assertTrue(held.contains(" 10.10.3." + i + "/32 "), held);
            }
            // So many addresses must not cost another dead time.
            assertTrue(vipsMs >= 0 && vipsMs < DEAD_MS + stallMs, () -> "the addresses took " + vipsMs + " ms");
        }
    }

    /** Its trackers need several dead times to find out that nobody answers any more. */
    @Test
    void shouldStayPassiveWhenItIsCutOffItself() {
        String reach = """
                [[track]]
                name = "client"
                kind = "address"
                address = "10.10.0.10"
                interface = "lan0"
                interval-ms = 1000
                timeout-ms = 200

                [[track]]
                name = "server"
                kind = "address"
                address = "10.20.0.10"
                interface = "wan0"
                interval-ms = 1000
                timeout-ms = 200
                """;
        try (Lab lab = Lab.create();
                Pair pair =
                        new Pair(lab, Program.command(), AgentOptions.defaults().withMore(reach))) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent passive = pair.other(active);
            await("the test addresses answer", passive, status -> reach(status).equals("ANSWERED"));
            String port = passive.node().nodeName();
            cables(lab, port, "down");
            await(
                    "it misses the active",
                    passive,
                    status -> stays(status).peerState().equals("LOST"));
            // Alarmed when it would have taken over, had it not been isolated.
            await(
                    "it knows that it is alone",
                    passive,
                    status -> stays(status)
                                    .json()
                                    .at("/counters/alarms_isolated_total")
                                    .asLong(0)
                            > 0);
            await("the active misses it", active, status -> status.peerState().equals("LOST"));
            cables(lab, port, "up");
            assertEquals(active, pair.awaitPair(READY_MS, progress -> {}));
            assertEquals("BACKUP", stays(status(passive)).role());
        }
    }

    /** Whoever becomes active, and be it for a moment, has counted it. */
    private static AgentStatus stays(AgentStatus status) {
        assertEquals("BACKUP", status.role());
        assertEquals(0, status.json().at("/counters/takeovers_total").asLong(-1));
        return status;
    }

    private static long held(JsonNode told) {
        return told.path("vips")
                .valueStream()
                .filter(vip -> vip.path("held").asBoolean())
                .count();
    }

    private static void cables(Lab lab, String port, String state) {
        Cmd.run("ip", "-n", lab.namespace("lan"), "link", "set", port, state);
        Cmd.run("ip", "-n", lab.namespace("wan"), "link", "set", port, state);
        Cmd.run("ip", "-n", lab.namespace(port), "link", "set", "sync0", state);
    }

    private static String reach(AgentStatus status) {
        return status.json().at("/health/reach").asString("");
    }
}
