/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.RtPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * A virtual address: it belongs to the pair and is on the active's interface only.
 *
 * @param address IPv4 or IPv6, no scope
 * @param prefixLength of its subnet
 * @param interfaceName the interface it is to be on; "" for the one that holds an address whose subnet contains it
 */
public record Vip(InetAddress address, int prefixLength, String interfaceName) {
    boolean ipv4() {
        return address instanceof Inet4Address;
    }

    boolean named() {
        return !interfaceName.isEmpty();
    }

    RtPrefix prefix() {
        return new RtPrefix(address, prefixLength);
    }

    /** As in the configuration file: {@code 192.0.2.1/24 on lan0}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength + (named() ? " on " + interfaceName : "");
    }
}
