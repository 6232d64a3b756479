/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtBatch;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Virtual addresses beside the host's own, on the real kernel: what the kernel does to the one when the other changes. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class VipTrapsIT {
    private static final Vip FOUR = new Vip(InetAddress.ofLiteral("10.10.0.254"), 24, "lan0");
    private static final Vip SIX = new Vip(InetAddress.ofLiteral("fd00:10::254"), 64, "lan0");
    private static final List<Vip> BOTH = List.of(FOUR, SIX);

    private TestNet net;
    private String netNs;

    @BeforeEach
    void wire(TestNet testNet) {
        net = testNet;
        netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        // The kernel's default; systemd sets 1.
        net.sysctl(netNs, "net/ipv4/conf/all/promote_secondaries", "0");
        net.sysctl(netNs, "net/ipv4/conf/lan0/promote_secondaries", "0");
    }

    private Vips open(List<Vip> vips) throws Exception {
        return NetNs.call(netNs, () -> Vips.open(vips));
    }

    private String ip(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        return Cmd.in(netNs, command).replaceAll("[ \t]+", " ");
    }

    private String addresses() {
        return ip("-o", "address", "show", "dev", "lan0");
    }

    private void own() {
        net.address(netNs, "lan0", "10.10.0.1/24");
        net.address(netNs, "lan0", "fd00:10::1/64");
    }

    @Test
    void shouldStayWhenTheHostsOwnAddressGoes() throws Exception {
        own();
        ip("address", "add", "10.10.0.77/24", "dev", "lan0");
        try (Vips vips = open(BOTH)) {
            assertEquals("", vips.add(false));
            ip("address", "del", "10.10.0.1/24", "dev", "lan0");
            assertFalse(addresses().contains("10.10.0.77"), "the control: a secondary goes with its primary");
            assertEquals(Segment.addresses(BOTH), vips.held(), this::addresses);
            ip("address", "del", "fd00:10::1/64", "dev", "lan0");
            assertEquals(Segment.addresses(BOTH), vips.held(), this::addresses);
            assertFalse(ip("-4", "route").contains("10.10.0.0/24"));
            assertEquals("", vips.refresh(false));
            assertTrue(
                    ip("-4", "route").contains("10.10.0.0/24 dev lan0 proto 218 scope link src 10.10.0.254"),
                    "the subnet is reachable all the same");
            assertTrue(ip("-6", "route").contains("fd00:10::/64 dev lan0"), () -> ip("-6", "route"));
        }
    }

    @Test
    void shouldNotTakeAlongAnAddressThatCameLater() throws Exception {
        try (Vips vips = open(BOTH)) {
            assertEquals("", vips.add(false));
            assertTrue(ip("-4", "route").contains("10.10.0.0/24 dev lan0 proto 218"), () -> ip("-4", "route"));
            own();
            assertEquals("", vips.refresh(false));
            assertEquals("", vips.remove());
            assertTrue(addresses().contains("10.10.0.1/24"), this::addresses);
            assertTrue(addresses().contains("fd00:10::1/64"), this::addresses);
            assertFalse(addresses().contains("254"), this::addresses);
            String four = ip("-4", "route");
            assertTrue(four.contains("10.10.0.0/24 dev lan0 proto kernel scope link src 10.10.0.1"), four);
            assertFalse(four.contains("proto 218"), four);
            assertTrue(ip("-6", "route").contains("fd00:10::/64 dev lan0 proto kernel metric 256 pref"));
        }
    }

    @Test
    void shouldNotTakeAlongTheSecondariesOfOneConfiguredByHand() throws Exception {
        ip("address", "add", "10.10.0.254/24", "dev", "lan0");
        own();
        assertTrue(addresses().contains("10.10.0.1/24 scope global secondary"), this::addresses);
        try (Vips vips = open(BOTH)) {
            assertEquals("", vips.add(true));
            assertEquals(Segment.addresses(BOTH), vips.held());
            assertEquals("", vips.remove());
            assertFalse(addresses().contains("10.10.0.254"), "it is the pair's, whoever put it here");
            assertTrue(addresses().contains("10.10.0.1/24"), this::addresses);
        }
        ip("address", "add", "10.20.0.254/24", "dev", "lan0");
        ip("address", "add", "10.20.0.1/24", "dev", "lan0");
        net.sysctl(netNs, "net/ipv4/conf/lan0/promote_secondaries", "0");
        ip("address", "del", "10.20.0.254/24", "dev", "lan0");
        assertFalse(addresses().contains("10.20.0.1/24"), "the control");
    }

    @Test
    void shouldMendWhatACrashLeftBehind() throws Exception {
        own();
        Vip dropped = new Vip(InetAddress.ofLiteral("10.10.0.253"), 24, "lan0");
        try (Vips crashed = open(List.of(FOUR, SIX, dropped))) {
            assertEquals("", crashed.add(false));
        }
        try (Vips restarted = open(BOTH)) {
            assertEquals("", restarted.add(false));
            assertFalse(addresses().contains("10.10.0.253"), "dropped from the configuration since");
        }
        try (Vips restarted = open(List.of(dropped))) {
            assertTrue(addresses().contains("10.10.0.254"), this::addresses);
            assertEquals("", restarted.remove());
            assertFalse(addresses().contains("254"), this::addresses);
            assertTrue(addresses().contains("10.10.0.1/24"), this::addresses);
            assertTrue(addresses().contains("fd00:10::1/64"), this::addresses);
        }
    }

    @Test
    void shouldNotLendItsLifetimeToTheSubnetsRoute() throws Exception {
        own();
        int ifIndex = NetNs.call(netNs, () -> Posix.ifNameToIndex("lan0"));
        try (Vips vips = open(BOTH);
                RtBatch plain = NetNs.call(netNs, RtBatch::open)) {
            assertEquals("", vips.add(false));
            assertEquals("", vips.refresh(true));
            assertTrue(
                    addresses().contains("fd00:10::254/64 scope global nodad deprecated dynamic noprefixroute"),
                    this::addresses);
            String route = ip("-6", "route", "show", "fd00:10::/64");
            assertTrue(route.contains("dev lan0") && !route.contains("expires"), route);
            assertEquals("", vips.remove());

            RtAddress shared = RtAddress.of(ifIndex, SIX.address(), 64);
            assertEquals(
                    List.of(),
                    plain.replace(shared).replace(shared.withLifetimeS(100)).send());
            String lent = ip("-6", "route", "show", "fd00:10::/64");
            assertTrue(lent.contains("expires"), "the control: " + lent);
        }
    }

    @Test
    void shouldNotBecomeTheSourceOfTheHostsOwnPackets() throws Exception {
        own();
        assertTrue(source("10.10.0.9").contains("src 10.10.0.1 "));
        try (Vips vips = open(BOTH)) {
            assertEquals("", vips.add(true));
            assertTrue(source("10.10.0.9").contains("src 10.10.0.1 "), () -> source("10.10.0.9"));
            assertTrue(source("fd00:10::9").contains("src fd00:10::1 "), () -> source("fd00:10::9"));
            assertEquals("", vips.remove());
            ip("address", "add", "fd00:10::253/64", "dev", "lan0", "nodad");
            assertTrue(source("fd00:10::9").contains("src fd00:10::253 "), "the control: the youngest is taken");
        }
    }

    private String source(String to) {
        return ip("route", "get", to);
    }

    @Test
    void shouldGoByThemselvesWhenArmedAndNobodyRefreshes() throws Exception {
        try (Vips vips = NetNs.call(netNs, () -> Vips.open(BOTH, 2))) {
            assertEquals("", vips.add(true));
            assertTrue(addresses().contains("valid_lft 2sec"), this::addresses);
            assertEquals("", vips.refresh(false));
            assertFalse(addresses().matches("(?s).*valid_lft [0-9]+sec.*"), this::addresses);
            long startNs = System.nanoTime();
            assertEquals("", vips.refresh(true));
            Await.until("a second to pass", Duration.ofSeconds(3), () -> seconds(startNs) >= 1);
            assertEquals(Segment.addresses(BOTH), vips.held());
            assertEquals("", vips.refresh(true));
            long refreshedNs = System.nanoTime();
            Await.until(
                    "both to be gone",
                    Duration.ofSeconds(10),
                    () -> !addresses().contains("254"));
            double afterS = seconds(refreshedNs);
            System.out.printf("a lifetime of 2 s ended %.2f s after its last refresh%n", afterS);
            assertTrue(afterS > 1.5 && afterS < 5, "seconds " + afterS);
            assertFalse(ip("-4", "route").contains("proto 218"), "its subnet's route went along");
            assertEquals(Set.of(), vips.held());
            assertEquals("", vips.refresh(true));
            assertEquals(Segment.addresses(BOTH), vips.held(), "a late refresh puts them back");
            assertEquals("", vips.remove());
            assertEquals("", vips.refresh(true));
            assertEquals(Set.of(), vips.held(), "but not once they are not to be here");
        }
    }

    private static double seconds(long sinceNs) {
        return (System.nanoTime() - sinceNs) / 1e9;
    }

    @Test
    void shouldChooseTheInterfaceBySubnet() throws Exception {
        own();
        Vip nameless = new Vip(FOUR.address(), 24, "");
        Vip nowhere = new Vip(InetAddress.ofLiteral("192.0.2.1"), 24, "");
        try (Vips vips = open(List.of(nameless, nowhere));
                Announcer announcer = NetNs.call(netNs, () -> Announcer.open(List.of(nameless)))) {
            String problem = "192.0.2.1/24: no interface has an address whose subnet contains it; name the interface";
            assertEquals(problem, vips.add(false));
            assertTrue(addresses().contains("10.10.0.254/32"), this::addresses);
            assertEquals("", announcer.announce(0));
            ip("address", "del", "10.10.0.1/24", "dev", "lan0");
            assertEquals("", vips.remove(), "found although its subnet is gone");
            assertFalse(addresses().contains("10.10.0.254"), this::addresses);
        }
    }
}
