/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.Await;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What live traffic meets at the gate: neighbours that ask for the VIPs, packets to them, packets through us. */
final class LeaseGateIT extends InstalledLease {
    private static final System.Logger LOG = System.getLogger(LeaseGateIT.class.getName());
    private static final long ARMED_MS = 110;
    private static final long JIFFY_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int ROUNDS = 8;

    LeaseGateIT() {
        super(ARMED_MS);
    }

    @Test
    void shouldAnswerForTheVipsOnlyWithLease() throws Exception {
        assertFalse(net.answers(LeaseNet.VIP4));
        assertFalse(net.answers(LeaseNet.VIP6));
        assertTrue(net.answers(LeaseNet.OWN4), "its own address is no business of the lease");
        assertTrue(net.answers("fd10::1"));

        assertEquals(0, lease.grant(false));
        assertTrue(net.answers(LeaseNet.VIP4));
        assertTrue(net.answers(LeaseNet.VIP6));

        assertEquals(NftResult.done(), lease.release());
        assertFalse(net.answers(LeaseNet.VIP4));
        assertFalse(net.answers(LeaseNet.VIP6));
    }

    @Test
    void shouldDropPacketsToAVipThatANeighbourStillKnows() throws Exception {
        String mac = net.mac(net.firewall, "lan0");
        for (String vip : new String[] {LeaseNet.VIP4, LeaseNet.VIP6}) {
            net.in(net.client, "ip", "neigh", "replace", vip, "lladdr", mac, "nud", "permanent", "dev", "lan1");
            assertFalse(net.pinged(vip), vip);
            lease.grant(false);
            assertTrue(net.pinged(vip), vip);
            lease.release();
        }
        assertTrue(net.pinged(LeaseNet.OWN4));
    }

    @Test
    void shouldNotSpeakForAVipWithoutLease() throws Exception {
        // Bound to the VIP, the host itself asks for a neighbour: without the guard, the question teaches the LAN our
        // hardware address as the VIP's.
        speakFrom(LeaseNet.VIP4, "10.10.0.2");
        speakFrom(LeaseNet.VIP6, "fd10::2");
        Await.until("both questions to be dropped", LeaseNet.SOON, () -> {
            String listed = net.listed();
            return !listed.contains("arp saddr ip @vip4 meta mark & 0x00000000 != @lease counter packets 0 ")
                    && !listed.contains("ip6 saddr @vip6 meta mark & 0x00000000 != @lease counter packets 0 ");
        });
        assertFalse(net.in(net.client, "ip", "neigh", "show", "dev", "lan1").contains(LeaseNet.VIP4 + " lladdr"));
    }

    @Test
    void shouldHearWhoeverAnnouncesTheVipNow() throws Exception {
        net.in(net.firewall, "ip", "addr", "del", "10.10.0.254/24", "dev", "lan0");
        net.in(net.firewall, "sysctl", "-qw", "net.ipv4.neigh.lan0.locktime=0");
        String old = "02:00:00:00:00:99";
        net.in(net.firewall, "ip", "neigh", "replace", LeaseNet.VIP4, "lladdr", old, "nud", "stale", "dev", "lan0");
        net.in(net.client, "ip", "addr", "add", "10.10.0.254/24", "dev", "lan1");
        // The kernel announces an interface's addresses when its hardware address changes.
        String mac = "02:00:00:00:00:11";
        net.in(net.client, "sysctl", "-qw", "net.ipv4.conf.lan1.arp_notify=1");
        net.in(net.client, "ip", "link", "set", "lan1", "address", mac);
        Await.until(
                "the announcement to be learnt",
                LeaseNet.SOON,
                () -> net.in(net.firewall, "ip", "neigh", "show", LeaseNet.VIP4).contains(mac));
    }

    @Test
    void shouldForwardOnlyWithLease() throws Exception {
        try (Probe probe = new Probe(net)) {
            Await.until(
                    "the gate to have dropped probes",
                    LeaseNet.SOON,
                    () -> !net.nft("list chain inet twinwall transit").contains("counter packets 0 "));
            assertEquals(0, probe.arrived());
            lease.grant(false);
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > 100);
            lease.release();
            long closedNs = System.nanoTime();
            Await.until(
                    "two lease times to pass",
                    LeaseNet.SOON,
                    () -> System.nanoTime() - closedNs > 2 * ARMED_MS * 1_000_000);
            assertTrue(probe.lastArrivedSentNs() - closedNs <= 0, "a probe passed after the release");
        }
    }

    @Test
    void shouldCloseWithinTheLeaseWhenRenewalsStop() throws Exception {
        long latestNs = Long.MIN_VALUE;
        long earliestNs = Long.MAX_VALUE;
        try (Probe probe = new Probe(net)) {
            for (int round = 0; round < ROUNDS; round++) {
                renewSeveralTimes();
                probe.takeLongestPauseNs();
                long beforeNs = System.nanoTime();
                // Opens also what has lapsed while this thread stood still.
                lease.grant(true);
                long afterNs = System.nanoTime();
                Await.until(
                        "three lease times to pass",
                        LeaseNet.SOON,
                        () -> System.nanoTime() - afterNs > 3 * ARMED_MS * 1_000_000);
                long passedNs = probe.lastArrivedSentNs() - beforeNs;
                long stallNs = probe.takeLongestPauseNs() + (afterNs - beforeNs);
                LOG.log(
                        System.Logger.Level.INFO,
                        "lease " + ARMED_MS + " ms: last probe passed " + passedNs / 1000
                                + " us after the last renewal; the machine's stall " + stallNs / 1000 + " us");
                assertTrue(passedNs <= ARMED_MS * 1_000_000 + 2 * JIFFY_NS + stallNs, "closed too late: " + passedNs);
                assertTrue(passedNs >= ARMED_MS * 1_000_000 - 2 * JIFFY_NS - stallNs, "closed too early: " + passedNs);
                assertFalse(lease.gateOpen());
                latestNs = Math.max(latestNs, passedNs);
                earliestNs = Math.min(earliestNs, passedNs);
            }
        }
        LOG.log(
                System.Logger.Level.INFO,
                "lease " + ARMED_MS + " ms closed after " + earliestNs / 1000 + ".." + latestNs / 1000 + " us");
    }

    @Test
    void shouldStayOpenWhileRenewedAndWhenDisarmed() throws Exception {
        try (Probe probe = new Probe(net)) {
            lease.grant(false);
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > 10);
            long startNs = System.nanoTime();
            Await.until(
                    "four lease times without renewal",
                    LeaseNet.SOON,
                    () -> System.nanoTime() - startNs > 4 * ARMED_MS * 1_000_000);
            assertTrue(lease.leftMs() > LeaseConfig.DISARMED_MS / 2);
            long before = probe.arrived();
            Await.until("probes still to arrive", LeaseNet.SOON, () -> probe.arrived() > before + 10);
            lease.renew(true);
            assertTrue(lease.leftMs() <= ARMED_MS, "arming shortens a long lease");
            Await.until("the armed lease to run out", LeaseNet.SOON, () -> !lease.gateOpen());
        }
    }

    private void renewSeveralTimes() {
        long[] nextNs = {System.nanoTime()};
        int[] sent = {0};
        Await.until("renewals at a third of the lease", LeaseNet.SOON, () -> {
            if (System.nanoTime() - nextNs[0] >= 0) {
                nextNs[0] += ARMED_MS * 1_000_000 / 3;
                sent[0]++;
                return (sent[0] == 1 ? lease.grant(true) : lease.renew(true)) != 0 || sent[0] == 4;
            }
            return false;
        });
    }

    private void speakFrom(String vip, String neighbour) throws Exception {
        net.in(net.firewall, "ip", "neigh", "flush", "dev", "lan0");
        NetNs.call(net.firewall, () -> {
            try (DatagramChannel channel = DatagramChannel.open().bind(new InetSocketAddress(LeaseNet.ip(vip), 0))) {
                return channel.send(ByteBuffer.allocate(1), new InetSocketAddress(LeaseNet.ip(neighbour), 9));
            }
        });
    }
}
