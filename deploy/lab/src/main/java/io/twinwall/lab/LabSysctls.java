/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.Sysctl;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Kernel settings of the lab's namespaces. {@code /proc/sys/net} shows the namespace of the thread that opens it, so
 * these are written by threads that entered.
 */
public final class LabSysctls {
    /**
     * Of the firewalls, once their rules have loaded connection tracking. {@code tcp_loose=0}: else a kernel adopts live
     * TCP without any synchronisation and the proof is worthless; {@code be_liberal=0}: else window errors stay hidden;
     * {@code events=1}: else flows made while nobody listens never tell of themselves.
     */
    static final Map<String, String> CONNTRACK = Map.of(
            "net/netfilter/nf_conntrack_tcp_loose", "0",
            "net/netfilter/nf_conntrack_tcp_be_liberal", "0",
            "net/netfilter/nf_conntrack_events", "1");

    private static final String CONNTRACK_MAX = "net/netfilter/nf_conntrack_max";
    private static final String CONNTRACK_BUCKETS = "net/netfilter/nf_conntrack_buckets";

    private LabSysctls() {}

    /** Settings that links take over when they are made. */
    static Map<String, String> beforeLinks(String part) {
        Map<String, String> sysctls = new LinkedHashMap<>();
        boolean switchBox = part.equals("lan") || part.equals("wan");
        for (String scope : new String[] {"all", "default"}) {
            sysctls.put("net/ipv4/conf/" + scope + "/rp_filter", "0");
            sysctls.put("net/ipv4/conf/" + scope + "/arp_ignore", "1");
            sysctls.put("net/ipv4/conf/" + scope + "/arp_announce", "2");
            sysctls.put("net/ipv4/conf/" + scope + "/send_redirects", "0");
            sysctls.put("net/ipv6/conf/" + scope + "/accept_dad", "0");
            sysctls.put("net/ipv6/conf/" + scope + "/dad_transmits", "0");
            sysctls.put("net/ipv6/conf/" + scope + "/accept_ra", "0");
            sysctls.put("net/ipv6/conf/" + scope + "/disable_ipv6", switchBox ? "1" : "0");
        }
        if (part.startsWith("fw")) {
            sysctls.put("net/ipv4/ip_forward", "1");
            sysctls.put("net/ipv6/conf/all/forwarding", "1");
        } else if (!switchBox) {
            sysctls.put("net/ipv4/ip_forward", "0");
            sysctls.put("net/ipv4/conf/all/arp_ignore", "0");
            sysctls.put("net/ipv4/ip_local_port_range", "20000 60999");
        }
        return sysctls;
    }

    static void write(String key, String value) {
        try {
            if (!Sysctl.read(key).equals(value)) {
                Sysctl.write(key, value);
            }
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot set " + key + " to " + value + ": " + e.getMessage(), e);
        }
    }

    /**
     * Sees to it that the kernel tracks {@code flows} on two firewalls; the limit is the machine's, not a namespace's.
     * Answers what was changed or is amiss, or an empty text.
     */
    public static String roomFor(int flows) {
        try {
            long wanted = flows + flows / 2 + 65_536L;
            String said = "";
            if (Sysctl.readNumber(CONNTRACK_MAX) < wanted) {
                Sysctl.write(CONNTRACK_MAX, Long.toString(wanted));
                said = "nf_conntrack_max raised to " + wanted + " for the whole machine. ";
            }
            long buckets = Sysctl.readNumber(CONNTRACK_BUCKETS);
            if (flows * 2L > buckets * 4) {
                said += "only " + buckets + " conntrack hash buckets (net.netfilter.nf_conntrack_buckets, the whole"
                        + " machine's): expect slow inserts.";
            }
            return said.strip();
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "nf_conntrack_max cannot be read or raised (" + e.getMessage() + "); run as root of the machine",
                    e);
        }
    }
}
