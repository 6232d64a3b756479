/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Interfaces and addresses of a host at one moment, and where on them the plan's addresses belong. */
record Network(List<RtLink> links, List<RtAddress> addresses) {
    static Network of(Host host) throws Unanswered {
        return new Network(host.links(), host.addresses());
    }

    Optional<RtLink> link(String name) {
        return links.stream().filter(link -> link.name().equals(name)).findFirst();
    }

    Optional<RtLink> link(int ifIndex) {
        return links.stream().filter(link -> link.ifIndex() == ifIndex).findFirst();
    }

    /** The interface that has {@code address}. */
    Optional<RtLink> owner(InetAddress address) {
        return addresses.stream()
                .filter(one -> one.address().equals(address))
                .findFirst()
                .flatMap(one -> link(one.ifIndex()));
    }

    /** The interface that a way between the nodes goes by: the one it names, or the one that has its address. */
    Optional<RtLink> way(Plan.Link way) {
        return way.interfaceName().isEmpty() ? owner(way.local().getAddress()) : link(way.interfaceName());
    }

    /** Addresses of the host itself: neither marked as virtual nor one of the plan's. */
    List<RtAddress> own(Plan plan) {
        return addresses.stream()
                .filter(one -> one.protocol() != plan.vipMark())
                .filter(one ->
                        plan.vips().stream().noneMatch(vip -> vip.address().equals(one.address())))
                .toList();
    }

    /** The interfaces that {@code vip} may go to: the one it names, or those that have an address in the same net. */
    List<RtLink> places(Plan plan, Plan.Vip vip) {
        if (!vip.interfaceName().isEmpty()) {
            return link(vip.interfaceName()).stream().toList();
        }
        return links.stream()
                .filter(link -> (link.flags() & RtConst.IFF_LOOPBACK) == 0)
                .filter(link -> own(plan).stream()
                        .anyMatch(one ->
                                one.ifIndex() == link.ifIndex() && one.prefix().contains(vip.address())))
                .toList();
    }

    /** The interfaces of the virtual addresses of one family, as far as they are known. */
    List<String> vipInterfaces(Plan plan, boolean ipv4) {
        return plan.vips().stream()
                .filter(vip -> vip.ipv4() == ipv4)
                .flatMap(vip -> places(plan, vip).stream())
                .map(RtLink::name)
                .distinct()
                .toList();
    }
}
