/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.RtLink;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A virtual address: it belongs to the pair and is on the active's interface only.
 *
 * @param address IPv4 or IPv6, no scope
 * @param prefixLength of its subnet
 * @param interfaceName the interface it is to be on
 */
public record Vip(InetAddress address, int prefixLength, String interfaceName) {
    boolean ipv4() {
        return address instanceof Inet4Address;
    }

    /** The interface this address is to be on, among those there are. */
    Optional<RtLink> on(List<RtLink> interfaces) {
        return interfaces.stream()
                .filter(link -> link.name().equals(interfaceName))
                .findFirst();
    }

    /** As in the configuration file: {@code 192.0.2.1/24 on lan0}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength + " on " + interfaceName;
    }
}
