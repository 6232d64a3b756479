/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import io.twinwall.lab.KernelFlows;
import io.twinwall.lab.LabPlan;
import io.twinwall.testkit.Cmd;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code ip}, {@code nft}, {@code ss} and {@code conntrack} say of a host, for comparison with what the program says. */
final class HostTools {
    private final String namespace;

    HostTools(String namespace) {
        this.namespace = namespace;
    }

    static Set<String> allVips() {
        return LabPlan.vips().stream()
                .map(vip -> vip.address().replaceFirst("/.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The virtual addresses that this host has. */
    Set<String> vips() {
        Set<String> held = new TreeSet<>();
        for (JsonNode link : json("ip", "-j", "addr")) {
            for (JsonNode one : link.path("addr_info")) {
                held.add(one.path("local").asString(""));
            }
        }
        held.retainAll(allVips());
        return held;
    }

    /** {@code UP}, {@code DOWN}, {@code LOWERLAYERDOWN}, {@code UNKNOWN}. */
    String operState(String link) {
        return json("ip", "-j", "link", "show", "dev", link)
                .path(0)
                .path("operstate")
                .asString("");
    }

    String hardwareAddress(String link) {
        return json("ip", "-j", "link", "show", "dev", link)
                .path(0)
                .path("address")
                .asString("");
    }

    /** Whether the lease stands, in both of its tables. */
    boolean gateOpen() {
        return leaseElements("inet") > 0 && leaseElements("netdev") > 0;
    }

    private int leaseElements(String family) {
        int elements = 0;
        for (JsonNode one :
                json("nft", "-j", "list", "set", family, "twinwall", "lease").path("nftables")) {
            elements += one.path("set").path("elem").size();
        }
        return elements;
    }

    /** Packets that an {@link AlertPair#cut} has dropped. */
    long dropped() {
        String table = Cmd.in(namespace, "nft", "list", "table", "inet", "lab_cut");
        String after = table.substring(table.indexOf("counter packets ") + "counter packets ".length());
        return Long.parseLong(after.substring(0, after.indexOf(' ')));
    }

    /** Whether anybody has a UDP socket at {@code port}. */
    boolean hasUdp(int port) {
        return !Cmd.in(namespace, "ss", "-Huan", "sport = :" + port).isBlank();
    }

    /** Events that the kernel could not hand to one of its netlink sockets, of all of them. */
    long netlinkDrops() {
        return Cmd.in(namespace, "cat", "/proc/net/netlink")
                .lines()
                .skip(1)
                .mapToLong(line -> Long.parseLong(line.strip().split(" +", -1)[8]))
                .sum();
    }

    /** The pair's flows in this kernel. */
    Set<String> flows() {
        return KernelFlows.of(namespace);
    }

    private JsonNode json(String... command) {
        return JsonMapper.shared().readTree(Cmd.in(namespace, command));
    }
}
