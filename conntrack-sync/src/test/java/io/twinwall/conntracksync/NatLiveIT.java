/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Traffic through each form of translation goes on through the other firewall's kernel. An entry can look right and
 * translate nothing: only bytes that arrive prove it. The server speaks first after the takeover, since what the client
 * sends may begin a flow anew. What an active tears before it is succeeded is {@link TornFlowsIT}'s.
 */
@RequireRoot
class NatLiveIT {
    /** How each conversation is opened; {@code seen} is the client's address after translation. */
    private record Form(String name, String address, int port, String serverAddress, int serverPort, String seen) {
        static Form of(String name, String address, int port, int serverPort, String seen) {
            boolean v4 = address.indexOf(':') < 0;
            return new Form(name, address, port, v4 ? NatLab.SERVER : NatLab.SERVER6, serverPort, seen);
        }
    }

    private static final List<Form> FORMS = List.of(
            Form.of("routed", NatLab.SERVER, 7000, 7000, NatLab.CLIENT),
            Form.of("SNAT", NatLab.SERVER, 7001, 7001, NatLab.TRANSLATED),
            Form.of("masquerade with another port", NatLab.SERVER, 7002, 7002, "192.0.2.1"),
            Form.of("DNAT", NatLab.PUBLIC, 7003, 8003, NatLab.CLIENT),
            Form.of("SNAT and DNAT", NatLab.PUBLIC, 7004, 8004, NatLab.TRANSLATED),
            Form.of("DNAT to a range of ports", NatLab.PUBLIC, 7005, 8005, NatLab.CLIENT),
            Form.of("SNAT to a range of ports", NatLab.SERVER, 7006, 7006, NatLab.TRANSLATED),
            Form.of("routed IPv6", NatLab.SERVER6, 7100, 7100, NatLab.CLIENT6),
            Form.of("SNAT of IPv6", NatLab.SERVER6, 7101, 7101, NatLab.TRANSLATED6),
            Form.of("masquerade of IPv6", NatLab.SERVER6, 7102, 7102, NatLab.TRANSLATED6),
            Form.of("DNAT of IPv6", NatLab.PUBLIC6, 7103, 8103, NatLab.CLIENT6),
            Form.of("SNAT and DNAT of IPv6", NatLab.PUBLIC6, 7104, 8104, NatLab.TRANSLATED6));

    private static final int LOST_MS = 150;
    /** Many, since how a kernel sees a reset depends on the numbers that a connection began with. */
    private static final int RESETS = 12;

    private static final int ECHO_ID = 4711;

    private NatLab lab;
    private Map<String, Exchange> exchanges;

    @BeforeEach
    void open() {
        lab = new NatLab();
        exchanges = new LinkedHashMap<>();
    }

    @AfterEach
    void close() throws Exception {
        try {
            for (Exchange exchange : exchanges.values()) {
                exchange.close();
            }
        } finally {
            lab.close();
        }
    }

    @Test
    void shouldCarryEveryFormOfTranslationOnAfterTakeover() throws Exception {
        try (KernelPair pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES)) {
            pair.start();
            openAll();
            pair.a.barrier();
            pair.takeOver();
            lab.cutA();
            lab.moveToB();
            pair.b.correctTimeouts();
            assertEquals(List.of(), lost(2, Exchange.TIMEOUT_MS), "lost after the takeover");
            // What the kernel has seen pass by now must still be what it translates.
            assertEquals(List.of(), lost(3, Exchange.TIMEOUT_MS), "lost later");
        }
    }

    /** Flows that were there before the agents, so that the dump tells of all the source's kernel knows of them. */
    @Test
    void shouldLetAResetEndAFlowAfterTakeover() throws Exception {
        for (int i = 0; i < RESETS; i++) {
            int port = 7200 + i;
            exchanges.put("TCP " + port, Exchange.tcp(lab, NatLab.SERVER, port, NatLab.SERVER, port));
        }
        assertEquals(List.of(), lost(1, Exchange.TIMEOUT_MS), "lost before anything happened");
        try (KernelPair pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES)) {
            pair.start();
            pair.a.barrier();
            pair.takeOver();
            lab.cutA();
            lab.moveToB();
            assertEquals(List.of(), lost(2, Exchange.TIMEOUT_MS), "lost after the takeover");
            for (Exchange exchange : exchanges.values()) {
                Socket client = ((Exchange.Tcp) exchange).client();
                client.setSoLinger(true, 0);
                client.close();
            }
            Await.until(
                    "the resets to end all flows",
                    KernelPair.DEADLINE,
                    () -> Cmd.in(lab.b, "conntrack", "-L", "-p", "tcp", "--state", "CLOSE")
                                    .lines()
                                    .count()
                            == RESETS);
            assertEquals(0, NatLab.invalid(lab.b), "dropped as invalid");
        }
    }

    /** The control: the same takeover without mirrored state loses all of them, so the proof above proves something. */
    @Test
    void shouldLoseEveryFlowWithoutAMirror() throws Exception {
        openAll();
        lab.cutA();
        lab.moveToB();
        assertEquals(List.copyOf(exchanges.keySet()), lost(2, LOST_MS));
    }

    /** Two clients use one id towards one server under one address, so the second is given another. */
    @Test
    void shouldKeepTheIdThatAnEchoWasGiven() throws Exception {
        try (KernelPair pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
                Ping first = new Ping(lab, NatLab.CLIENT);
                Ping second = new Ping(lab, NatLab.OTHER_CLIENT);
                Ping published = new Ping(lab, NatLab.OTHER_CLIENT)) {
            pair.start();
            assertEquals(ECHO_ID, first.idSeenByServer(NatLab.SERVER, ECHO_ID));
            int given = second.idSeenByServer(NatLab.SERVER, ECHO_ID);
            int givenToBoth = published.idSeenByServer(NatLab.PUBLIC, ECHO_ID);
            assertTrue(given > 0 && given != ECHO_ID, "another id: " + given);
            assertTrue(givenToBoth > 0 && givenToBoth != ECHO_ID, "another id: " + givenToBoth);
            pair.a.barrier();
            pair.takeOver();
            lab.cutA();
            lab.moveToB();
            // Alone on a firewall that knew nothing, it would keep the id it has.
            assertEquals(given, second.idSeenByServer(NatLab.SERVER, ECHO_ID));
            assertEquals(givenToBoth, published.idSeenByServer(NatLab.PUBLIC, ECHO_ID));
            assertEquals(ECHO_ID, first.idSeenByServer(NatLab.SERVER, ECHO_ID));
        }
    }

    private void openAll() throws Exception {
        for (Form form : FORMS) {
            opened(
                    "TCP " + form.name,
                    form,
                    Exchange.tcp(lab, form.address, form.port, form.serverAddress, form.serverPort));
            opened(
                    "UDP " + form.name,
                    form,
                    Exchange.udp(lab, form.address, form.port, form.serverAddress, form.serverPort));
        }
        assertEquals(List.of(), lost(1, Exchange.TIMEOUT_MS), "lost before anything happened");
    }

    private void opened(String name, Form form, Exchange exchange) {
        exchanges.put(name, exchange);
        InetSocketAddress seen = exchange.clientAsSeen();
        assertEquals(java.net.InetAddress.ofLiteral(form.seen), seen.getAddress(), name + ": as the server sees it");
        assertTrue(!form.name.contains("masquerade") || seen.getPort() / 1000 == 40, () -> name + " from " + seen);
    }

    private List<String> lost(int round, int timeoutMs) throws Exception {
        List<String> lost = new ArrayList<>();
        for (Map.Entry<String, Exchange> exchange : exchanges.entrySet()) {
            if (!exchange.getValue().bothWays(round, timeoutMs)) {
                lost.add(exchange.getKey());
            }
        }
        return lost;
    }
}
