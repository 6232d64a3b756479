/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import io.twinwall.netlink.RtPrefix;
import io.twinwall.netlink.RtRoute;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What has to change in the kernel so that the virtual addresses are on this host, or are not. Pure.
 *
 * <p>IPv4: each goes on with a prefix length of 32. With its subnet's, the kernel would make it secondary to the host's own
 * address there, or that one to it if it came later, and delete all secondaries with their primary. An address of 32 bits
 * is nobody's primary and nobody's secondary. The route to its subnet is the host's own address' business; where there is none,
 * it is added with the virtual address as its source, and the kernel removes it together with that address.
 *
 * <p>IPv6: each goes on with its subnet's prefix length. Where the host has an address of its own in the subnet, the route
 * to it is left to that (else the route would end with the lifetime of the virtual one), and the virtual one is
 * deprecated, so that it does not become the source of the host's own connections, which would die when it moves.
 */
final class VipPlan {
    private VipPlan() {}

    /** The addresses to be there, those of {@code places} that have an interface. */
    static List<RtAddress> wanted(List<VipPlace> places, long lifetimeS) {
        List<RtAddress> wanted = new ArrayList<>();
        for (VipPlace place : places) {
            place.link().ifPresent(link -> wanted.add(address(place, link, lifetimeS)));
        }
        return wanted;
    }

    private static RtAddress address(VipPlace place, RtLink link, long lifetimeS) {
        Vip vip = place.vip();
        RtAddress address = RtAddress.of(link.ifIndex(), vip.address(), vip.ipv4() ? 32 : vip.prefixLength())
                .withProtocol(Owner.VIPS)
                .withLifetimeS(lifetimeS);
        return vip.ipv4() || !place.covered()
                ? address
                : address.withoutPrefixRoute().deprecated();
    }

    /** The routes to subnets that the host knows by virtual addresses only. */
    static List<RtRoute> subnetRoutes(List<VipPlace> places) {
        Map<String, RtRoute> routes = new LinkedHashMap<>();
        for (VipPlace place : places) {
            Vip vip = place.vip();
            if (vip.ipv4()
                    && vip.prefixLength() < 32
                    && !place.covered()
                    && place.link().isPresent()) {
                RtRoute route = subnetRoute(vip, place.link().get());
                routes.putIfAbsent(route.destination() + " " + route.ifIndex(), route);
            }
        }
        return List.copyOf(routes.values());
    }

    private static RtRoute subnetRoute(Vip vip, RtLink link) {
        RtPrefix subnet = vip.prefix().network();
        Optional<InetAddress> source = Optional.of(vip.address());
        return new RtRoute(subnet, Optional.empty(), link.ifIndex(), RtConst.RT_TABLE_MAIN, 0, source, Owner.VIPS);
    }

    /**
     * Those of {@code present} that must not be there when only {@code wanted} are to be: all that carry the mark, and those
     * of {@code places} under any prefix length, whoever put them there, since two hosts with one address serve nobody.
     */
    static List<RtAddress> surplus(List<RtAddress> present, List<VipPlace> places, List<RtAddress> wanted) {
        return present.stream()
                .filter(address -> isVirtual(address, places))
                .filter(address -> wanted.stream().noneMatch(address::sameKey))
                .toList();
    }

    private static boolean isVirtual(RtAddress address, List<VipPlace> places) {
        return address.protocol() == Owner.VIPS || places.stream().anyMatch(place -> isAt(address, place));
    }

    /** Without a name and without a subnet to choose by, it is wherever it is found. */
    private static boolean isAt(RtAddress address, VipPlace place) {
        boolean there = place.link()
                .map(link -> link.ifIndex() == address.ifIndex())
                .orElse(!place.vip().named());
        return there && place.vip().address().equals(address.address());
    }

    /** The interfaces where removing {@code surplus} would take other addresses along, unless secondaries are promoted. */
    static Set<Integer> needingPromotion(List<RtAddress> surplus, List<RtAddress> present) {
        Set<Integer> interfaces = new LinkedHashSet<>();
        Set<RtAddress> going = new HashSet<>(surplus);
        for (RtAddress address : surplus) {
            boolean primary = (address.flags() & RtConst.IFA_F_SECONDARY) == 0;
            if (address.prefix().ipv4()
                    && primary
                    && present.stream()
                            .anyMatch(other -> !going.contains(other)
                                    && other.ifIndex() == address.ifIndex()
                                    && (other.flags() & RtConst.IFA_F_SECONDARY) != 0
                                    && other.prefixLength() == address.prefixLength()
                                    && address.prefix().contains(other.address()))) {
                interfaces.add(address.ifIndex());
            }
        }
        return interfaces;
    }
}
