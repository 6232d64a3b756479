/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;

/** The namespaces' wires. */
final class Wiring {
    private static final String SYNC = "sync0";
    private static final String LAN = "lan0";
    private static final String WAN = "wan0";

    private static final String RULES = """
            table inet perf {
              chain early {
                type filter hook prerouting priority raw
                iifname != "lan0" notrack
              }
              chain own {
                type filter hook output priority raw
                notrack
              }
              chain forward {
                type filter hook forward priority filter
                ct state new counter
              }
            }
            """;

    private Wiring() {}

    /** The wire between the two firewalls: {@code 10.99.0.1} and {@code .2}. Events are on, whoever listens. */
    static void syncLink(TestNet net, String active, String passive) {
        net.veth(active, SYNC, passive, SYNC);
        net.address(active, SYNC, "10.99.0.1/24");
        net.address(passive, SYNC, "10.99.0.2/24");
        net.sysctl(active, "net/netfilter/nf_conntrack_events", "1");
        net.sysctl(passive, "net/netfilter/nf_conntrack_events", "1");
    }

    /**
     * A client's wire to {@code firewall}, which tracks what it forwards and sends all of {@code 198.18.0.0/15} on to
     * {@code sink}, which does not answer.
     */
    static void forwarding(TestNet net, String client, String firewall, String sink) {
        net.veth(client, LAN, firewall, LAN);
        net.address(client, LAN, "10.1.0.2/24");
        net.address(firewall, LAN, "10.1.0.1/24");
        net.route(client, "198.18.0.0/15", "10.1.0.1");
        net.veth(firewall, WAN, sink, WAN);
        net.address(firewall, WAN, "10.2.0.1/24");
        net.address(sink, WAN, "10.2.0.2/24");
        net.route(firewall, "198.18.0.0/15", "10.2.0.2");
        net.sysctl(firewall, "net/ipv4/ip_forward", "1");
        // A rule that asks for the state makes the kernel track; the firewall's own talk stays out of the count.
        Cmd.inWithInput(firewall, RULES, "nft", "-f", "-");
        net.sysctl(firewall, "net/netfilter/nf_conntrack_udp_timeout", "600");
    }
}
