/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.List;
import java.util.Locale;

/**
 * The addresses and ports of every lab. They may be the same in all labs, since each lab has namespaces of its own.
 *
 * <pre>
 *              LAN 10.10.0.0/24, fd00:10::/64      WAN 10.20.0.0/24, fd00:20::/64
 *   client .10 ──┐                  ┌── fw-a .1 ──┐                ┌── .10 server
 *                ├── switch lan ────┤     │ sync0 ├── switch wan ──┤
 *   VIP .254 ────┘                  └── fw-b .2 ──┘                └── VIP .254
 *
 *   sync link  10.99.0.1/30, fd00:99::1 (fw-a) — 10.99.0.2/30, fd00:99::2 (fw-b)
 *   behind the client, routed, no NAT:   10.10.1.0/24    (its second address 10.10.1.10)
 *   behind the client, nobody's kernel:  10.11.0.0/17 (SNAT), 10.11.128.0/17 (routed), fd00:11::/64
 *   behind the server, nobody's kernel:  10.21.0.0/16, fd00:21::/64
 * </pre>
 *
 * "Nobody's kernel" are the addresses of the packet flows: routed to the client's and the server's namespace, where no
 * kernel owns them, so none answers their segments with a reset.
 */
public final class LabPlan {
    public static final String CLIENT_V4 = "10.10.0.10";
    static final String CLIENT_ROUTED_V4 = "10.10.1.10";
    static final String CLIENT_V6 = "fd00:10::10";
    public static final String SERVER_V4 = "10.20.0.10";
    static final String SERVER_V6 = "fd00:20::10";
    public static final String LAN_VIP_V4 = "10.10.0.254";
    static final String LAN_VIP_V6 = "fd00:10::254";
    public static final String WAN_VIP_V4 = "10.20.0.254";
    static final String WAN_VIP_V6 = "fd00:20::254";

    static final String LAN_ROUTED_NET_V4 = "10.10.1.0/24";
    static final String LAN_PACKET_NET_V4 = "10.11.0.0/16";
    static final String LAN_PACKET_NET_V6 = "fd00:11::/64";
    static final String WAN_PACKET_NET_V4 = "10.21.0.0/16";
    static final String WAN_PACKET_NET_V6 = "fd00:21::/64";

    /** Ends of the flows that ask whether a gate is open; routed, and nobody's. */
    static final String GATE_CLIENT_V4 = "10.11.200.1";

    static final String GATE_SERVER_V4 = "10.21.200.1";

    /** Who asks for the VIPs; nobody's. */
    static final String LAN_ASKER_V4 = "10.10.0.99";

    static final String LAN_ASKER_V6 = "fd00:10::99";
    static final String WAN_ASKER_V4 = "10.20.0.99";
    static final String WAN_ASKER_V6 = "fd00:20::99";

    /** Sources that leave with the WAN VIP as their address. */
    static final String SNAT_SOURCES = "10.10.0.0/24, 10.11.0.0/17";

    /** Ports that may be opened from the LAN, and on the WAN VIP from the WAN; below every ephemeral port. */
    static final int SERVICE_PORT_MIN = 7000;

    static final int SERVICE_PORT_MAX = 7399;

    /** Services of kernel sockets; the path's ordinal is added. */
    static final int PORT_FLOWS = 7000;

    static final int PORT_PROBES = 7100;
    static final int PORT_STREAMS = 7200;

    /** Services of packet flows, {@value} to {@link #SERVICE_PORT_MAX}. */
    public static final int PORT_PACKETS = 7300;

    static final int HEARTBEAT_PORT = 47900;
    public static final int SYNC_PORT = 47901;

    /** Where each agent tells its metrics; the rules of a lab let nobody in. */
    public static final int METRICS_PORT = 9470;

    /** Where heartbeats go. */
    static final List<Link> HEARTBEAT_LINKS = List.of(Link.SYNC, Link.LAN, Link.WAN);

    private LabPlan() {}

    /** One virtual address of the pair. */
    public record Vip(String address, String device) {}

    /** The virtual addresses, with prefix length and device, as the configuration file names them. */
    public static List<Vip> vips() {
        return List.of(
                new Vip(LAN_VIP_V4 + "/24", "lan0"),
                new Vip(LAN_VIP_V6 + "/64", "lan0"),
                new Vip(WAN_VIP_V4 + "/24", "wan0"),
                new Vip(WAN_VIP_V6 + "/64", "wan0"));
    }

    /** A link on which both firewalls have an address of their own. */
    public enum Link {
        SYNC("10.99.0."),
        LAN("10.10.0."),
        WAN("10.20.0."),
        SYNC_V6("fd00:99::");

        private final String net;

        Link(String net) {
            this.net = net;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public String device() {
            return word() + "0";
        }

        public String address(FirewallNode node) {
            return net + node.id();
        }

        /** As the configuration file writes an address and a port. */
        String end(FirewallNode node, int port) {
            String address = address(node);
            return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
        }
    }
}
