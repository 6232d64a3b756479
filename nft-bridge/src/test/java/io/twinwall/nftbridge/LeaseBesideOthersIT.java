/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lease beside what an operator does to the ruleset: loads that begin with a flush, deletions, other rulesets. */
@RequireRoot
final class LeaseBesideOthersIT {
    private static final long ARMED_MS = 300;
    private static final long RESTORED_NS = 100_000_000;
    private static final LeaseFeatures UNOWNED = new LeaseFeatures(false, true, true);

    /** An operator's ruleset as {@code /etc/nftables.conf} has it, with chains at our own priorities. */
    private static final String OPERATORS = """
            flush ruleset
            table netdev early {
              chain in { type filter hook ingress devices = { lan0, wan0 } priority -500; policy accept; counter; }
              chain lo { type filter hook ingress device lo priority -500; policy accept; counter; }
            }
            table inet filter {
              chain forward { type filter hook forward priority -500; policy accept; counter; }
              chain input { type filter hook input priority 0; policy accept; }
            }
            """;

    private final LeaseNet net = new LeaseNet();

    @AfterEach
    void remove() {
        net.close();
    }

    @Test
    void shouldNotMakeTheOperatorsLoadFailNorBeTouchedByIt() throws Exception {
        try (Lease lease = open();
                Probe probe = new Probe(net)) {
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > 100);
            for (int i = 0; i < 5; i++) {
                net.nft(OPERATORS);
                net.in(net.firewall, "nft", "flush", "ruleset");
            }
            net.nft(OPERATORS);
            assertTrue(lease.present());
            assertTrue(lease.gateOpen());
            assertNoProbeLost(probe);
            assertEquals(NftResult.done(), lease.release());
            assertFalse(net.answers(LeaseNet.VIP4), "fenced beside the operator's chains of the same priority");
        }
    }

    @Test
    void shouldBeAbleToComeAfterTheOperatorsRuleset() throws Exception {
        net.nft(OPERATORS);
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            assertFalse(net.answers(LeaseNet.VIP4));
            lease.grant(false);
            Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
            assertTrue(net.answers(LeaseNet.VIP4));
            lease.release();
            assertFalse(net.answers(LeaseNet.VIP4));
            assertEquals(NftResult.done(), lease.remove());
            assertTrue(net.nft("list tables").contains("table netdev early"), "what is not ours stays");
        }
    }

    /** What {@code iptables-nft} makes in the kernel, and what its {@code -F} and {@code -X} do. */
    @Test
    void shouldLiveBesideTheTablesOfIptables() throws Exception {
        net.nft("""
                table ip filter {
                  chain INPUT { type filter hook input priority 0; policy accept; }
                  chain FORWARD { type filter hook forward priority 0; policy accept; counter accept; }
                  chain mine { counter; }
                }
                """);
        try (Lease lease = open();
                Probe probe = new Probe(net)) {
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > 10);
            net.nft("flush table ip filter\ndelete chain ip filter mine\ndelete table ip filter\n");
            assertTrue(lease.present());
            assertTrue(lease.gateOpen());
            assertNoProbeLost(probe);
        }
    }

    @Test
    void shouldRefuseToHaveAnOwnedTableDeletedByName() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            assertFalse(net.nftMay("delete table inet twinwall"));
            assertFalse(net.nftMay("flush chain inet twinwall transit"));
            assertTrue(lease.present());
        }
    }

    @Test
    void shouldHearOfEachThingThatTakesItsGuardAway() throws Exception {
        for (String deed : List.of(
                "flush ruleset",
                "delete table inet twinwall",
                "delete table netdev twinwall",
                "flush chain inet twinwall transit",
                "flush table netdev twinwall")) {
            try (Lease lease = net.lease(ARMED_MS, UNOWNED);
                    LeaseWatch watch = watch()) {
                assertEquals(NftResult.done(), lease.install());
                lease.grant(false);
                Await.until("the watch to have read of the installation", LeaseNet.SOON, () -> !watch.poll());
                net.nft(deed);
                long doneNs = System.nanoTime();
                assertTrue(watch.poll(), deed + " is told of at once");
                assertFalse(lease.present(), deed);
                assertEquals(NftResult.done(), lease.restore());
                assertTrue(System.nanoTime() - doneNs < RESTORED_NS, "restored in time after " + deed);
                assertTrue(lease.present());
                assertTrue(lease.gateOpen(), "as open as it was");
                assertTrue(lease.leftMs() > LeaseConfig.DISARMED_MS / 2);
            }
        }
    }

    @Test
    void shouldNotBeToldOfWhatIsNotItsBusiness() throws Exception {
        try (Lease lease = net.lease(ARMED_MS);
                LeaseWatch watch = watch()) {
            assertEquals(NftResult.done(), lease.install());
            Await.until("the watch to have read of the installation", LeaseNet.SOON, () -> !watch.poll());
            net.nft(OPERATORS);
            lease.grant(true);
            net.in(net.firewall, "ip", "link", "add", "other0", "type", "veth");
            assertFalse(watch.poll());
            // Thousands of messages that nobody read: some were lost, so it looks.
            net.nft("table ip big {\n set s { type ipv4_addr; }\n chain c {\n" + "  counter\n".repeat(12_000)
                    + " }\n}\n");
            assertTrue(watch.poll(), "a loss is a reason to look");
        }
    }

    @Test
    void shouldRestoreNoMoreThanWasLeftOfAnArmedLease() throws Exception {
        try (Lease lease = net.lease(ARMED_MS, UNOWNED)) {
            assertEquals(NftResult.done(), lease.install());
            long renewedNs = System.nanoTime();
            assertEquals(0, lease.grant(true));
            net.nft("flush ruleset");
            assertEquals(NftResult.done(), lease.restore());
            long left = lease.leftMs();
            long pastMs = (System.nanoTime() - renewedNs) / 1_000_000;
            assertTrue(left <= ARMED_MS, "left " + left);
            assertTrue(left > 0 || pastMs >= ARMED_MS - 20, "left " + left + " after " + pastMs + " ms");
            // When it was last asked and open: however late this thread sees the end.
            long[] openNs = {renewedNs};
            Await.until("the rest to run out", LeaseNet.SOON, () -> {
                long askedNs = System.nanoTime();
                boolean open = lease.gateOpen();
                openNs[0] = open ? askedNs : openNs[0];
                return !open;
            });
            assertTrue(openNs[0] - renewedNs < (ARMED_MS + 200) * 1_000_000, "open after " + (openNs[0] - renewedNs));

            net.nft("flush ruleset");
            assertEquals(NftResult.done(), lease.restore());
            assertFalse(lease.gateOpen(), "what ran out is not opened by mending");
            lease.grant(false);
            lease.release();
            net.nft("flush ruleset");
            assertEquals(NftResult.done(), lease.restore());
            assertFalse(lease.gateOpen(), "nor what was given back");
        }
    }

    @Test
    void shouldFindOutWhenAnInterfaceIsMadeAnewOrRenamed() throws Exception {
        try (Lease lease = net.lease(ARMED_MS);
                LeaseWatch watch = watch()) {
            assertEquals(NftResult.done(), lease.install());
            Await.until("the watch to have read of the installation", LeaseNet.SOON, () -> !watch.poll());
            assertEquals(List.of(), watch.missing());
            net.makeLanAnew();
            assertTrue(watch.poll());
            assertEquals(List.of(), watch.missing());
            if (!lease.present()) {
                assertEquals(NftResult.done(), lease.restore());
            }
            assertFalse(net.answers(LeaseNet.VIP4), "the new one is guarded");

            net.in(net.firewall, "ip", "link", "set", "lan0", "down");
            net.in(net.firewall, "ip", "link", "set", "lan0", "name", "lan9");
            assertTrue(watch.poll());
            assertEquals(List.of("lan0"), watch.missing());
            net.in(net.firewall, "ip", "link", "set", "lan9", "name", "lan0");
            net.in(net.firewall, "ip", "link", "set", "lan0", "up");
            assertTrue(watch.poll());
            assertEquals(List.of(), watch.missing());
            if (!lease.present()) {
                assertEquals(NftResult.done(), lease.restore());
            }
            assertFalse(net.answers(LeaseNet.VIP4), "and so it is after its name came back");
        }
    }

    @Test
    void shouldStayInPlaceOverTheLossOfCarrier() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            lease.grant(false);
            net.in(net.client, "ip", "link", "set", "lan1", "down");
            net.in(net.client, "ip", "link", "set", "lan1", "up");
            assertTrue(lease.present());
            assertTrue(lease.gateOpen());
            lease.release();
            assertFalse(net.answers(LeaseNet.VIP4));
        }
    }

    /** A lease with its gate open: what arrives before it is installed would make the moment it is closed a loss. */
    private Lease open() throws Exception {
        Lease lease = net.lease(ARMED_MS);
        assertEquals(NftResult.done(), lease.install());
        assertEquals(0, lease.grant(false));
        Await.until("the gate to open", LeaseNet.SOON, lease::gateOpen);
        return lease;
    }

    private static void assertNoProbeLost(Probe probe) {
        long before = probe.arrived();
        Await.until("probes still to arrive", LeaseNet.SOON, () -> probe.arrived() > before + 10);
        assertEquals(0, probe.lost(), "probes lost");
    }

    private LeaseWatch watch() throws Exception {
        LeaseConfig config = net.config(ARMED_MS);
        return NetNs.call(net.firewall, () -> LeaseWatch.open(config));
    }
}
