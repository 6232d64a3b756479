/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One firewall holds the addresses by hand; the check must be able to say yes, and to say no. */
@RequireRoot
class TrafficIT {
    private static final long PATIENCE_MS = 1_000;
    private static final long PATIENCE_YES_MS = 30_000;

    private final long seed = Seeds.seed("TrafficIT");
    private Lab lab;
    private String firewall;

    @BeforeEach
    void build() {
        lab = Lab.create();
        firewall = lab.namespace(FirewallNode.FW_A);
        ByHand.addVips(firewall);
    }

    @AfterEach
    void remove() {
        lab.close();
    }

    @Test
    void shouldSayYesWhenNothingFailsAndNoWhenTheFirewallForgets() {
        try (Traffic traffic = new Traffic(lab, 0, seed)) {
            traffic.open(0, 400, text -> {});
            long beforeNs = System.nanoTime();

            FlowTally yes = traffic.check(beforeNs, PATIENCE_YES_MS, text -> {});
            assertEquals(480, yes.opened());
            assertEquals(480, yes.survived(), () -> traffic.reasons(beforeNs).toString());
            for (Path path : Path.values()) {
                for (String mode : new String[] {"idle", "busy", "half-closed"}) {
                    assertTrue(yes.byKind().containsKey("tcp." + path.label() + "." + mode), path + " " + mode);
                }
                assertTrue(yes.byKind().containsKey("udp." + path.label()));
            }

            ByHand.flushFlows(firewall);
            FlowTally no = traffic.check(beforeNs, PATIENCE_MS, text -> {});
            assertEquals(480, no.opened());
            assertEquals(0, no.survived(), () -> no.byKind().keySet().toString());
        }
    }

    /** As when a failure comes between the first packets of a flow: it is none of those that are asked. */
    @Test
    void shouldAskTheOthersWhileAFlowIsNotConnectedYet() {
        try (Traffic traffic = new Traffic(lab, 0, seed)) {
            traffic.open(0, 40, text -> {});
            long beforeNs = System.nanoTime();
            int opened = traffic.opened(beforeNs);
            Cmd.inWithInput(firewall, """
                    table inet lab_cut {
                        chain forward {
                            type filter hook forward priority -400; policy accept;
                            tcp flags & (syn | ack) == syn drop
                        }
                    }
                    """, "nft", "-f", "-");
            for (int i = 0; i < Path.values().length; i++) {
                traffic.openYoung();
            }
            FlowTally tally = traffic.check(beforeNs, PATIENCE_YES_MS, text -> {});
            assertEquals(opened, tally.opened());
            assertEquals(
                    opened, tally.survived(), () -> traffic.reasons(beforeNs).toString());
        }
    }

    @Test
    void shouldOpenPacketFlowsAndTellWhichSurvive() {
        LabSysctls.roomFor(20_000);
        try (PacketFlows packets = new PacketFlows(lab, 20_000, seed)) {
            packets.open(60_000, open -> {});
            try (Traffic few = new Traffic(lab, 0, seed)) {
                few.open(0, 20, text -> {});
            }
            long beforeNs = System.nanoTime();
            assertEquals(20_000, packets.opened(beforeNs));
            packets.beginCheck(1);
            assertTrue(
                    Waiting.until(60_000, 20, () -> packets.survived(1, beforeNs) == 20_000),
                    () -> packets.survived(1, beforeNs) + " of 20000");

            ByHand.flushFlows(firewall);
            packets.beginCheck(2);
            assertTrue(Waiting.until(60_000, 20, packets::exhausted));
            assertEquals(0, packets.survived(2, beforeNs));
        }
    }

    @Test
    void shouldMeasureTheDarkTimeOfALinkThatWasDown() {
        try (Probes probes = new Probes(lab, 20_000);
                IpBatch ip = new IpBatch(lab.namespace("lan"))) {
            assertEquals(16, probes.streams().size());
            long downNs = System.nanoTime();
            ip.send("link set fw-a down\n");
            assertTrue(Waiting.until(5_000, 5, () -> System.nanoTime() - downNs > 200_000_000));
            ip.send("link set fw-a up\n");
            long upNs = System.nanoTime();
            assertTrue(Waiting.until(20_000, 5, () -> probes.allSince(upNs + 500_000_000)));
            for (ReceiptLog stream : probes.streams()) {
                long darkNs = stream.longestGapNs(downNs, upNs + 100_000_000);
                assertNotEquals(ReceiptLog.NEVER, darkNs, stream.stream());
                assertTrue(darkNs > 150_000_000, stream.stream() + " dark for " + darkNs + " ns");
            }
        }
    }
}
