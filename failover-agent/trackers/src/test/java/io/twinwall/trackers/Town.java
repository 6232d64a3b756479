/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node and a host, joined by a cable: {@code lan0} at the node, {@code net0} at the host. */
final class Town {
    private static final Pattern PACKETS = Pattern.compile("packets (\\d+)");

    final TestNet net;
    final String node;
    final String host;

    Town(TestNet net) {
        this.net = net;
        node = net.namespace();
        host = net.namespace();
        connect();
    }

    /** Lays the cable, and gives the host 10.10.0.9 and fd00:10::9. */
    void connect() {
        net.veth(node, "lan0", host, "net0");
        net.address(host, "net0", "10.10.0.9/24");
        net.address(host, "net0", "fd00:10::9/64");
    }

    /** Gives the node 10.10.0.1 and fd00:10::1. */
    void settle() {
        net.address(node, "lan0", "10.10.0.1/24");
        net.address(node, "lan0", "fd00:10::1/64");
    }

    /** The host drops what comes in and matches {@code rule}, such as {@code ether type arp}; "" for all. */
    void filter(String rule) {
        ingress(rule + " drop");
    }

    /** The host counts what comes in and matches {@code rule}. */
    void count(String rule) {
        ingress(rule + " counter");
    }

    private void ingress(String rule) {
        Cmd.inWithInput(
                host,
                "table netdev town { chain in { type filter hook ingress device net0 priority 0; " + rule + "; }; }",
                "nft",
                "-f",
                "-");
    }

    /** What was counted since the last {@link #clear}. */
    long counted() {
        Matcher packets = PACKETS.matcher(Cmd.in(host, "nft", "list", "table", "netdev", "town"));
        if (!packets.find()) {
            throw new AssertionError("no counter");
        }
        return Long.parseLong(packets.group(1));
    }

    /** No filter and no counter any more. */
    void clear() {
        Cmd.in(host, "nft", "flush", "ruleset");
    }
}
