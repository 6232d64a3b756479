/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static io.twinwall.dist.Agents.await;
import static io.twinwall.dist.Agents.status;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A client that the active banned, by a packet, after a takeover: with the set mirrored, and without. */
@RequireRoot
class SetsLab {
    private static final long READY_MS = 120_000;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String SERVER = "10.20.0.10";
    private static final int PORT = 7050;
    private static final int TRAP = 23;
    private static final int HEARD_MS = 300;
    private static final String BANNED = "10.10.0.10";
    private static final String OTHER = "10.10.1.10";
    private static final String BANS = """
            table inet lab_bans {
                set bans { type ipv4_addr; size 1000; flags dynamic,timeout; timeout 10m; }
                chain forward {
                    type filter hook forward priority -10; policy accept;
                    ip saddr @bans drop
                    iifname "lan0" udp dport 23 add @bans { ip saddr } drop
                }
            }
            """;
    private static final String MIRRORED = """
            [[sync.set]]
            table = "lab_bans"
            name = "bans"
            """;

    @Test
    void shouldKeepAClientBannedThroughATakeover() throws Exception {
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            try (Lab lab = lab();
                    Ends ends = new Ends(lab);
                    Pair pair = new Pair(
                            lab, Program.command(), AgentOptions.defaults().withMore(MIRRORED))) {
                LabAgent heir = banAndKill(ends, pair, true);
                assertTrue(ends.banned(BANNED), "banned before, and now");
                AgentStatus status = status(heir);
                assertEquals("SOURCE", status.json().at("/sets/0/side").asString(""));
                assertEquals(1, status.json().at("/sets/0/elements").asInt(-1));
            }
        });
    }

    @Test
    void shouldLoseTheBanWhenNobodyAskedForTheSet() throws Exception {
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            try (Lab lab = lab();
                    Ends ends = new Ends(lab);
                    Pair pair = new Pair(lab, Program.command(), AgentOptions.defaults())) {
                LabAgent heir = banAndKill(ends, pair, false);
                assertTrue(ends.through(BANNED), "the control: the heir never heard of the ban");
                assertEquals(0, status(heir).json().path("sets").size());
            }
        });
    }

    private static Lab lab() {
        Lab lab = Lab.create();
        for (FirewallNode node : FirewallNode.values()) {
            Cmd.inWithInput(lab.namespace(node), BANS, "nft", "-f", "-");
        }
        return lab;
    }

    /** The client walks into the trap, the active dies; answers who took over. */
    private static LabAgent banAndKill(Ends ends, Pair pair, boolean mirrored) throws Exception {
        LabAgent active = pair.awaitPair(READY_MS, line -> {});
        LabAgent heir = pair.other(active);
        Await.until("the client through", SOON, () -> ends.through(BANNED) && ends.through(OTHER));
        ends.send(BANNED, TRAP, new byte[1]);
        Await.until("the ban", SOON, () -> ends.banned(BANNED));
        if (mirrored) {
            await("the ban at the peer", heir, status -> {
                return status.json().at("/sets/0/elements").asInt(0) == 1
                        && status.json().at("/sets/0/differing").asInt(-1) == 0;
            });
        }
        Agents.takeOver(active, heir);
        Await.until("the other client through the heir", SOON, () -> ends.through(OTHER));
        return heir;
    }

    /** Client and server: what the one sends, by a new flow each time, the other hears. */
    private static final class Ends implements AutoCloseable {
        private final Lab lab;
        private final DatagramSocket server;
        private int sent;

        Ends(Lab lab) throws Exception {
            this.lab = lab;
            server = NetNs.call(lab.namespace("server"), () -> new DatagramSocket(new InetSocketAddress(SERVER, PORT)));
            server.setSoTimeout(HEARD_MS);
        }

        boolean through(String from) {
            try {
                byte[] word = ("word " + ++sent).getBytes(StandardCharsets.US_ASCII);
                send(from, PORT, word);
                DatagramPacket heard = new DatagramPacket(new byte[64], 64);
                do {
                    server.receive(heard);
                } while (!Arrays.equals(word, Arrays.copyOf(heard.getData(), heard.getLength())));
                return true;
            } catch (SocketTimeoutException e) {
                return false;
            } catch (Exception e) {
                throw new AssertionError("from " + from, e);
            }
        }

        /** Nothing comes through from it, and not because nothing does. */
        boolean banned(String from) {
            return !through(from) && through(OTHER);
        }

        void send(String from, int port, byte[] word) throws Exception {
            NetNs.call(lab.namespace("client"), () -> {
                try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0))) {
                    socket.send(new DatagramPacket(word, word.length, InetAddress.getByName(SERVER), port));
                }
                return null;
            });
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
