/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
 * The role goes from one firewall to the other and back. The first one's kernel has entries of its own then, not injected
 * ones, with windows as they were when it saw the flows last: live segments must not be invalid to it.
 */
@RequireRoot
class RoleReturnIT {
    private static final int BULK_BYTES = 4 << 20;
    private static final int LATE_PORT = 7010;
    private static final String ESTABLISHED = "ESTABLISHED";
    private static final int BULK_TIMEOUT_MS = 10_000;

    private NatLab lab;
    private KernelPair pair;
    private final Map<String, Exchange.Tcp> busy = new LinkedHashMap<>();
    private final Map<String, Exchange.Tcp> idle = new LinkedHashMap<>();

    @BeforeEach
    void open() throws Exception {
        lab = new NatLab();
        for (String firewall : List.of(lab.a, lab.b)) {
            lab.net.sysctl(firewall, "net/netfilter/nf_conntrack_tcp_be_liberal", "0");
        }
        pair = new KernelPair(lab.a, lab.b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
        open(busy, "busy routed", NatLab.SERVER, 7000);
        open(busy, "busy routed IPv6", NatLab.SERVER6, 7100);
        open(busy, "busy SNAT", NatLab.SERVER, 7001);
        open(busy, "busy masquerade", NatLab.SERVER, 7002);
        open(idle, "idle routed", NatLab.SERVER, LATE_PORT);
        open(idle, "idle routed IPv6", NatLab.SERVER6, 7110);
        open(idle, "idle SNAT", NatLab.SERVER, 7006);
        open(idle, "idle masquerade of IPv6", NatLab.SERVER6, 7102);
        assertEquals(List.of(), lost(1, BULK_BYTES / 4), "lost before anything happened");
        pair.a.barrier();
    }

    @AfterEach
    void close() throws Exception {
        try {
            for (Exchange exchange : busy.values()) {
                exchange.close();
            }
            for (Exchange exchange : idle.values()) {
                exchange.close();
            }
            pair.close();
        } finally {
            lab.close();
        }
    }

    @Test
    void shouldCarryFlowsOnWhenTheRoleReturnsToTheKernelThatSawThemBegin() throws Exception {
        goAway();
        pair.rejoin();
        assertEquals(List.of(), lost(2, BULK_BYTES), "lost after the role went away");
        comeBack();
    }

    /** The old active's agent has been started anew: it learns by a dump what its kernel holds. */
    @Test
    void shouldCarryFlowsOnWhenTheAgentBeganAnewMeanwhile() throws Exception {
        goAway();
        assertEquals(List.of(), lost(2, BULK_BYTES), "lost after the role went away");
        pair.restartA();
        pair.rejoin();
        comeBack();
    }

    /** It does so a second time: by now each kernel has entries of either origin. */
    @Test
    void shouldCarryFlowsOnHoweverOftenTheRoleChanges() throws Exception {
        for (int round = 1; round <= 3; round++) {
            goAway();
            pair.rejoin();
            assertEquals(List.of(), lost(2 * round, BULK_BYTES), "lost after the role went away");
            open(idle, "begun at b, round " + round, NatLab.SERVER, 7020 + round);
            pair.b.barrier();
            comeBack();
            open(idle, "begun at a, round " + round, NatLab.SERVER, 7030 + round);
            pair.awaitReady();
            pair.a.barrier();
        }
    }

    /** A packet passes the old active after it became mirror: its kernel is ahead, and the source's state holds. */
    @Test
    void shouldBringBackToTheSourcesStateWhatALatePacketMoved() throws Exception {
        pair.takeOver();
        pair.a.becomeMirror(2);
        assertEquals(ESTABLISHED, state(lab.a, LATE_PORT));
        Exchange.Tcp flow = idle.get("idle routed");
        flow.client().shutdownOutput();
        assertEquals(-1, flow.server().getInputStream().read(), "the late packet passed");
        pair.rejoin();
        Await.until(
                "the source's state",
                KernelPair.DEADLINE,
                () -> state(lab.a, LATE_PORT).equals(ESTABLISHED));
        assertEquals(ESTABLISHED, state(lab.b, LATE_PORT));
    }

    private static String state(String netNs, int port) {
        return Cmd.in(netNs, "conntrack", "-L", "-p", "tcp", "--dport", Integer.toString(port))
                .replaceFirst("(?s)^tcp +6 +\\d+ (\\w+) .*", "$1");
    }

    private void goAway() {
        pair.takeOver();
        lab.move(lab.a, lab.b);
        pair.b.correctTimeouts();
    }

    private void comeBack() throws Exception {
        long invalid = NatLab.invalid(lab.a);
        pair.takeBack();
        lab.move(lab.b, lab.a);
        pair.a.correctTimeouts();
        pair.newSession();
        assertEquals(List.of(), lost(3, BULK_BYTES), "lost after the role came back");
        assertEquals(0, NatLab.invalid(lab.a) - invalid, "dropped as invalid");
    }

    private void open(Map<String, Exchange.Tcp> some, String name, String address, int port) throws Exception {
        some.put(name, Exchange.tcp(lab, address, port, address, port));
    }

    private List<String> lost(int round, int bytes) throws Exception {
        List<String> lost = new ArrayList<>();
        for (Map.Entry<String, Exchange.Tcp> flow : busy.entrySet()) {
            if (!flow.getValue().bulk(bytes, BULK_TIMEOUT_MS)) {
                lost.add(flow.getKey());
            }
        }
        for (Map.Entry<String, Exchange.Tcp> flow : idle.entrySet()) {
            if (!flow.getValue().bothWays(round, Exchange.TIMEOUT_MS)) {
                lost.add(flow.getKey());
            }
        }
        return lost;
    }
}
