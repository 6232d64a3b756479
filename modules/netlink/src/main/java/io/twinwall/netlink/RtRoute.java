/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.RtConst.RT_SCOPE_LINK;
import static io.twinwall.netlink.RtConst.RT_SCOPE_UNIVERSE;

import java.net.InetAddress;
import java.util.Optional;

/**
 * A unicast route.
 *
 * @param destination of length 0 for the default route
 * @param via the next hop, of the same family; none when the destination is on the link
 * @param ifIndex the interface, or 0 when the next hop tells
 * @param table its routing table, {@code RT_TABLE_MAIN} as a rule
 * @param metric less is better; 0 leaves it to the kernel (IPv4: 0, IPv6: 1024)
 * @param source what the host's own packets are sent from, or none
 * @param protocol who put it there ({@code rtm_protocol})
 */
public record RtRoute(
        RtPrefix destination,
        Optional<InetAddress> via,
        int ifIndex,
        int table,
        int metric,
        Optional<InetAddress> source,
        int protocol) {
    /** What the kernel's {@code rtm_scope} is to be: how far away the destination is. */
    int scope() {
        return via.isPresent() || !destination.ipv4() ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
    }

    /** What an error message names. */
    public String key() {
        return destination + via.map(hop -> " via " + hop.getHostAddress()).orElse("")
                + (ifIndex == 0 ? "" : " on interface " + ifIndex) + " in table " + table
                + (metric == 0 ? "" : " with metric " + metric);
    }
}
