/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class RtIT {
    private TestNet net;
    private String netNs;
    private RtAddresses addresses;
    private RtLinks links;
    private int ifIndex;

    @BeforeEach
    void open(TestNet testNet) throws Exception {
        net = testNet;
        netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        addresses = NetNs.call(netNs, RtAddresses::open);
        links = NetNs.call(netNs, RtLinks::open);
        ifIndex = links.find("lan0").orElseThrow().ifIndex();
    }

    @AfterEach
    void close() {
        addresses.close();
        links.close();
    }

    @Test
    void shouldAddReplaceAndDeleteIpv4() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        addresses.add(vip);
        assertTrue(shown().contains("inet 10.10.0.254/24 scope global lan0"), this::shown);
        addresses.replace(vip.withLifetimeS(30));
        RtAddress found = find(vip);
        assertTrue(found.validS() <= 30 && found.validS() >= 28, found::toString);
        assertEquals(found.preferredS(), found.validS());
        assertEquals(0, found.flags() & IFA_F_PERMANENT);
        addresses.delete(vip);
        assertFalse(shown().contains("10.10.0.254"), this::shown);
    }

    @Test
    void shouldAddIpv6WithoutDuplicateAddressDetection() throws Exception {
        net.sysctl(netNs, "net/ipv6/conf/lan0/accept_dad", "1");
        RtAddress vip = address("2001:db8::fe", 64);
        addresses.add(vip);
        assertFalse(find(vip).tentative());
        assertNotEquals(0, find(vip).flags() & IFA_F_NODAD);
        assertEquals(RtAddress.FOREVER, find(vip).validS());
        addresses.delete(vip);
        assertFalse(addresses.deleteIfPresent(vip));
    }

    @Test
    void shouldLeaveThePrefixRouteToOthers() throws Exception {
        addresses.add(address("10.10.0.254", 24).withoutPrefixRoute());
        addresses.add(address("2001:db8::fe", 64).withoutPrefixRoute());
        assertFalse(Cmd.in(netNs, "ip", "-4", "route").contains("10.10.0.0/24"));
        assertFalse(Cmd.in(netNs, "ip", "-6", "route").contains("2001:db8::/64"));
        addresses.add(address("10.11.0.254", 24));
        assertTrue(Cmd.in(netNs, "ip", "-4", "route").contains("10.11.0.0/24"));
    }

    @Test
    void shouldLoseAnAddressWhoseLifetimeEnds() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        addresses.add(vip.withLifetimeS(1));
        assertTrue(shown().contains("10.10.0.254"));
        Await.until("the kernel removes it", Duration.ofSeconds(5), () -> !shown().contains("10.10.0.254"));
    }

    @Test
    void shouldKeepOperationKeyAndErrnoOfARefusal() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        addresses.add(vip);
        NlException twice = assertThrows(NlException.class, () -> addresses.add(vip));
        assertEquals(Errno.EEXIST, twice.errno());
        assertTrue(
                twice.getMessage().startsWith("add address 10.10.0.254/24 on interface " + ifIndex), twice::getMessage);
        assertTrue(twice.getMessage().contains("EEXIST"), twice::getMessage);
        assertFalse(twice.text().isEmpty(), "the kernel's own words");
        RtAddress nowhere = RtAddress.of(9999, vip.address(), 24);
        assertEquals(
                Errno.ENODEV,
                assertThrows(NlException.class, () -> addresses.add(nowhere)).errno());
        assertFalse(addresses.deleteIfPresent(nowhere));
    }

    @Test
    void shouldListLinks() throws Exception {
        RtLink lan = links.find("lan0").orElseThrow();
        assertTrue(lan.usable());
        assertEquals(1500, lan.mtu());
        String sys = Cmd.in(netNs, "ip", "-o", "link", "show", "lan0");
        assertTrue(sys.contains(lan.hardwareAddress()), sys);
        assertEquals(6, lan.hardwareAddressBytes().length);
        assertTrue(links.find("lo").isPresent());
        assertTrue(links.find("absent0").isEmpty());
    }

    @Test
    void shouldHearOfCarrierLossAndRemoval() {
        List<RtLink> seen = new ArrayList<>();
        links.poll(seen::add);
        seen.clear();
        net.down(netNs, "peer0");
        Await.until("lan0 without carrier", Duration.ofSeconds(2), () -> {
            assertTrue(links.poll(seen::add) >= 0);
            return seen.stream().anyMatch(l -> l.ifIndex() == ifIndex && !l.usable());
        });
        Cmd.in(netNs, "ip", "link", "delete", "lan0");
        Await.until("lan0 gone", Duration.ofSeconds(2), () -> {
            assertTrue(links.poll(seen::add) >= 0);
            return seen.stream().anyMatch(l -> l.ifIndex() == ifIndex && l.gone());
        });
    }

    @Test
    void shouldNotTakeALinkThatLeavesABridgeForGone() {
        net.bridge(netNs, "br0");
        net.enslave(netNs, "lan0", "br0");
        List<RtLink> seen = new ArrayList<>();
        Cmd.in(netNs, "ip", "link", "set", "lan0", "nomaster");
        Cmd.in(netNs, "ip", "link", "set", "lan0", "mtu", "1400");
        Await.until("the later change", Duration.ofSeconds(2), () -> {
            assertTrue(links.poll(seen::add) >= 0);
            return seen.stream().anyMatch(l -> l.ifIndex() == ifIndex && l.mtu() == 1400);
        });
        assertTrue(seen.stream().noneMatch(RtLink::gone), seen::toString);
    }

    private RtAddress address(String address, int prefixLength) {
        return RtAddress.of(ifIndex, InetAddress.ofLiteral(address), prefixLength);
    }

    private RtAddress find(RtAddress wanted) throws NlException {
        return addresses.list(ifIndex).stream()
                .filter(wanted::sameKey)
                .findFirst()
                .orElseThrow();
    }

    private String shown() {
        return Cmd.in(netNs, "ip", "-o", "address", "show", "dev", "lan0").replaceAll(" +", " ");
    }
}
