/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.AgentStatus;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Connections on which nobody says anything, as a shell left open over night, across a takeover: the heir gives each the
 * time that it had left, no less and no more. The kernels' patience of five days is shortened to see the end of it.
 */
@RequireRoot
class IdleConnectionsLab {
    private static final int READY_MS = 60_000;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int PATIENCE_S = 20;

    /** By when the active is killed, and by when a connection is used again, in seconds that it has left. */
    private static final int KILLED_AT_S = 12;

    private static final int USED_AT_S = 5;

    /** Whole seconds are shown, and a kernel looks for what ran out now and then. */
    private static final int OFF_S = 2;

    private static final int HEARD_MS = 1_000;
    private static final int PORT = 7070;
    private static final String SERVER = "10.20.0.10";
    private static final String CLIENT = "10.10.0.10";

    @Test
    void shouldLiveOnTheHeirAsLongAsTheyHadLeft() throws Exception {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
            for (FirewallNode node : FirewallNode.values()) {
                NetNs.call(
                        lab.namespace(node),
                        () -> Cmd.run(
                                "sysctl",
                                "-q",
                                "-w",
                                "net.netfilter.nf_conntrack_tcp_timeout_established=" + PATIENCE_S));
            }
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            LabAgent heir = pair.other(active);
            try (ServerSocket listener = NetNs.call(lab.namespace("server"), () -> {
                        return new ServerSocket(PORT, 8, InetAddress.getByName(SERVER));
                    });
                    Connection used = new Connection(lab, listener);
                    Connection forgotten = new Connection(lab, listener)) {
                used.exchange();
                forgotten.exchange();
                long quietNs = System.nanoTime();
                Await.until("both mirrored", SOON, () -> {
                    return used.leftS(heir) > 0 && forgotten.leftS(heir) > 0;
                });
                Await.until("them to be idle", SOON, () -> forgotten.leftS(active) <= KILLED_AT_S);
                active.kill();
                Await.until(
                        "the takeover",
                        SOON,
                        () -> heir.status().filter(AgentStatus::master).isPresent());
                Await.until("them to be idle there", SOON, () -> {
                    int leftS = forgotten.leftS(heir);
                    return leftS >= 0 && leftS <= USED_AT_S;
                });
                assertEquals(PATIENCE_S - USED_AT_S, sinceS(quietNs), OFF_S, "what was left is left");
                used.exchange();
                assertEquals(PATIENCE_S, used.leftS(heir), OFF_S, "used, it has all the time again");
                Await.until("the other to end", SOON, () -> forgotten.leftS(heir) < 0);
                assertEquals(PATIENCE_S, sinceS(quietNs), OFF_S, "and not much later");
                assertThrows(SocketTimeoutException.class, forgotten::exchange);
                used.exchange();
            }
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
