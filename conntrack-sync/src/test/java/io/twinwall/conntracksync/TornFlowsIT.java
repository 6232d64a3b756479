/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An active loses its link or its addresses while it still is the source: its kernel tears what it masquerades (and
 * nothing else), and the heir must have those flows all the same.
 */
@RequireRoot
class TornFlowsIT {
    /** TCP and UDP, IPv4 and IPv6. */
    private static final int MASQUERADED = 4;

    private NatLab lab;
    private KernelPair pair;
    private final Map<String, Exchange> exchanges = new LinkedHashMap<>();

    @BeforeEach
    void open() throws Exception {
        lab = new NatLab();
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        open("routed", NatLab.SERVER, 7000);
        open("SNAT", NatLab.SERVER, 7001);
        open("masquerade", NatLab.SERVER, 7002);
        open("masquerade of IPv6", NatLab.SERVER6, 7102);
        assertEquals(List.of(), lost(1));
        pair.a.barrier();
    }

    @AfterEach
    void close() throws Exception {
        try {
            for (Exchange exchange : exchanges.values()) {
                exchange.close();
            }
            pair.close();
        } finally {
            lab.close();
        }
    }

    @Test
    void shouldCarryOnWhatTheActiveToreWithItsLink() throws Exception {
        lab.cutA();
        awaitTorn();
        takeOver();
        assertEquals(List.of(), lost(2));
    }

    @Test
    void shouldCarryOnWhatTheActiveToreWithItsAddressesAndHoldItAgainAsMirror() throws Exception {
        Cmd.in(lab.a, "ip", "address", "flush", "dev", "wan0");
        awaitTorn();
        lab.cutA();
        takeOver();
        assertEquals(List.of(), lost(2));

        assertFalse(tracked(lab.a, 7002), "torn from its kernel");
        pair.a.becomeMirror(2);
        pair.newSession();
        Await.until(
                "the old active to hold all of them again",
                KernelPair.DEADLINE,
                () -> tracked(lab.a, 7002) && tracked(lab.a, 7102));
    }

    /** Also the control: the same flows are lost without the hold, as they are once it is over. */
    @Test
    void shouldEndWhatDidNotComeBack() {
        lab.cutA();
        awaitTorn();
        pair.a.barrier();
        assertTrue(tracked(lab.b, 7002), "held");
        Await.until(
                "the end of the torn flows", KernelPair.DEADLINE, () -> !tracked(lab.b, 7002) && !tracked(lab.b, 7102));
        assertTrue(tracked(lab.b, 7000), "what was not torn stays");
        assertTrue(tracked(lab.b, 7001), "what was not torn stays");
        assertEquals(MASQUERADED, pair.a.counters.value("sync_torn_ended_total"));
    }

    @Test
    void shouldPassOnAtOnceWhatTheOperatorDeletesAndTearNothingWithCarrier() {
        lab.net.down(lab.server, "pa");
        Cmd.in(lab.a, "conntrack", "-D", "-p", "udp", "--dport", "7002");
        Cmd.in(lab.a, "conntrack", "-D", "-p", "tcp", "--dport", "7002");
        pair.a.barrier();
        Await.until("the deletion at the peer", KernelPair.DEADLINE, () -> !tracked(lab.b, 7002));
        assertTrue(tracked(lab.b, 7102));
        assertEquals(0, pair.a.counters.value("sync_torn_total"));
    }

    private void awaitTorn() {
        Await.until(
                "the masqueraded flows to be torn",
                KernelPair.DEADLINE,
                () -> pair.a.counters.value("sync_torn_total") == MASQUERADED);
    }

    private void takeOver() {
        // The old active publishes all it has to say, and the peer has taken it in.
        pair.a.barrier();
        pair.takeOver();
        lab.moveToB();
        pair.b.correctTimeouts();
    }

    private void open(String name, String address, int port) throws Exception {
        exchanges.put("TCP " + name, Exchange.tcp(lab, address, port, address, port));
        exchanges.put("UDP " + name, Exchange.udp(lab, address, port, address, port));
    }

    private static boolean tracked(String netNs, int port) {
        String family = port >= 7100 ? "ipv6" : "ipv4";
        return Cmd.in(netNs, "conntrack", "-L", "-f", family).contains(" dport=" + port + " ");
    }

    private List<String> lost(int round) throws Exception {
        List<String> lost = new ArrayList<>();
        for (Map.Entry<String, Exchange> exchange : exchanges.entrySet()) {
            if (!exchange.getValue().bothWays(round, Exchange.TIMEOUT_MS)) {
                lost.add(exchange.getKey());
            }
        }
        return lost;
    }
}
