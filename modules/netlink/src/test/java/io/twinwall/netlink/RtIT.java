/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
    private RtBatch batch;
    private RtLinks links;
    private int ifIndex;

    @BeforeEach
    void open(TestNet testNet) throws Exception {
        net = testNet;
        netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        addresses = NetNs.call(netNs, RtAddresses::open);
        batch = NetNs.call(netNs, RtBatch::open);
        links = NetNs.call(netNs, RtLinks::open);
        ifIndex = links.find("lan0").orElseThrow().ifIndex();
    }

    @AfterEach
    void close() {
        addresses.close();
        batch.close();
        links.close();
    }

    @Test
    void shouldAddReplaceAndDeleteIpv4() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        assertEquals(List.of(), batch.add(vip).send());
        assertTrue(shown().contains("inet 10.10.0.254/24 scope global lan0"), this::shown);
        assertEquals(List.of(), batch.replace(vip.withLifetimeS(30)).send());
        RtAddress found = find(vip);
        assertTrue(found.validS() <= 30 && found.validS() >= 28, found::toString);
        assertEquals(found.preferredS(), found.validS());
        assertEquals(0, found.flags() & IFA_F_PERMANENT);
        assertEquals(List.of(), batch.delete(vip).send());
        assertFalse(shown().contains("10.10.0.254"), this::shown);
    }

    @Test
    void shouldAddIpv6WithoutDuplicateAddressDetection() throws Exception {
        net.sysctl(netNs, "net/ipv6/conf/lan0/accept_dad", "1");
        RtAddress vip = address("2001:db8::fe", 64);
        assertEquals(List.of(), batch.add(vip).send());
        assertFalse(find(vip).tentative());
        assertNotEquals(0, find(vip).flags() & IFA_F_NODAD);
        assertEquals(RtAddress.FOREVER, find(vip).validS());
        assertEquals(List.of(), batch.delete(vip).send());
        assertEquals(List.of(), batch.deleteIfPresent(vip).send());
    }

    @Test
    void shouldLeaveThePrefixRouteToOthers() throws Exception {
        assertEquals(
                List.of(),
                batch.add(address("10.10.0.254", 24).withoutPrefixRoute()).send());
        assertEquals(
                List.of(),
                batch.add(address("2001:db8::fe", 64).withoutPrefixRoute()).send());
        assertFalse(Cmd.in(netNs, "ip", "-4", "route").contains("10.10.0.0/24"));
        assertFalse(Cmd.in(netNs, "ip", "-6", "route").contains("2001:db8::/64"));
        assertEquals(List.of(), batch.add(address("10.11.0.254", 24)).send());
        assertTrue(Cmd.in(netNs, "ip", "-4", "route").contains("10.11.0.0/24"));
    }

    @Test
    void shouldLoseAnAddressWhoseLifetimeEnds() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        assertEquals(List.of(), batch.add(vip.withLifetimeS(1)).send());
        assertTrue(shown().contains("10.10.0.254"));
        Await.until("the kernel removes it", Duration.ofSeconds(5), () -> !shown().contains("10.10.0.254"));
    }

    @Test
    void shouldKeepOperationKeyAndErrnoOfARefusal() throws Exception {
        RtAddress vip = address("10.10.0.254", 24);
        assertEquals(List.of(), batch.add(vip).send());
        NlException twice = batch.add(vip).send().getFirst();
        assertEquals(Errno.EEXIST, twice.errno());
        assertTrue(
                twice.getMessage().startsWith("add address 10.10.0.254/24 on interface " + ifIndex), twice::getMessage);
        assertTrue(twice.getMessage().contains("EEXIST"), twice::getMessage);
        assertFalse(twice.text().isEmpty(), "the kernel's own words");
        RtAddress nowhere = RtAddress.of(9999, vip.address(), 24);
        assertEquals(Errno.ENODEV, batch.add(nowhere).send().getFirst().errno());
        assertEquals(List.of(), batch.deleteIfPresent(nowhere).send());
    }

    @Test
    void shouldWorkOffABatchBehindARefusal() throws Exception {
        RtAddress nowhere = RtAddress.of(9999, InetAddress.ofLiteral("10.10.0.1"), 24);
        for (int i = 0; i < 300; i++) {
            batch.replace(i % 100 == 50 ? nowhere : address("10.11." + i / 200 + "." + (1 + i % 200), 32));
        }
        List<NlException> refused = batch.send();
        assertEquals(3, refused.size(), refused::toString);
        for (NlException refusal : refused) {
            assertEquals(Errno.ENODEV, refusal.errno());
            assertEquals(nowhere.key(), refusal.key());
        }
        assertEquals(
                297,
                addresses.list(ifIndex).stream()
                        .filter(a -> a.prefixLength() == 32)
                        .count());
        assertEquals(List.of(), batch.send(), "nothing is left of the last batch");
    }

    @Test
    void shouldMarkAnAddressWithItsOwner() throws Exception {
        assertEquals(
                List.of(),
                batch.replace(address("10.10.0.254", 32).withProtocol(217))
                        .replace(address("2001:db8::fe", 64).withProtocol(217))
                        .replace(address("10.10.0.1", 24))
                        .send());
        assertEquals(217, find(address("10.10.0.254", 32)).protocol());
        assertEquals(217, find(address("2001:db8::fe", 64)).protocol());
        assertEquals(0, find(address("10.10.0.1", 24)).protocol());
    }

    @Test
    void shouldLetSecondariesOutliveTheirPrimaryOnlyWhenTold() throws Exception {
        net.sysctl(netNs, "net/ipv4/conf/all/promote_secondaries", "0");
        net.sysctl(netNs, "net/ipv4/conf/lan0/promote_secondaries", "0");
        RtAddress first = address("10.10.0.1", 24);
        RtAddress second = address("10.10.0.2", 24);
        assertEquals(List.of(), batch.add(first).add(second).delete(first).send());
        assertFalse(shown().contains("10.10.0.2"), "the control: a secondary goes with its primary");
        assertEquals(
                List.of(),
                batch.add(first)
                        .add(second)
                        .promoteSecondaries(ifIndex)
                        .delete(first)
                        .send());
        assertTrue(shown().contains("10.10.0.2"), this::shown);
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
