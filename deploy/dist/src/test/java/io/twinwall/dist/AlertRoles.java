/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.AlertPair.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertKind;
import io.twinwall.dist.AlertDesk.Told;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What moves the roles, or keeps them from moving; held against what the kernel's tools say of it then. */
final class AlertRoles {
    private static final int FLOWS = 20;
    private static final String ROLES = """

            [flap]
            max = 1
            hold-s = 3

            [[hook]]
            on = ["master"]
            before = true
            command = ["/bin/sh", "-c", "test ! -e DIRECTORY/$TWINWALL_NODE.refuses"]

            [[track]]
            name = "need"
            kind = "interface"
            interface = "need0"
            weight = "fault"

            [[track]]
            name = "client"
            kind = "address"
            address = "10.10.0.10"
            interface = "lan0"

            [[track]]
            name = "server"
            kind = "address"
            address = "10.20.0.10"
            interface = "wan0"
            """;

    private AlertRoles() {}

    /** The role moves in every way: by death, by order, by a fault, by force; and does not, by veto. */
    static void play(AlertPair pair) throws Exception {
        Path directory = pair.lab().directory();
        for (FirewallNode node : FirewallNode.values()) {
            String need = "link add need0 type veth peer name need1\nlink set need0 up\nlink set need1 up\n";
            Cmd.inWithInput(pair.lab().namespace(node), need, "ip", "-batch", "-");
        }
        pair.start(AgentOptions.defaults(), ROLES.replace("DIRECTORY", directory.toString()));
        LabAgent a = pair.begins();
        LabAgent b = pair.other(a);
        String nameA = a.node().nodeName();
        String nameB = b.node().nodeName();
        try (LiveFlows flows = new LiveFlows(pair.lab(), FLOWS, Seeds.seed("alerts"))) {
            pair.whole();
            Await.until("both kernels hold the flows", SOON, () -> pair.equal(FLOWS));
            Path refuses = Files.createFile(directory.resolve(nameB + ".refuses"));
            a.kill();
            isActive(pair, b, pair.tells(b, AlertKind.TAKEOVER), nameA);
            assertTrue(pair.tells(b, AlertKind.STEP_FAILED).text().contains("HOOKS"));
            Files.delete(refuses);
            pair.start(a);
            assertEquals(b, pair.whole());
            assertEquals("", flows.lost());

            pair.says(0, a, "promote", "--force");
            isActive(pair, a, pair.tells(a, AlertKind.TAKEOVER), ": promoted by force; ");
            assertEquals(
                    "taking the role from " + nameB + " by force",
                    pair.tells(a, AlertKind.FORCED).text());
            assertEquals(Set.of(), new HostTools(pair.namespace(b)).vips());
            assertEquals(a, pair.whole());
            veto(pair, a, b);
            assertEquals(HostTools.allVips(), new HostTools(pair.namespace(b)).vips());
        }
        pair.cut(a, "udp dport 47901");
        pair.start(a);
        Agents.await("it is heard", b, status -> status.peerState().equals("ALIVE"));
        need(pair, b, "down");
        Told fault = pair.tells(b, AlertKind.FAULT);
        assertTrue(fault.text().contains("need"), fault::text);
        assertEquals("DOWN", new HostTools(pair.namespace(b)).operState("need0"));
        Told unready = pair.tells(b, AlertKind.UNREADY_HANDOVER);
        assertTrue(unready.text().contains("handing over to " + nameA), unready::text);
        Told handed = pair.tells(a, AlertKind.SWITCHOVER);
        assertTrue(handed.text().contains("handed over by " + nameB), handed::text);
        assertEquals(HostTools.allVips(), new HostTools(pair.namespace(a)).vips());
        // It took the role unasked, and gave it up unasked: one change too many.
        Told flaps = pair.tells(b, AlertKind.FLAPPING);
        assertTrue(flaps.text().startsWith("2 role changes within "), flaps::text);
        pair.mend(a);
        need(pair, b, "up");
        assertEquals(a, pair.whole());

        pair.says(0, b, "maintenance", "on");
        assertEquals(
                "this node was told to stay out",
                pair.tells(b, AlertKind.MAINTENANCE).text());
        pair.says(0, b, "maintenance", "off");
        assertEquals(a, pair.whole());
        isolate(pair, b);
        assertEquals(a, pair.whole());
        pair.recovers(b, AlertKind.COUNTDOWN);
        pair.recovers(b, AlertKind.FAULT);
        pair.recovers(b, AlertKind.FLAPPING);
        pair.recovers(b, AlertKind.MAINTENANCE);
        pair.recovers(b, AlertKind.ISOLATED);
        // What follows on one like it within a minute is told when that is over.
        assertTrue(pair.tells(b, AlertKind.STEP_FAILED).text().startsWith("SEND_BARRIER: the peer did not confirm"));
        Told later = pair.tells(b, AlertKind.TAKEOVER);
        assertTrue(later.text().contains(": promoted; "), later::text);
    }

    /** {@code told} says it of {@code agent}, why, and how many flows; its host has the addresses, the gate and the flows. */
    private static void isActive(AlertPair pair, LabAgent agent, Told told, String reason) {
        HostTools host = new HostTools(pair.namespace(agent));
        String name = agent.node().nodeName();
        assertTrue(
                told.text().startsWith(name + " is active, term ")
                        && told.text().contains(reason),
                told::text);
        assertEquals(HostTools.allVips(), host.vips());
        assertTrue(host.gateOpen());
        int flows = host.flows().size();
        assertTrue(
                told.text().contains("; " + flows + " flows mirrored, " + flows + " in the kernel, 0 refused"),
                () -> flows + " flows: " + told.text());
    }

    /** The active dies, and its standby waits until it is told not to take over. */
    private static void veto(AlertPair pair, LabAgent active, LabAgent standby) throws IOException {
        pair.reload(standby, "probe-vips = true", "probe-vips = true\ncountdown-s = 60", "takeover");
        active.kill();
        Told told = pair.tells(standby, AlertKind.COUNTDOWN);
        assertTrue(told.text().contains("takes over in 60 s, unless that is vetoed"), told::text);
        assertEquals(Set.of(), new HostTools(pair.namespace(standby)).vips());
        assertFalse(new HostTools(pair.namespace(standby)).gateOpen());
        pair.says(0, standby, "veto");
        assertFalse(Agents.status(standby).master());
        // A standby that stood still a moment ago is held for another, and says so.
        Await.until("promoted", SOON, () -> Program.ask(standby, "promote").exitCode() == 0);
    }

    private static void need(AlertPair pair, LabAgent agent, String state) {
        Cmd.in(pair.namespace(agent), "ip", "link", "set", "need0", state);
    }

    /** All its cables are pulled but the one by which it tells. */
    private static void isolate(AlertPair pair, LabAgent agent) {
        cables(pair, agent, "down");
        assertTrue(pair.tells(agent, AlertKind.ISOLATED).text().startsWith("not taking over: neither a peer nor"));
        for (String link : List.of("lan0", "wan0", "sync0")) {
            assertTrue(new HostTools(pair.namespace(agent)).operState(link).contains("DOWN"), link);
        }
        cables(pair, agent, "up");
    }

    private static void cables(AlertPair pair, LabAgent agent, String state) {
        for (String place : List.of("lan", "wan")) {
            Cmd.in(
                    pair.lab().namespace(place),
                    "ip",
                    "link",
                    "set",
                    agent.node().nodeName(),
                    state);
        }
        Cmd.in(pair.namespace(agent), "ip", "link", "set", "sync0", state);
    }
}
