/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;

/** Links, addresses and routes of each part of a lab, as scripts for {@code ip -batch}. */
final class LabLinks {
    /** All parts. */
    static final List<String> PARTS = List.of("lan", "wan", "client", "server", "fw-a", "fw-b");

    /** The switches first, since the others plug into them, and fw-b before fw-a, which makes the sync link. */
    static final List<String> BUILD_ORDER = List.of("lan", "wan", "client", "server", "fw-b", "fw-a");

    private LabLinks() {}

    /** What makes the links of {@code part}; to be run in {@link #BUILD_ORDER}. */
    static String make(String part, Lab lab) {
        return switch (part) {
            case "lan", "wan" -> switchBox();
            case "client" -> client(lab);
            case "server" -> server(lab);
            case "fw-b" -> firewall(FirewallNode.FW_B, lab);
            case "fw-a" ->
                "link add sync0 type veth peer name sync0 netns " + lab.namespace(FirewallNode.FW_B) + "\n"
                        + firewall(FirewallNode.FW_A, lab);
            default -> throw new IllegalArgumentException(part);
        };
    }

    /** What is left to do in {@code part} when all links are made: ports into switches, addresses on the sync link. */
    static String join(String part) {
        return switch (part) {
            case "lan" -> ports("client");
            case "wan" -> ports("server");
            case "fw-a" -> sync(FirewallNode.FW_A);
            case "fw-b" -> sync(FirewallNode.FW_B);
            default -> "";
        };
    }

    private static String ports(String host) {
        StringBuilder script = new StringBuilder();
        for (String port : List.of(host, "fw-a", "fw-b")) {
            script.append("link set ").append(port).append(" master br0 up\n");
        }
        return script.toString();
    }

    private static String sync(FirewallNode node) {
        return """
                address add %s/30 dev sync0
                address add %s/64 dev sync0 nodad
                link set sync0 up
                """.formatted(LabPlan.Link.SYNC.address(node), LabPlan.Link.SYNC_V6.address(node));
    }

    /** No spanning tree, hence no forwarding delay; no snooping, which loses neighbour discovery without a querier. */
    private static String switchBox() {
        return """
                link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
                link set br0 up
                link set lo up
                """;
    }

    private static String plug(String device, String switchPart, String port, Lab lab) {
        return "link add %s type veth peer name %s netns %s\n".formatted(device, port, lab.namespace(switchPart));
    }

    private static String client(Lab lab) {
        return plug("eth0", "lan", "client", lab)
                + """
                link set lo up
                link set eth0 up
                address add %s/24 dev eth0
                address add %s/32 dev eth0
                address add %s/64 dev eth0 nodad
                route add default via %s
                route add default via %s
                """.formatted(
                                LabPlan.CLIENT_V4,
                                LabPlan.CLIENT_ROUTED_V4,
                                LabPlan.CLIENT_V6,
                                LabPlan.LAN_VIP_V4,
                                LabPlan.LAN_VIP_V6);
    }

    private static String server(Lab lab) {
        return plug("eth0", "wan", "server", lab)
                + """
                link set lo up
                link set eth0 up
                address add %s/24 dev eth0
                address add %s/64 dev eth0 nodad
                route add default via %s
                route add default via %s
                """.formatted(LabPlan.SERVER_V4, LabPlan.SERVER_V6, LabPlan.WAN_VIP_V4, LabPlan.WAN_VIP_V6);
    }

    private static String firewall(FirewallNode node, Lab lab) {
        return plug("lan0", "lan", node.nodeName(), lab)
                + plug("wan0", "wan", node.nodeName(), lab)
                + """
                link set lo up
                link set lan0 up
                link set wan0 up
                address add 10.10.0.%1$d/24 dev lan0
                address add fd00:10::%1$d/64 dev lan0 nodad
                address add 10.20.0.%1$d/24 dev wan0
                address add fd00:20::%1$d/64 dev wan0 nodad
                route add %2$s dev lan0
                route add %3$s via %4$s
                route add %5$s via %6$s
                route add %7$s via %8$s
                route add %9$s via %10$s
                """.formatted(
                                node.id(),
                                LabPlan.LAN_ROUTED_NET_V4,
                                LabPlan.LAN_PACKET_NET_V4,
                                LabPlan.CLIENT_V4,
                                LabPlan.LAN_PACKET_NET_V6,
                                LabPlan.CLIENT_V6,
                                LabPlan.WAN_PACKET_NET_V4,
                                LabPlan.SERVER_V4,
                                LabPlan.WAN_PACKET_NET_V6,
                                LabPlan.SERVER_V6);
    }
}
