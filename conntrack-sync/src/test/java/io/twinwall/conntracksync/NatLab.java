/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Client, two firewalls and a server. The bridges are in the client's and the server's namespaces; the gateway's
 * addresses are moved by hand.
 *
 * <pre>
 *            10.1.0.1/24, fd01::1/64      192.0.2.1/24, .11, fd02::1/64, ::11
 *   client br0 ──┬── lan0 [ firewall a ] wan0 ──┬── br0 server
 *    10.1.0.2    └── lan0 [ firewall b ] wan0 ──┘   192.0.2.2, fd02::2
 * </pre>
 */
final class NatLab implements AutoCloseable {
    static final String CLIENT = "10.1.0.2";
    static final String OTHER_CLIENT = "10.1.0.3";
    static final String CLIENT6 = "fd01::2";
    static final String SERVER = "192.0.2.2";
    static final String SERVER6 = "fd02::2";
    static final String TRANSLATED = "192.0.2.11";
    static final String TRANSLATED6 = "fd02::11";
    /** What is published: no machine has it. */
    static final String PUBLIC = "198.51.100.7";

    static final String PUBLIC6 = "fd03::7";

    /** Without state nothing passes but what the client begins; a segment in the middle of a connection begins nothing. */
    private static final String RULESET = """
            table inet filter {
              chain forward { type filter hook forward priority 0; policy drop;
                ct state established,related accept
                ct state invalid counter drop
                iifname "lan0" ct state new accept
              }
            }
            table ip helpers {
              ct helper ftp { type "ftp" protocol tcp; }
              ct helper tftp { type "tftp" protocol udp; }
              ct helper sip { type "sip" protocol udp; }
              chain pre { type filter hook prerouting priority 0;
                tcp dport 2100-2109 ct helper set "ftp"
                udp dport 6900-6909 ct helper set "tftp"
                udp dport 5060 ct helper set "sip"
              }
            }
            table ip nat {
              chain pre { type nat hook prerouting priority -100;
                meta l4proto { tcp, udp } th dport 7003 dnat to 192.0.2.2:8003
                meta l4proto { tcp, udp } th dport 7004 dnat to 192.0.2.2:8004
                meta l4proto { tcp, udp } th dport 7005 dnat to 192.0.2.2:8005-8015
                ip daddr 198.51.100.7 tcp dport 2110 dnat to 192.0.2.2:2100
                ip daddr 198.51.100.7 tcp dport 2111 dnat to 192.0.2.2:2101
                ip daddr 198.51.100.7 icmp type echo-request dnat to 192.0.2.2
              }
              chain post { type nat hook postrouting priority 100;
                oifname != "wan0" accept
                meta l4proto { tcp, udp } th dport 7001 snat to 192.0.2.11
                meta l4proto { tcp, udp } th dport 7002 masquerade to :40000-40100 random
                meta l4proto { tcp, udp } th dport 8004 snat to 192.0.2.11:41000-41100
                meta l4proto { tcp, udp } th dport 7006 snat to 192.0.2.11:42000-42010 random
                tcp dport 2101-2102 snat to 192.0.2.11
                tcp dport 2103 masquerade
                udp dport { 5060, 6901 } snat to 192.0.2.11
                meta l4proto icmp snat to 192.0.2.11
              }
            }
            table ip6 nat {
              chain pre { type nat hook prerouting priority -100;
                meta l4proto { tcp, udp } th dport 7103 dnat to [fd02::2]:8103
                meta l4proto { tcp, udp } th dport 7104 dnat to [fd02::2]:8104
              }
              chain post { type nat hook postrouting priority 100;
                oifname != "wan0" accept
                meta l4proto { tcp, udp } th dport 7101 snat to fd02::11
                meta l4proto { tcp, udp } th dport 7102 masquerade to :40000-40100 random
                meta l4proto { tcp, udp } th dport 8104 snat to [fd02::11]:41000-41100
                meta l4proto ipv6-icmp icmpv6 type echo-request snat to fd02::11
              }
            }
            """;

    private static final Pattern INVALID = Pattern.compile("invalid counter packets (\\d+)");

    private static final String[] GATEWAY = {
        "lan0 10.1.0.1/24",
        "lan0 fd01::1/64",
        "wan0 192.0.2.1/24",
        "wan0 192.0.2.11/24",
        "wan0 fd02::1/64",
        "wan0 fd02::11/64"
    };

    final TestNet net = new TestNet();
    final String client = net.namespace();
    final String server = net.namespace();
    final String a = firewall();
    final String b = firewall();

    NatLab() {
        bridge(client, "lan0");
        bridge(server, "wan0");
        for (String address : List.of(CLIENT + "/24", OTHER_CLIENT + "/24", CLIENT6 + "/64")) {
            net.address(client, "br0", address);
        }
        net.address(server, "br0", SERVER + "/24");
        net.address(server, "br0", SERVER6 + "/64");
        gateway(a);
        net.route(client, "default", "10.1.0.1");
        net.route(client, "::/0", "fd01::1");
        net.route(server, "10.1.0.0/24", "192.0.2.1");
        net.route(server, "fd01::/64", "fd02::1");
    }

    private String firewall() {
        String netNs = KernelPair.firewall(net, RULESET);
        net.sysctl(netNs, "net/ipv4/ip_forward", "1");
        net.sysctl(netNs, "net/ipv6/conf/all/forwarding", "1");
        return netNs;
    }

    private void bridge(String netNs, String device) {
        net.bridge(netNs, "br0");
        for (String[] port : new String[][] {{"pa", a}, {"pb", b}}) {
            net.veth(netNs, port[0], port[1], device);
            net.enslave(netNs, port[0], "br0");
        }
    }

    private static void gateway(String firewall) {
        batch(firewall, "add", " nodad");
    }

    private static void batch(String firewall, String verb, String noDad) {
        List<String> commands = new ArrayList<>();
        for (String address : GATEWAY) {
            String[] words = address.split(" ", -1);
            String option = words[1].indexOf(':') >= 0 ? noDad : "";
            // The last first: a subnet's first address takes the others away with it.
            commands.add(
                    verb.equals("add") ? commands.size() : 0,
                    "address " + verb + " " + words[1] + " dev " + words[0] + option);
        }
        Cmd.inWithInput(firewall, String.join("\n", commands) + "\n", "ip", "-batch", "-");
    }

    /** The first firewall loses its links. */
    void cutA() {
        net.down(a, "lan0");
        net.down(a, "wan0");
    }

    /** The second firewall becomes the gateway; the neighbours learn it at once. */
    void moveToB() {
        moveTo(b);
    }

    /** One firewall is the gateway no more, the other is from now on; the neighbours learn it at once. */
    void move(String from, String to) {
        batch(from, "delete", "");
        moveTo(to);
    }

    private void moveTo(String firewall) {
        gateway(firewall);
        for (String neighbour : List.of(client, server)) {
            Cmd.in(neighbour, "ip", "neigh", "flush", "all");
        }
    }

    /** Packets that {@code firewall} dropped because connection tracking called them invalid. */
    static long invalid(String firewall) {
        Matcher counter = INVALID.matcher(Cmd.in(firewall, "nft", "list", "chain", "inet", "filter", "forward"));
        Check.that(counter.find(), "the counter of invalid packets");
        return Long.parseLong(counter.group(1));
    }

    @Override
    public void close() {
        net.close();
    }
}
