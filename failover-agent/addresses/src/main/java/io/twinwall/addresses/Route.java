/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtPrefix;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route that follows the role.
 *
 * @param destination of length 0 for the default route
 * @param via the next hop, or none when the destination is on the link
 * @param device the interface, or "" when the next hop tells
 * @param table its routing table; {@link #MAIN} as a rule
 * @param metric less is better; 0 leaves it to the kernel
 * @param source what the host's own packets by this route are sent from, or none: a virtual address, say
 */
public record Route(
        RtPrefix destination,
        Optional<InetAddress> via,
        String device,
        int table,
        int metric,
        Optional<InetAddress> source) {
    public static final int MAIN = RtConst.RT_TABLE_MAIN;

    /** What no kernel would take, in words, or "". */
    public String problem() {
        int bytes = destination.address().getAddress().length;
        if (!destination.equals(destination.network())) {
            return "bits behind the prefix of the destination: " + destination.network() + " is meant?";
        }
        if (via.isPresent() && via.get().getAddress().length != bytes) {
            return "next hop and destination are of different families";
        }
        if (source.isPresent() && source.get().getAddress().length != bytes) {
            return "source and destination are of different families";
        }
        if (via.isEmpty() && device.isEmpty()) {
            return "neither a next hop nor an interface";
        }
        if (via.isPresent() && via.get().isLinkLocalAddress() && device.isEmpty()) {
            return "a link-local next hop needs an interface";
        }
        return table < 1 ? "table " + table + " is less than 1" : metric < 0 ? "metric " + metric + " is below 0" : "";
    }

    /** As {@code ip route} would say it. */
    @Override
    public String toString() {
        return "route " + destination
                + via.map(hop -> " via " + hop.getHostAddress()).orElse("")
                + (device.isEmpty() ? "" : " dev " + device) + (table == MAIN ? "" : " table " + table)
                + (metric == 0 ? "" : " metric " + metric)
                + source.map(from -> " src " + from.getHostAddress()).orElse("");
    }
}
