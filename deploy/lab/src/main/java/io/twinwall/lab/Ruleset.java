/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * The firewalls' rules, the same text on both. Everything is dropped in silence unless allowed: a REJECT would reset live
 * flows in the gap between two firewalls, and a lab with REJECT would prove nothing about a pair.
 */
final class Ruleset {
    private Ruleset() {}

    static String text() {
        String ports = LabPlan.SERVICE_PORT_MIN + "-" + LabPlan.SERVICE_PORT_MAX;
        String flowPorts = LabPlan.SERVICE_PORT_MIN + "-" + (LabPlan.PORT_PACKETS - 1);
        String packetPorts = LabPlan.PORT_PACKETS + "-" + LabPlan.SERVICE_PORT_MAX;
        String syncPorts = LabPlan.HEARTBEAT_PORT + "-" + LabPlan.SYNC_PORT;
        return """
                table inet lab_raw {
                    chain prerouting {
                        type filter hook prerouting priority raw; policy accept;
                        iifname { "sync0", "lo" } notrack
                        udp dport %9$s notrack
                        ip saddr { %10$s } notrack comment "asks each firewall whether its gate is open"
                    }
                    chain output {
                        type filter hook output priority raw; policy accept;
                        oifname { "sync0", "lo" } notrack
                        udp dport %9$s notrack
                    }
                }
                table inet lab_filter {
                    chain forward {
                        type filter hook forward priority filter; policy drop;
                        ip saddr { %10$s } accept
                        ct state invalid counter drop
                        ct state established,related accept
                        iifname "lan0" oifname "wan0" meta l4proto { tcp, udp } th dport %1$s ct state new accept
                        iifname "wan0" oifname "lan0" ct status dnat ct state new accept
                        iifname "lan0" oifname "wan0" meta l4proto { icmp, ipv6-icmp } ct state new accept
                        counter
                    }
                    chain input {
                        type filter hook input priority filter; policy drop;
                        iifname "lo" accept
                        iifname "sync0" udp dport %2$s accept
                        iifname "sync0" udp sport %2$s accept
                        iifname { "lan0", "wan0" } udp dport %9$s accept
                        ct state invalid drop
                        ct state established,related accept
                        meta l4proto { icmp, ipv6-icmp } accept
                    }
                }
                table ip lab_nat {
                    chain prerouting {
                        type nat hook prerouting priority dstnat; policy accept;
                        iifname "wan0" ip daddr %3$s meta l4proto { tcp, udp } th dport %4$s dnat to %5$s
                        iifname "wan0" ip daddr %3$s tcp dport %6$s dnat to %7$s
                    }
                    chain postrouting {
                        type nat hook postrouting priority srcnat; policy accept;
                        oifname "wan0" ip saddr { %8$s } snat to %3$s
                    }
                }
                """.formatted(
                        ports,
                        syncPorts,
                        LabPlan.WAN_VIP_V4,
                        flowPorts,
                        LabPlan.CLIENT_V4,
                        packetPorts,
                        PacketPlan.DNAT_SERVICE,
                        LabPlan.SNAT_SOURCES,
                        LabPlan.HEARTBEAT_PORT,
                        LabPlan.GATE_CLIENT_V4 + ", " + LabPlan.GATE_SERVER_V4);
    }
}
