/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.Agents.await;
import static io.twinwall.dist.Agents.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The cluster key is rotated while the pair works: nobody notices. */
@RequireRoot
class KeyRotationLab {
    private static final long READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FLOWS = 200;

    @Test
    void shouldRotateThreeTimesUnderTrafficUnnoticed() {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent passive = pair.other(active);
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("rotation"))) {
                pair.awaitPair(READY_MS, progress -> {});
                Before activeBefore = Before.of(active);
                Before passiveBefore = Before.of(passive);
                try (Watch watch = new Watch(passive)) {
                    for (int id = 2; id <= 4; id++) {
                        LabAgent asked = id % 2 == 0 ? active : passive;
                        Program.Ended ended = Program.ask(asked, "key", "rotate");
                        assertEquals(0, ended.exitCode(), ended::toString);
                        assertTrue(ended.out().contains("both nodes use key " + id + " now"), ended.out());
                        int now = id;
                        Await.until(
                                "the other has dropped the old key, too",
                                SOON,
                                () -> keys(active).equals("[" + now + "]")
                                        && keys(passive).equals("[" + now + "]"));
                    }
                    watch.assertAlwaysReady();
                }
                activeBefore.assertNothingHappened();
                passiveBefore.assertNothingHappened();
                assertEquals("", flows.lost());
            }
            try (LiveFlows flows = new LiveFlows(lab, FLOWS, Seeds.seed("after the rotation"))) {
                pair.awaitPair(READY_MS, progress -> {});
                Agents.takeOver(active, passive);
                assertEquals("", flows.lost(), "what began after the rotation");
            }
            pair.start(active);
            // By its file, which was rotated with the rest.
            assertEquals(passive, pair.awaitPair(READY_MS, progress -> {}));
            assertEquals("[4]", keys(active));
        }
    }

    @Test
    void shouldRefuseWithoutThePeer() {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            pair.other(active).kill();
            await(
                    "it misses the other",
                    active,
                    status -> status.json().at("/peer/heardMsAgo").asLong() > 1_500);
            Program.Ended ended = Program.ask(active, "key", "rotate");
            assertEquals(1, ended.exitCode(), ended::toString);
            assertTrue(ended.out().contains("the peer is not heard"), ended::out);
        }
    }

    private static String keys(LabAgent agent) {
        return status(agent).json().at("/keys/accepted").toString();
    }

    /** What must be the same afterwards. */
    private record Before(LabAgent agent, String role, long term, long refused, long sessions, long gaps) {
        static Before of(LabAgent agent) {
            JsonNode now = status(agent).json();
            return new Before(
                    agent,
                    now.path("role").asString(),
                    now.path("term").asLong(),
                    refused(now),
                    now.at("/counters/wire_sessions_began_total").asLong(),
                    now.at("/counters/wire_frames_gaps_total").asLong());
        }

        static long refused(JsonNode json) {
            long sum = 0;
            for (var counter : json.path("counters").properties()) {
                if (counter.getKey().startsWith("wire_heartbeats_refused")
                        || counter.getKey().startsWith("wire_frames_refused")) {
                    sum += counter.getValue().asLong();
                }
            }
            return sum;
        }

        void assertNothingHappened() {
            assertEquals(this, of(agent));
        }
    }

    /** Looks at a mirror's readiness as often as it can. */
    private static final class Watch implements AutoCloseable {
        private final AtomicBoolean ending = new AtomicBoolean();
        private final AtomicInteger looks = new AtomicInteger();
        private final AtomicInteger unready = new AtomicInteger();
        private final Thread thread;

        Watch(LabAgent mirror) {
            thread = Thread.ofPlatform().daemon().start(() -> {
                while (!ending.get()) {
                    mirror.status().ifPresent(status -> {
                        looks.incrementAndGet();
                        if (!status.readiness().equals("READY")) {
                            unready.incrementAndGet();
                        }
                    });
                }
            });
        }

        void assertAlwaysReady() {
            assertEquals(0, unready.get(), "of " + looks);
            assertTrue(looks.get() > 20, "looked " + looks + " times");
        }

        @Override
        public void close() {
            ending.set(true);
            Await.until("the watch has ended", SOON, () -> !thread.isAlive());
        }
    }
}
