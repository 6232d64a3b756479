/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.RequireRoot;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tables themselves: what {@code nft} says of them, and what becomes of them when others, or nobody, care. */
@RequireRoot
final class LeaseInstallIT {
    private static final long ARMED_MS = 200;
    private static final LeaseFeatures UNOWNED = new LeaseFeatures(false, true, true);

    private final LeaseNet net = new LeaseNet();

    @AfterEach
    void remove() {
        net.close();
    }

    @Test
    void shouldListAsWhatWasMeant() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            assertTrue(lease.present());
            assertTrue(lease.owned(), "this kernel has owned, persistent tables");
            assertTrue(lease.egressGuarded(), "this kernel has the egress hook");
        }
        String listed = net.listed();
        for (String expected : List.of(
                "flags dynamic,timeout",
                "timeout 200ms",
                "elements = { 10.10.0.254 }",
                "elements = { fd10::fe }",
                "type filter hook ingress device \"lo\" priority -500; policy accept;",
                "type filter hook ingress device \"lo\" priority -499; policy accept;",
                "update @lease { meta mark & 0x00000000 timeout 200ms }",
                "update @lease { meta mark & 0x00000000 timeout 3650d }",
                "delete @lease { meta mark & 0x00000000 }",
                "type filter hook ingress devices = { lan0, wan0 } priority -500; policy accept;",
                "meta mark & 0x00000000 == @lease accept",
                "arp operation request arp saddr ip != @vip4 arp daddr ip @vip4 counter packets 0 bytes 0 drop",
                "ip daddr @vip4 counter packets 0 bytes 0 drop",
                "ip6 daddr @vip6 counter packets 0 bytes 0 drop",
                "icmpv6 type nd-neighbor-solicit",
                "type filter hook egress devices = { lan0, wan0 } priority -500; policy accept;",
                "arp saddr ip @vip4 meta mark & 0x00000000 != @lease counter packets 0 bytes 0 drop",
                "icmpv6 type nd-neighbor-advert",
                "type filter hook forward priority -500; policy accept;",
                "meta mark & 0x00000000 != @lease counter packets 0 bytes 0 drop")) {
            assertTrue(listed.contains(expected), () -> expected + " is not in\n" + listed);
        }
    }

    @Test
    void shouldInstallAgainWithoutDoubling() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            String first = net.listed();
            lease.grant(false);
            assertEquals(NftResult.done(), lease.install());
            assertFalse(lease.gateOpen(), "a fresh installation is closed");
            assertEquals(first, net.listed());
        }
    }

    @Test
    void shouldReplaceWhatADeadAgentLeft() throws Exception {
        String leftOpen;
        try (Lease dead = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), dead.install());
            assertEquals(0, dead.grant(false));
            leftOpen = net.listed();
        }
        assertTrue(net.listed().contains("elements = { 0x00000000"), "the tables outlive their agent");
        try (Lease lease = net.lease(ARMED_MS)) {
            assertTrue(lease.gateOpen(), "the dead agent was alone and disarmed");
            assertEquals(NftResult.done(), lease.install());
            assertFalse(lease.gateOpen());
            assertNotEquals(secrets(leftOpen), secrets(net.listed()));
        }
    }

    @Test
    void shouldReplaceLeftoversOnAKernelWithoutOwnedTables() throws Exception {
        try (Lease dead = net.lease(ARMED_MS, UNOWNED)) {
            assertEquals(NftResult.done(), dead.install());
            assertEquals(0, dead.grant(false));
        }
        try (Lease lease = net.lease(ARMED_MS, UNOWNED)) {
            assertEquals(NftResult.done(), lease.install());
            assertFalse(lease.gateOpen());
            assertFalse(lease.owned());
        }
    }

    @Test
    void shouldGuardWhatItHearsOnAKernelWithoutEgressHook() throws Exception {
        try (Lease lease = net.lease(ARMED_MS, new LeaseFeatures(false, false, true))) {
            assertEquals(NftResult.done(), lease.install());
            assertTrue(lease.present());
            assertFalse(lease.egressGuarded());
            assertFalse(net.listed().contains("hook egress"));
            assertFalse(net.answers(LeaseNet.VIP4));
            assertFalse(net.answers(LeaseNet.VIP6));
            lease.grant(false);
            assertTrue(net.answers(LeaseNet.VIP4));
        }
    }

    @Test
    void shouldRefuseASecondAgentWhileTheFirstLives() throws Exception {
        try (Lease first = net.lease(ARMED_MS);
                Lease second = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), first.install());
            NftResult refused = second.install();
            assertEquals(Errno.EPERM, refused.errno());
            assertEquals("destroy table netdev twinwall", refused.operation());
            assertTrue(first.present());
        }
    }

    @Test
    void shouldLetTwoClustersLiveOnOneHost() throws Exception {
        LeaseConfig other = new LeaseConfig(
                "twinwall_two", List.of("wan0"), List.of(LeaseNet.ip("10.20.0.254")), 47999, ARMED_MS, 1_000_000);
        try (Lease one = net.lease(ARMED_MS);
                Lease two = NetNs.call(net.firewall, () -> Lease.open(other))) {
            assertEquals(NftResult.done(), one.install());
            assertEquals(NftResult.done(), two.install());
            two.grant(false);
            assertTrue(two.gateOpen());
            assertFalse(one.gateOpen());
            assertEquals(NftResult.done(), two.remove());
            assertTrue(one.present());
        }
    }

    @Test
    void shouldGuardADeviceThatComesLater() throws Exception {
        LeaseConfig config = LeaseConfig.of(List.of("lan0", "lan7"), List.of(LeaseNet.ip(LeaseNet.VIP4)), ARMED_MS);
        try (Lease lease = NetNs.call(net.firewall, () -> Lease.open(config))) {
            assertEquals(NftResult.done(), lease.install());
            assertFalse(net.answers(LeaseNet.VIP4));
            net.in(net.firewall, "ip", "link", "add", "lan7", "type", "veth");
            NetNs.call(net.firewall, () -> lease.present() ? NftResult.done() : lease.restore());
            assertTrue(net.listed().contains("devices = { lan0, lan7 }"));
        }
    }

    @Test
    void shouldGuardWhatThereIsOnAKernelThatWaitsForNoDevice() throws Exception {
        LeaseConfig config = LeaseConfig.of(List.of("lan0", "lan7"), List.of(LeaseNet.ip(LeaseNet.VIP4)), ARMED_MS);
        LeaseFeatures old = LeaseFeatures.PREFERENCE.getFirst().withoutWaiting();
        NetNs.call(net.firewall, () -> {
            try (Lease lease = Lease.open(config, old)) {
                assertEquals(NftResult.done(), lease.install());
                assertTrue(
                        net.listed().contains("device \"lan0\"") || net.listed().contains("devices = { lan0 }"));
                assertFalse(net.answers(LeaseNet.VIP4));
                assertTrue(lease.present());
                assertEquals(0, lease.grant(false));

                net.in(net.firewall, "ip", "link", "add", "lan7", "type", "veth");
                assertFalse(lease.present(), "another is to be guarded");
                assertEquals(NftResult.done(), lease.restore());
                assertTrue(lease.present());
                assertTrue(net.listed().contains("devices = { lan0, lan7 }"));
                assertTrue(lease.gateOpen(), "as open as it was");

                net.in(net.firewall, "ip", "link", "del", "lan0");
                net.in(net.firewall, "ip", "link", "del", "lan7");
                assertEquals(NftResult.done(), lease.install(), "none is left, and transit is fenced all the same");
                assertFalse(lease.gateOpen());
                assertTrue(lease.present());
            }
            return null;
        });
    }

    @Test
    void shouldNoticeThatTheVipsAreNotGuarded() throws Exception {
        try (Lease lease = net.lease(ARMED_MS, UNOWNED)) {
            for (String set : List.of(LeaseRules.VIP4, LeaseRules.VIP6)) {
                assertEquals(NftResult.done(), lease.install());
                assertTrue(lease.present());
                net.nft("flush set netdev twinwall " + set);
                assertFalse(lease.present(), set);
            }
            assertEquals(NftResult.done(), lease.restore());
            assertTrue(lease.present());
        }
    }

    @Test
    void shouldLeaveNoTraceWhenRemoved() throws Exception {
        for (LeaseFeatures features : LeaseFeatures.PREFERENCE) {
            try (Lease lease = net.lease(ARMED_MS, features)) {
                assertEquals(NftResult.done(), lease.install());
                assertEquals(NftResult.done(), lease.remove());
                assertFalse(lease.present());
                assertEquals("", net.nft("list ruleset"));
                assertEquals(NftResult.done(), lease.remove());
            }
        }
    }

    @Test
    void shouldSurviveTheOperatorsFlushWhenOwned() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            lease.grant(false);
            net.nft("""
                    flush ruleset
                    table inet filter {
                      chain forward { type filter hook forward priority 0; policy accept; }
                    }
                    """);
            assertTrue(lease.present());
            assertTrue(lease.gateOpen());
            assertTrue(net.nft("list tables").contains("table inet filter"));
        }
    }

    @Test
    void shouldNoticeAndRepairAFlushWhenNotOwned() throws Exception {
        try (Lease lease = net.lease(ARMED_MS, UNOWNED)) {
            assertEquals(NftResult.done(), lease.install());
            net.nft("flush ruleset");
            assertFalse(lease.present());
            assertTrue(lease.gateOpen(), "without tables nothing is fenced");
            assertEquals(Long.MAX_VALUE, lease.leftMs());
            assertEquals(NftResult.done(), lease.install());
            assertTrue(lease.present());
            assertFalse(lease.gateOpen());
            net.nft("flush chain inet twinwall transit");
            assertFalse(lease.present());
            assertEquals(NftResult.done(), lease.install());
            net.nft("delete table netdev twinwall");
            assertFalse(lease.present());
        }
    }

    @Test
    void shouldGuardAnInterfaceThatWasMadeAnew() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            net.makeLanAnew();
            if (!lease.present()) {
                assertEquals(NftResult.done(), lease.install());
            }
            assertTrue(lease.present());
            assertFalse(net.answers(LeaseNet.VIP4));
            lease.grant(false);
            assertTrue(net.answers(LeaseNet.VIP4));
        }
    }

    private static String secrets(String listed) {
        return String.join(
                " ",
                listed.lines()
                        .filter(line -> line.contains("@th,64,128 0x"))
                        .map(line -> line.replaceAll(".*(0x[0-9a-f]+) (update|delete).*", "$1"))
                        .toList());
    }
}
