/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a virtual address goes on this host. Pure: of the interfaces and addresses there are.
 *
 * @param vip the address
 * @param link its interface, or none
 * @param covered whether the interface has an address of its own whose subnet contains this one: then the subnet's route,
 *     and the source of the host's own packets, are that address' business
 * @param problem why there is no interface, or ""
 */
record VipPlace(Vip vip, Optional<RtLink> link, boolean covered, String problem) {
    static List<VipPlace> of(List<Vip> vips, List<RtLink> links, List<RtAddress> addresses) {
        List<RtAddress> own =
                addresses.stream().filter(address -> isOwn(address, vips)).toList();
        return vips.stream().map(vip -> of(vip, links, own)).toList();
    }

    /** True for an address of the host itself: neither marked as virtual nor one of {@code vips}. */
    static boolean isOwn(RtAddress address, List<Vip> vips) {
        return address.protocol() != Owner.VIPS
                && vips.stream().noneMatch(vip -> vip.address().equals(address.address()));
    }

    private static VipPlace of(Vip vip, List<RtLink> links, List<RtAddress> own) {
        List<RtAddress> around = own.stream()
                .filter(address -> address.prefix().contains(vip.address()))
                .toList();
        List<RtLink> candidates = new ArrayList<>();
        for (RtLink link : links) {
            boolean fits = vip.named()
                    ? link.name().equals(vip.interfaceName())
                    : (link.flags() & RtConst.IFF_LOOPBACK) == 0
                            && around.stream().anyMatch(address -> address.ifIndex() == link.ifIndex());
            if (fits) {
                candidates.add(link);
            }
        }
        if (candidates.size() != 1) {
            return new VipPlace(vip, Optional.empty(), false, problem(vip, candidates));
        }
        RtLink link = candidates.getFirst();
        boolean covered = around.stream().anyMatch(address -> address.ifIndex() == link.ifIndex());
        return new VipPlace(vip, Optional.of(link), covered, "");
    }

    private static String problem(Vip vip, List<RtLink> candidates) {
        if (vip.named()) {
            return vip + ": no such interface";
        }
        if (candidates.isEmpty()) {
            return vip + ": no interface has an address whose subnet contains it; name the interface";
        }
        List<String> names = candidates.stream().map(RtLink::name).toList();
        return vip + ": " + String.join(" and ", names)
                + " each have an address whose subnet contains it; name the one";
    }
}
