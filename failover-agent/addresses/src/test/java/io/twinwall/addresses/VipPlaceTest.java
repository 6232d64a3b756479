/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VipPlaceTest {
    private static final RtLink LO = link(1, "lo", RtConst.IFF_LOOPBACK);
    private static final RtLink LAN = link(2, "lan0", 0);
    private static final RtLink DMZ = link(3, "dmz0", 0);
    private static final List<RtLink> LINKS = List.of(LO, LAN, DMZ);

    private static RtLink link(int ifIndex, String name, int flags) {
        return new RtLink(ifIndex, name, flags, true, 6, 1500, "02:00:00:00:00:0" + ifIndex, false);
    }

    private static RtAddress address(int ifIndex, String address, int prefixLength) {
        return RtAddress.of(ifIndex, InetAddress.ofLiteral(address), prefixLength);
    }

    private static Vip vip(String address, int prefixLength, String device) {
        return new Vip(InetAddress.ofLiteral(address), prefixLength, device);
    }

    private static VipPlace place(Vip vip, RtAddress... addresses) {
        return VipPlace.of(List.of(vip), LINKS, List.of(addresses)).getFirst();
    }

    @Test
    void shouldTakeTheInterfaceWhoseSubnetContainsIt() {
        VipPlace place = place(vip("10.10.0.254", 24, ""), address(2, "10.10.0.1", 24), address(3, "10.20.0.1", 24));
        assertEquals(LAN, place.link().orElseThrow());
        assertTrue(place.covered());
        assertEquals("", place.problem());
        assertEquals(
                DMZ,
                place(vip("fd00::fe", 64, ""), address(3, "fd00::1", 64)).link().orElseThrow());
    }

    @Test
    void shouldSayWhyNoInterfaceIsChosen() {
        assertEquals(
                "10.10.0.254/24: no interface has an address whose subnet contains it; name the interface",
                place(vip("10.10.0.254", 24, ""), address(3, "10.20.0.1", 24)).problem());
        assertEquals(
                "10.10.0.254/24: lan0 and dmz0 each have an address whose subnet contains it; name the one",
                place(vip("10.10.0.254", 24, ""), address(2, "10.10.0.1", 24), address(3, "10.10.0.2", 16))
                        .problem());
        assertEquals(
                "10.10.0.254/24 on wan0: no such interface",
                place(vip("10.10.0.254", 24, "wan0")).problem());
    }

    @Test
    void shouldChooseByAddressesOfTheHostOnly() {
        Vip vip = vip("10.10.0.254", 24, "");
        assertFalse(place(vip, address(2, "10.10.0.254", 24)).link().isPresent(), "itself");
        assertFalse(
                place(vip, address(2, "10.10.0.253", 24).withProtocol(Owner.VIPS))
                        .link()
                        .isPresent(),
                "another virtual one");
        assertFalse(place(vip, address(1, "10.10.0.1", 24)).link().isPresent(), "of the loopback");
    }

    @Test
    void shouldKnowWhetherTheHostIsInTheSubnet() {
        Vip vip = vip("10.10.0.254", 24, "lan0");
        assertTrue(place(vip, address(2, "10.10.0.1", 24)).covered());
        assertFalse(place(vip, address(3, "10.10.0.1", 24)).covered(), "on another interface");
        assertFalse(place(vip, address(2, "10.10.0.1", 32)).covered(), "an address without a subnet");
        assertEquals(List.of(), VipPlan.subnetRoutes(List.of(place(vip, address(2, "10.10.0.1", 24)))));
        assertEquals(
                1,
                VipPlan.subnetRoutes(List.of(place(vip), place(vip("10.10.0.253", 24, "lan0"))))
                        .size());
    }

    @Test
    void shouldRemoveWhatIsVirtualAndNothingElse() {
        List<VipPlace> places =
                VipPlace.of(List.of(vip("10.10.0.254", 24, "lan0"), vip("192.0.2.1", 32, "")), LINKS, List.of());
        RtAddress byHand = address(2, "10.10.0.254", 24);
        RtAddress elsewhere = address(3, "10.10.0.254", 24);
        RtAddress left = address(3, "10.30.0.1", 24).withProtocol(Owner.VIPS);
        RtAddress nameless = address(1, "192.0.2.1", 32);
        RtAddress own = address(2, "10.10.0.1", 24);
        assertEquals(
                List.of(byHand, left, nameless),
                VipPlan.surplus(List.of(byHand, elsewhere, left, nameless, own), places, List.of()));
    }

    @Test
    void shouldPromoteOnlyWhereAPrimaryWouldTakeOthersAlong() {
        RtAddress primary = address(2, "10.10.0.254", 24);
        RtAddress second = secondary("10.10.0.1");
        assertEquals(Set.of(2), VipPlan.needingPromotion(List.of(primary), List.of(primary, second)));
        assertEquals(Set.of(), VipPlan.needingPromotion(List.of(second), List.of(primary, second)));
        assertEquals(Set.of(), VipPlan.needingPromotion(List.of(primary, second), List.of(primary, second)));
        RtAddress host = address(2, "10.10.0.254", 32);
        assertEquals(Set.of(), VipPlan.needingPromotion(List.of(host), List.of(host, second)));
    }

    private static RtAddress secondary(String address) {
        return new RtAddress(
                2,
                InetAddress.ofLiteral(address),
                24,
                RtConst.IFA_F_SECONDARY,
                0,
                RtAddress.FOREVER,
                RtAddress.FOREVER,
                0);
    }
}
