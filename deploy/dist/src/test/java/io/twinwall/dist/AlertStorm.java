/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.AlertPair.SETTLED;
import static io.twinwall.dist.AlertPair.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertKind;
import io.twinwall.dist.AlertDesk.State;
import io.twinwall.dist.AlertDesk.Told;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LabPlan;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Waiting;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.Seeds;
import java.util.List;

/** What is too much to be told of, and what lasts; held against what the kernel's tools say of it then. */
final class AlertStorm {
    private static final int FLOWS = 20;
    private static final int PATHS = 12;
    private static final int PATH_PORT = 47911;
    private static final int TOLD_AT_ONCE = 10;

    private AlertStorm() {}

    /** More paths are lost at once than may be told of; and somebody goes on adding flows to the standby's kernel. */
    static void play(AlertPair pair) throws Exception {
        String ports = "udp dport " + PATH_PORT + "-" + (PATH_PORT + PATHS - 1);
        StringBuilder paths = new StringBuilder();
        for (int i = 0; i < PATHS; i++) {
            paths.append("""

                    [[path]]
                    name = "more%1$d"
                    local = "10.10.0.OWN:%2$d"
                    peer = "10.10.0.PEER:%2$d"
                    """.formatted(i, PATH_PORT + i));
        }
        for (FirewallNode node : FirewallNode.values()) {
            String rule = "insert rule inet lab_filter input " + ports + " accept\n";
            Cmd.inWithInput(pair.lab().namespace(node), rule, "nft", "-f", "-");
        }
        pair.start(AgentOptions.defaults().withSyncMore(paths.toString()), "");
        LabAgent a = pair.begins();
        LabAgent b = pair.other(a);
        try (LiveFlows flows = new LiveFlows(pair.lab(), FLOWS, Seeds.seed("storm"))) {
            pair.whole();
            Agents.await("it hears by all", a, AlertStorm::hearsByAll);
            Agents.await("it hears by all", b, AlertStorm::hearsByAll);
            pair.cut(a, ports);
            pair.cut(b, ports);
            String drift = a.node().nodeName() + " drift mirror-kernel opened";
            int[] port = {20_000};
            // Each is removed when it has been there for 12 s.
            boolean told = Waiting.until(2 * SETTLED.toMillis(), 1_000, () -> {
                addFlow(pair, b, port[0]++);
                return !pair.desk().told("mail", drift).isEmpty();
            });
            assertTrue(told, pair.desk()::text);
            String text = pair.tells(a, AlertKind.DRIFT, "mirror-kernel").text();
            assertTrue(text.matches("[0-9]+ flows differ between mirror and kernel, for more than a minute"), text);
            assertTrue(
                    Integer.parseInt(text.substring(0, text.indexOf(' ')))
                            <= new HostTools(pair.namespace(b)).flows().size(),
                    text);
            for (LabAgent one : List.of(a, b)) {
                heldBack(pair, one);
                pair.mend(one);
            }
            Await.until("both kernels are equal again", SOON, () -> pair.equal(FLOWS));
            pair.recovers(a, AlertKind.DRIFT, "mirror-kernel", SETTLED);
            assertEquals("", flows.lost());
        }
    }

    /** A flow of the client's that the active knows nothing of. */
    private static void addFlow(AlertPair pair, LabAgent agent, int port) {
        String flow = "conntrack -I -p udp -s %s -d %s --sport %d --dport 7001 -t 600 -u SEEN_REPLY,ASSURED"
                .formatted(LabPlan.CLIENT_V4, LabPlan.SERVER_V4, port);
        Cmd.in(pair.namespace(agent), flow.split(" "));
    }

    private static boolean hearsByAll(AgentStatus status) {
        long heard = status.json()
                .path("paths")
                .valueStream()
                .filter(path -> path.path("state").asString("").equals("HEARD"))
                .count();
        return heard == PATHS + 3;
    }

    /** What could not be told was counted and is told of: how many there were, and what is open. */
    private static void heldBack(AlertPair pair, LabAgent agent) {
        Told told = pair.desk().expect(agent, AlertKind.HELD_BACK, "", State.SUMMARY, SETTLED);
        long paths = pair.desk().all().stream()
                .filter(one -> one.way().equals("script")
                        && one.node().equals(agent.node().nodeName()))
                .filter(one -> one.kind().equals("path-lost") && one.state().equals("opened"))
                .count();
        assertTrue(paths >= TOLD_AT_ONCE && paths < PATHS, pair.desk()::text);
        String held = (PATHS - paths) + " were held back (" + (PATHS - paths) + " path-lost); open now: ";
        assertTrue(told.text().contains(held), told::text);
        for (int i = 0; i < PATHS; i++) {
            assertTrue(told.text().contains("path-lost (heartbeat path more" + i + ")"), told::text);
        }
        assertTrue(new HostTools(pair.namespace(agent)).dropped() > 0);
    }
}
