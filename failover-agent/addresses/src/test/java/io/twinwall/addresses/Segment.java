/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Two nodes and a host on one bridge, each with an interface {@code lan0}. */
final class Segment {
    final TestNet net;
    final String bridge;
    final String old;
    final String heir;
    final String host;

    Segment(TestNet net) {
        this.net = net;
        bridge = net.namespace();
        net.bridge(bridge, "br0");
        old = node("p1");
        heir = node("p2");
        host = node("p3");
        net.address(host, "lan0", "10.10.0.9/24");
        net.address(host, "lan0", "fd00:10::9/64");
    }

    private String node(String port) {
        String netNs = net.namespace();
        attach(netNs, "lan0", port);
        return netNs;
    }

    /** One more leg of {@code netNs} on the bridge. */
    void attach(String netNs, String device, String port) {
        net.veth(netNs, device, bridge, port);
        net.enslave(bridge, port, "br0");
    }

    static String mac(String netNs, String device) {
        String[] words =
                Cmd.in(netNs, "ip", "-o", "link", "show", "dev", device).split("\\s+");
        return words[Arrays.asList(words).indexOf("link/ether") + 1];
    }

    static Vip vip(String address, int prefixLength, String device) {
        return new Vip(InetAddress.ofLiteral(address), prefixLength, device);
    }

    static List<Vip> both() {
        return List.of(vip("10.10.0.254", 24, "lan0"), vip("fd00:10::254", 64, "lan0"));
    }

    /** What {@link Vips#held} tells when all of {@code vips} are there. */
    static Set<InetAddress> addresses(List<Vip> vips) {
        return vips.stream().map(Vip::address).collect(Collectors.toSet());
    }

    /** A hundred, half of them IPv6. */
    static List<Vip> hundred() {
        List<Vip> many = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            many.add(vip("10.10.1." + i, 24, "lan0"));
            many.add(vip("fd00:10::1:" + i, 64, "lan0"));
        }
        return many;
    }
}
