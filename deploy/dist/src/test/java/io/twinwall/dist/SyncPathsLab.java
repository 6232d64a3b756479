/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.Agents.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The stream of flows by two paths, of which either may be cut. */
@RequireRoot
class SyncPathsLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 300;

    /** The path of the configuration's [sync], and the other; each by a protocol of its own, by which it is cut. */
    private static final String FIRST = "sync";

    private static final String SECOND = "six";

    @Test
    void shouldLoseNothingWhenEitherPathIsCut() {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), options(false))) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent passive = pair.other(active);
            for (String name : List.of(FIRST, SECOND)) {
                try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("cut"))) {
                    cut(lab, name);
                    Await.until(
                            name + " is alarmed on both nodes",
                            SOON,
                            () -> alarmed(active, name) && alarmed(passive, name));
                    assertEquals("READY", status(passive).readiness(), name + " is cut");
                    assertEquals("", flows.lost());
                }
                try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("after the cut"))) {
                    awaitEqual(active, passive, name + " is cut");
                    assertEquals("", flows.lost());
                }
                mend(lab, name);
                Await.until("the alarm ends", SOON, () -> !alarmed(active, name) && !alarmed(passive, name));
                assertEquals(active, pair.awaitPair(READY_MS, progress -> {}));
                assertEquals(0, counter(passive, "wire_frames_gaps_total"), "nothing was missing");
            }
            assertTrue(counter(active, "sync_path_switches_total") >= 2);
            cut(lab, FIRST);
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("takeover"))) {
                awaitEqual(active, passive, "sync is cut before the takeover");
                Agents.takeOver(active, passive);
                assertEquals("", flows.lost());
            }
        }
    }

    @Test
    void shouldSendEachFrameOnceUnlessAskedForTwice() {
        for (boolean duplicate : new boolean[] {false, true}) {
            try (Lab lab = Lab.create();
                    Pair pair = new Pair(lab, Program.command(), options(duplicate))) {
                LabAgent active = pair.awaitPair(READY_MS, progress -> {});
                // Both of one moment: a round of digests between two would be in one of them only.
                JsonNode before = status(active).json();
                try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("bytes"))) {
                    awaitEqual(active, pair.other(active), "duplicate " + duplicate);
                    assertEquals("", flows.lost());
                }
                JsonNode now = status(active).json();
                long sealed = sealed(now) - sealed(before);
                double times = (double) (sent(now) - sent(before)) / sealed;
                System.out.println(
                        "duplicate " + duplicate + ": " + sealed + " bytes sealed, sent " + times + " times");
                assertTrue(sealed > 10_000, "bytes " + sealed);
                assertEquals(duplicate ? 2.0 : 1.0, times, 0.02);
            }
        }
    }

    private static long sealed(JsonNode status) {
        return status.at("/counters/sync_frame_bytes_sent_total").asLong();
    }

    @Test
    void shouldBecomeUnreadyWithoutASecondPath() {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            cut(lab, FIRST);
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("control"))) {
                Await.until(
                        "the active calls it not ready or behind",
                        SOON,
                        () -> counter(active, "sync_lag_deltas") > 0
                                || !status(pair.other(active)).readiness().equals("READY"));
                assertTrue(flows.open() > 0);
            }
        }
    }

    private static AgentOptions options(boolean duplicate) {
        return AgentOptions.defaults().withSyncMore("duplicate = " + duplicate + """

                [[sync.path]]
                name = "six"
                local = "[fd00:99::OWN]:47901"
                peer = "[fd00:99::PEER]:47901"
                """);
    }

    private static void awaitEqual(LabAgent active, LabAgent passive, String when) {
        Await.until("all is confirmed and equal: " + when, SOON, () -> {
            JsonNode source = status(active).json();
            JsonNode mirror = status(passive).json();
            return source.at("/sync/flows").asLong() >= FLOWS / 2
                    && source.at("/sync/lagDeltas").asLong() == 0
                    && mirror.path("readiness").asString().equals("READY")
                    && source.at("/sync/flows").asLong()
                            == mirror.at("/sync/flows").asLong()
                    && mirror.at("/sync/dirty").asLong() == 0
                    && mirror.at("/sync/bucketsDiffering").asLong() == 0;
        });
    }

    private static String table(String path) {
        return (path.equals(FIRST) ? "ip" : "ip6") + " lab_cut";
    }

    private static void cut(Lab lab, String path) {
        for (FirewallNode node : FirewallNode.values()) {
            Cmd.inWithInput(
                    lab.namespace(node),
                    "table " + table(path)
                            + " { chain pre { type filter hook prerouting priority -400; udp dport 47901 drop; }; }\n",
                    "nft",
                    "-f",
                    "-");
        }
    }

    private static void mend(Lab lab, String path) {
        for (FirewallNode node : FirewallNode.values()) {
            String[] command = ("nft delete table " + table(path)).split(" ");
            Cmd.in(lab.namespace(node), command);
        }
    }

    private static boolean alarmed(LabAgent agent, String name) {
        for (JsonNode alarm : status(agent).json().path("alarms")) {
            if (alarm.path("code").asString().equals("SYNC_PATH_LOST")
                    && alarm.path("text").asString().contains("path " + name + " ")) {
                return true;
            }
        }
        return false;
    }

    private static long sent(JsonNode json) {
        return json.at("/counters/sync_path_sync_bytes_sent_total").asLong()
                + json.at("/counters/sync_path_six_bytes_sent_total").asLong();
    }

    private static long counter(LabAgent agent, String name) {
        return status(agent).json().at("/counters/" + name).asLong();
    }
}
