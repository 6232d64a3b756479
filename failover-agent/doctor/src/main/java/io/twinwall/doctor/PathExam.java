/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the ways between the nodes are there: their addresses, interfaces and lines; and whether there is more than one. */
final class PathExam implements Exam {
    private static final String WHY = "The nodes do not hear each other by it, or no flows travel by it.";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Network network = Network.of(host);
        Map<InetAddress, List<Plan.Link>> byEnd = plan.links().stream()
                .collect(Collectors.groupingBy(
                        link -> link.local().getAddress(), LinkedHashMap::new, Collectors.toList()));
        for (List<Plan.Link> links : byEnd.values()) {
            Severity severity = severity(plan, network, links);
            Plan.Link named = links.stream()
                    .filter(link -> !link.interfaceName().isEmpty())
                    .findFirst()
                    .orElse(links.getFirst());
            Optional<RtLink> way = network.way(named);
            if (way.isEmpty() && !named.interfaceName().isEmpty()) {
                found.add(
                        severity,
                        "path-interface",
                        "There is no interface " + named.interfaceName() + ", which " + titles(links) + " needs.",
                        WHY,
                        Remedy.advice("Make the interface, or name the right one in the configuration."));
            } else {
                address(network, links, named, severity, found);
                way.ifPresent(by -> up(by, links, severity, found));
            }
        }
        for (Path line : plan.serialLines()) {
            if (host.file(line).isEmpty()) {
                found.warning(
                        "path-serial",
                        "There is no serial line " + line + ".",
                        WHY,
                        Remedy.advice("Name the line that there is (dmesg | grep tty), or plug the adapter in."));
            }
        }
        alone(plan, network, found);
    }

    /** An error when nothing else carries what these do. */
    private static Severity severity(Plan plan, Network network, List<Plan.Link> broken) {
        Set<Plan.Use> carried = new HashSet<>();
        if (!plan.serialLines().isEmpty()) {
            carried.add(Plan.Use.HEARTBEATS);
        }
        plan.links().stream()
                .filter(link -> !broken.contains(link) && works(network, link))
                .forEach(link -> carried.add(link.use()));
        return broken.stream().allMatch(link -> carried.contains(link.use())) ? Severity.WARNING : Severity.ERROR;
    }

    private static boolean works(Network network, Plan.Link link) {
        return network.owner(link.local().getAddress()).isPresent()
                && network.way(link).map(RtLink::usable).orElse(false);
    }

    private static void address(
            Network network, List<Plan.Link> links, Plan.Link link, Severity severity, Findings found) {
        InetAddress local = link.local().getAddress();
        if (network.owner(local).isPresent()) {
            return;
        }
        String net =
                local.getHostAddress() + "/" + commonLength(local, link.peer().getAddress());
        found.add(
                severity,
                "path-address",
                local.getHostAddress() + ", this end of " + titles(links) + ", is on no interface.",
                WHY,
                link.interfaceName().isEmpty()
                        ? Remedy.advice("Give the interface of that link this address: ip address add " + net
                                + " dev NAME. Or correct local in the configuration.")
                        : Remedy.run("ip address add " + net + " dev " + Shell.quoted(link.interfaceName()))
                                .saying("And into the host's own network configuration."));
    }

    /** The longest prefix that has both ends, and of IPv4 neither as its first or last address. */
    private static int commonLength(InetAddress one, InetAddress other) {
        byte[] first = one.getAddress();
        byte[] second = other.getAddress();
        int bits = 0;
        while (bits < first.length * 8 && ((first[bits / 8] ^ second[bits / 8]) >> (7 - bits % 8) & 1) == 0) {
            bits++;
        }
        int length = Math.min(bits, first.length * 8 - 2);
        while (length > 8 && (isEdge(first, length) || isEdge(second, length))) {
            length--;
        }
        return length;
    }

    private static boolean isEdge(byte[] address, int length) {
        boolean zeros = true;
        boolean ones = true;
        for (int i = length; i < address.length * 8; i++) {
            int bit = address[i / 8] >> (7 - i % 8) & 1;
            zeros &= bit == 0;
            ones &= bit == 1;
        }
        return address.length == 4 && (zeros || ones);
    }

    private static void up(RtLink way, List<Plan.Link> links, Severity severity, Findings found) {
        if ((way.flags() & RtConst.IFF_UP) == 0) {
            found.add(
                    severity,
                    "path-interface",
                    way.name() + ", the interface of " + titles(links) + ", is set down.",
                    WHY,
                    Remedy.run("ip link set dev " + Shell.quoted(way.name()) + " up"));
        } else if (!way.carrier()) {
            found.add(
                    severity,
                    "path-interface",
                    way.name() + ", the interface of " + titles(links) + ", has no carrier.",
                    WHY,
                    Remedy.advice("Look at the cable, and whether the other host is on and its interface up."));
        }
    }

    private static String titles(List<Plan.Link> links) {
        return links.stream().map(Plan.Link::title).collect(Collectors.joining(" and "));
    }

    private static void alone(Plan plan, Network network, Findings found) {
        List<String> ways = new ArrayList<>();
        plan.serialLines().forEach(line -> ways.add(line.toString()));
        plan.links().stream()
                .filter(link -> link.use() == Plan.Use.HEARTBEATS)
                .map(link -> network.way(link).map(RtLink::name).orElse(link.title()))
                .forEach(ways::add);
        if (ways.stream().distinct().count() == 1) {
            found.note(
                    "one-path",
                    "All heartbeats go by " + ways.getFirst() + ".",
                    "When that fails, each node takes the other for dead, and only the probe of the virtual addresses"
                            + " keeps the passive from taking over.",
                    Remedy.advice("Add a [[path]] through another network, or a serial line, on both nodes."));
        }
    }
}
