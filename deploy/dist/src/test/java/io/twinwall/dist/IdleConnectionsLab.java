/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.flowtable.FlowTable;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Connections on which nobody says anything, as a shell left open over night, across a takeover: the heir gives each the
 * time that it had left, within the bound that is stated.
 */
@RequireRoot
class IdleConnectionsLab {
    private static final int READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int FIVE_DAYS_S = 432_000;
    private static final int SHORT_S = 40;

    /** What a new active gives at least. */
    private static final int LEAST_S = 120;

    /** Whole seconds are shown. */
    private static final int OFF_S = 2;

    /** Longer than a word takes to come, and to be sent again. */
    private static final int HEARD_MS = 5_000;

    private static final int PORT = 7070;
    private static final String SERVER = "10.20.0.10";
    private static final String CLIENT = "10.10.0.10";

    @Test
    void shouldHaveOnTheHeirTheTimeThatTheyHadLeft() throws Exception {
        run(AgentOptions.defaults(), stage -> {
            for (Connection connection : stage.idle) {
                Await.until("mirrored", SOON, () -> connection.leftS(stage.heir) > 0);
            }
            // Else that seconds pass would not show.
            Await.until("them to be idle", SOON, () -> stage.idle.getFirst().leftS(stage.active) <= SHORT_S - 5);
            int[] leftS =
                    stage.idle.stream().mapToInt(one -> one.leftS(stage.active)).toArray();
            stage.takeOver();
            for (int i = 0; i < leftS.length; i++) {
                Connection connection = stage.idle.get(i);
                // A passive's entries live longer; a new active corrects them once it forwards.
                int slackS = (int) (FlowTable.timeoutSlackMs(leftS[i] * 1000L) / 1000);
                int mostS = Math.max(LEAST_S, leftS[i] + slackS);
                Await.until("at most " + mostS + " s", SOON, () -> connection.leftS(stage.heir) <= mostS);
                int heirS = connection.leftS(stage.heir);
                assertTrue(
                        heirS >= leftS[i] - sinceS(stage.killedNs) - OFF_S,
                        leftS[i] + " s were left, " + heirS + " are");
            }
            for (Connection connection : stage.idle) {
                connection.exchange();
            }
        });
    }

    /** The control. */
    @Test
    void shouldLoseThemWithoutSynchronisation() throws Exception {
        run(AgentOptions.defaults().withSync(false), stage -> {
            stage.takeOver();
            for (Connection connection : stage.idle) {
                assertThrows(SocketTimeoutException.class, connection::exchange);
            }
        });
    }

    @FunctionalInterface
    private interface Scene {
        void play(Stage stage) throws Exception;
    }

    private static void run(AgentOptions options, Scene scene) throws Exception {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), options);
                Stage stage = new Stage(lab, pair, pair.awaitPair(READY_MS, progress -> {}))) {
            scene.play(stage);
        }
    }

    /** A pair through which connections were opened, the first of which its kernels are to forget soon. */
    private static final class Stage implements AutoCloseable {
        private final List<Connection> idle = new ArrayList<>();
        private final LabAgent active;
        private final LabAgent heir;
        private final ServerSocket listener;
        private long killedNs;

        Stage(Lab lab, Pair pair, LabAgent active) throws Exception {
            this.active = active;
            heir = pair.other(active);
            listener =
                    NetNs.call(lab.namespace("server"), () -> new ServerSocket(PORT, 8, InetAddress.getByName(SERVER)));
            for (int patienceS : new int[] {SHORT_S, FIVE_DAYS_S}) {
                for (FirewallNode node : FirewallNode.values()) {
                    Cmd.in(
                            lab.namespace(node),
                            "sysctl",
                            "-q",
                            "-w",
                            "net.netfilter.nf_conntrack_tcp_timeout_established=" + patienceS);
                }
                Connection connection = new Connection(lab, listener);
                idle.add(connection);
                connection.exchange();
            }
        }

        void takeOver() {
            killedNs = System.nanoTime();
            Agents.takeOver(active, heir);
        }

        @Override
        public void close() throws IOException {
            for (Connection connection : idle) {
                connection.close();
            }
            listener.close();
        }
    }

    private static double sinceS(long thenNs) {
        return (System.nanoTime() - thenNs) / 1e9;
    }

    /** Of a client behind the pair with a server before it. */
    private static final class Connection implements AutoCloseable {
        private final Lab lab;
        private final Socket client;
        private final Socket server;
        private final Pattern entry;

        Connection(Lab lab, ServerSocket listener) throws Exception {
            this.lab = lab;
            client = NetNs.call(lab.namespace("client"), () -> {
                Socket socket = new Socket();
                socket.bind(new InetSocketAddress(CLIENT, 0));
                socket.connect(new InetSocketAddress(SERVER, PORT), HEARD_MS);
                return socket;
            });
            server = listener.accept();
            server.setSoTimeout(HEARD_MS);
            client.setSoTimeout(HEARD_MS);
            entry = Pattern.compile("tcp +6 ([0-9]+) ESTABLISHED src=" + Pattern.quote(CLIENT) + " dst="
                    + Pattern.quote(SERVER) + " sport=" + client.getLocalPort() + " ");
        }

        /** A word to the server and one back. */
        void exchange() throws IOException {
            client.getOutputStream().write('?');
            assertEquals('?', server.getInputStream().read());
            server.getOutputStream().write('!');
            assertEquals('!', client.getInputStream().read());
        }

        /** Seconds that the kernel of that node gives it, or less than 0 when it has none such. */
        int leftS(LabAgent agent) {
            Matcher found = entry.matcher(Cmd.in(lab.namespace(agent.node()), "conntrack", "-L", "-p", "tcp"));
            return found.find() ? Integer.parseInt(found.group(1)) : -1;
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
        }
    }
}
