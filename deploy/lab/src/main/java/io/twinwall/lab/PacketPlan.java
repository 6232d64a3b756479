/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.SeededRandom;

/**
 * The addresses, ports and sequence numbers of packet flows, all by arithmetic from the flow's number, so that an
 * arriving packet names its flow and a quarter of a million flows need a few bytes each.
 *
 * <pre>
 *   path = number % 4    j = number / 4    host = 1 + j % 200
 *   opener's port = 20000 + j % 40000      service port = 7300 + j / 40000
 *
 *   snat4    10.11.0.host   → 10.21.0.1     seen from the WAN VIP, same port
 *   dnat4    10.21.0.host   → WAN VIP       arrives at 10.11.0.1
 *   routed4  10.11.128.host → 10.21.128.1
 *   routed6  fd00:11::host  → fd00:21::1
 * </pre>
 */
final class PacketPlan {
    /** Where the firewalls send what comes for the WAN VIP's packet ports. */
    static final String DNAT_SERVICE = "10.11.0.1";

    static final int OPENER_PORT_MIN = 20_000;
    static final int OPENER_PORTS = 40_000;
    static final int PATHS = Path.values().length;
    /** More would need more service ports than the rules allow. */
    static final int FLOWS_MAX = (LabPlan.SERVICE_PORT_MAX - LabPlan.PORT_PACKETS + 1) * OPENER_PORTS * PATHS;

    static final long CLIENT_NET_V6 = 0xfd00_0011_0000_0000L;
    static final long SERVER_NET_V6 = 0xfd00_0021_0000_0000L;

    private static final int HOSTS = 200;
    private static final int CLIENT_NAT_NET = v4(10, 11, 0, 0);
    private static final int CLIENT_ROUTED_NET = v4(10, 11, 128, 0);
    private static final int SERVER_NAT_NET = v4(10, 21, 0, 0);
    private static final int SERVER_ROUTED_NET = v4(10, 21, 128, 0);
    private static final int WAN_VIP = v4(10, 20, 0, 254);

    private PacketPlan() {}

    static Path path(int flow) {
        return Path.inTurn(flow);
    }

    static int openerPort(int flow) {
        return OPENER_PORT_MIN + flow / PATHS % OPENER_PORTS;
    }

    static int servicePort(int flow) {
        return LabPlan.PORT_PACKETS + flow / PATHS / OPENER_PORTS;
    }

    /** The flow of a path with these ports. */
    static int flow(int path, int openerPort, int servicePort) {
        return ((servicePort - LabPlan.PORT_PACKETS) * OPENER_PORTS + openerPort - OPENER_PORT_MIN) * PATHS + path;
    }

    static boolean isServicePort(int port) {
        return port >= LabPlan.PORT_PACKETS && port <= LabPlan.SERVICE_PORT_MAX;
    }

    static boolean isOpenerPort(int port) {
        return port >= OPENER_PORT_MIN && port < OPENER_PORT_MIN + OPENER_PORTS;
    }

    /** Number of the IPv4 path of a packet that arrived at {@code here} for {@code localAddress}. */
    static int pathV4(Side here, boolean toResponder, int localAddress) {
        if ((localAddress >>> 8 & 0xff) >= 128) {
            return Path.ROUTED4.number();
        }
        return (here == Side.CLIENT) == toResponder ? Path.DNAT4.number() : Path.SNAT4.number();
    }

    /** The opener's own address. */
    static int openerV4(int flow) {
        return switch (path(flow)) {
            case SNAT4 -> CLIENT_NAT_NET + host(flow);
            case DNAT4 -> SERVER_NAT_NET + host(flow);
            case ROUTED4 -> CLIENT_ROUTED_NET + host(flow);
            case ROUTED6 -> 0;
        };
    }

    /** The opener's address as the responder sees it. */
    static int openerSeenV4(int flow) {
        return path(flow) == Path.SNAT4 ? WAN_VIP : openerV4(flow);
    }

    /** The responder's own address. */
    static int responderV4(int flow) {
        return switch (path(flow)) {
            case SNAT4 -> SERVER_NAT_NET + 1;
            case DNAT4 -> CLIENT_NAT_NET + 1;
            case ROUTED4 -> SERVER_ROUTED_NET + 1;
            case ROUTED6 -> 0;
        };
    }

    /** The responder's address as the opener sees it. */
    static int responderSeenV4(int flow) {
        return path(flow) == Path.DNAT4 ? WAN_VIP : responderV4(flow);
    }

    /** The last 64 bits of an IPv6 opener's address. */
    static long openerHostV6(int flow) {
        return host(flow);
    }

    /** Initial sequence number of the opener. */
    static int openerIss(long seed, int flow) {
        return (int) SeededRandom.mix(seed + 2L * flow);
    }

    /** Initial sequence number of the responder. */
    static int responderIss(long seed, int flow) {
        return (int) SeededRandom.mix(seed + 2L * flow + 1);
    }

    private static int host(int flow) {
        return 1 + flow / PATHS % HOSTS;
    }

    private static int v4(int a, int b, int c, int d) {
        return a << 24 | b << 16 | c << 8 | d;
    }
}
