/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.Ftp;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What flows expect, across a failover of the packaged program: FTP through SNAT and to a published server. */
@RequireRoot
class ExpectationsLab {
    private static final int READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int SESSIONS = 10;
    private static final String SERVER = "10.20.0.10";
    private static final String CLIENT = "10.10.0.10";
    private static final String WAN_VIP = "10.20.0.254";

    /** Out through SNAT to the one, in through DNAT to the other. */
    private static final int OUTWARD_PORT = 7050;

    private static final int INWARD_PORT = 7051;

    private static final String HELPERS = """
            table ip helpers {
              ct helper ftp { type "ftp" protocol tcp; }
              chain prerouting { type filter hook prerouting priority filter;
                tcp dport 7050-7051 ct helper set "ftp"
              }
            }
            """;

    @Test
    void shouldOpenDataConnectionsAnnouncedBeforeTheActiveWasKilled() throws Exception {
        Retry.whenStalled(
                Retry.CALM_STALL_NS,
                () -> run(AgentOptions.defaults(), lab -> {
                    for (int i = 0; i < SESSIONS; i++) {
                        lab.announce(i);
                    }
                    lab.failOver();
                    for (Session session : lab.sessions) {
                        assertEquals(session.expected, session.transfer(), session.name);
                    }
                    for (Session session : lab.sessions) {
                        assertEquals("226 done", session.ftp.reply("226 done"), session.name);
                        session.announce();
                        assertEquals(session.expected, session.transfer(), session.name + ", announced to the heir");
                    }
                }));
    }

    /** The control: the same without expectations mirrored. */
    @Test
    void shouldLoseThemWhenExpectationsAreNotMirrored() throws Exception {
        run(AgentOptions.defaults().withSyncMore("expectations = false\n"), lab -> {
            lab.announce(0);
            lab.announce(1);
            lab.failOver();
            for (Session session : lab.sessions) {
                assertNull(session.transfer(), session.name);
            }
        });
    }

    @FunctionalInterface
    private interface Scene {
        void play(Stage stage) throws Exception;
    }

    private static void run(AgentOptions options, Scene scene) throws Exception {
        try (Lab lab = Lab.create()) {
            for (FirewallNode node : FirewallNode.values()) {
                Cmd.inWithInput(lab.namespace(node), HELPERS, "nft", "-f", "-");
            }
            try (Pair pair = new Pair(lab, Program.command(), options);
                    Stage stage = new Stage(lab, pair, pair.awaitPair(READY_MS, progress -> {}))) {
                scene.play(stage);
            }
        }
    }

    /** One control connection and what was announced on it last: {@code PORT} outward, {@code PASV} inward. */
    private static final class Session {
        private final String name;
        private final Ftp ftp;
        private final boolean inward;
        private final InetAddress expected;
        private Ftp.Announced announced;

        Session(String name, Ftp ftp, boolean inward) throws Exception {
            this.name = name;
            this.ftp = ftp;
            this.inward = inward;
            expected = InetAddress.ofLiteral(SERVER);
            announce();
        }

        void announce() throws Exception {
            announced = inward ? ftp.pasv() : ftp.port();
            assertEquals(InetAddress.ofLiteral(WAN_VIP), announced.told().getAddress(), name + ": as told");
        }

        InetAddress transfer() throws Exception {
            try (Ftp.Announced to = announced) {
                return inward ? ftp.fetch(to) : ftp.send(to);
            }
        }
    }

    /** A pair with traffic, and a node to kill. */
    private static final class Stage implements AutoCloseable {
        private final List<Session> sessions = new ArrayList<>();
        private final Lab lab;
        private final LabAgent active;
        private final LabAgent heir;

        Stage(Lab lab, Pair pair, LabAgent active) {
            this.lab = lab;
            this.active = active;
            heir = pair.other(active);
        }

        void announce(int number) throws Exception {
            Ftp.Host inside = new Ftp.Host(lab.namespace("client"), CLIENT);
            Ftp.Host outside = new Ftp.Host(lab.namespace("server"), SERVER);
            boolean inward = number % 2 == 1;
            Ftp ftp = inward
                    ? Ftp.open(outside, inside, WAN_VIP, INWARD_PORT, INWARD_PORT)
                    : Ftp.open(inside, outside, SERVER, OUTWARD_PORT, OUTWARD_PORT);
            sessions.add(new Session("session " + number + (inward ? ", DNAT" : ", SNAT"), ftp, inward));
        }

        void failOver() {
            // As long as announcements take to get to the peer: a transfer that the failure overtakes is not what is
            // asked.
            Await.until("the announcements to be mirrored", SOON, () -> !mirrors() || held() == sessions.size());
            Agents.takeOver(active, heir);
        }

        private boolean mirrors() {
            return status().json().at("/counters/sync_expectations").isNumber();
        }

        private long held() {
            return status().json().at("/counters/sync_expectations_installed").asLong(-1);
        }

        private AgentStatus status() {
            return Agents.status(heir);
        }

        @Override
        public void close() throws IOException {
            for (Session session : sessions) {
                session.ftp.close();
            }
        }
    }
}
