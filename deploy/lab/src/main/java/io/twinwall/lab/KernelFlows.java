/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The flows of a firewall's kernel as {@code conntrack} lists them, made comparable between two hosts: what each host has
 * for itself is left out, and so is what each kernel counts for itself. Owes nothing to the product's own reading of the
 * kernel, which it judges.
 */
public final class KernelFlows {
    private static final Set<String> OWN = Stream.of(LabPlan.Link.values())
            .flatMap(link -> Stream.of(FirewallNode.values()).map(link::address))
            .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> OWN_V6 = Set.of("fd00:10::1", "fd00:10::2", "fd00:20::1", "fd00:20::2");

    private KernelFlows() {}

    /** What the kernel of {@code namespace} holds now. */
    public static Set<String> of(String namespace) {
        Set<String> flows = new TreeSet<>();
        for (String family : List.of("ipv4", "ipv6")) {
            String text =
                    Shell.run("ip", "netns", "exec", namespace, "conntrack", "-L", "-f", family, "-o", "extended");
            flows.addAll(normal(text.lines().toList()));
        }
        return flows;
    }

    /** Whether a line that {@link #of} answered is the UDP flow of that opener; TCP has the same ports at the same time. */
    static boolean isUdp(String flow, String source, int port, int service) {
        return flow.contains(" udp ")
                && flow.contains(" src=" + source + " ")
                && flow.contains(" sport=" + port + " dport=" + service + " ");
    }

    /** The lines of flows that belong to the pair, without timeout, use and counters. */
    public static Set<String> normal(Collection<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("ipv"))
                .filter(KernelFlows::ofThePair)
                .filter(KernelFlows::answered)
                .map(KernelFlows::normal)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean ofThePair(String line) {
        return words(line)
                .filter(word -> word.startsWith("src=") || word.startsWith("dst="))
                .map(word -> word.substring(4))
                .noneMatch(address -> OWN.contains(address)
                        || OWN_V6.contains(address)
                        || address.startsWith("fe80:")
                        || address.startsWith("ff"));
    }

    /** TCP that was never answered does not travel: its opener tries again, by whichever host forwards then. */
    private static boolean answered(String line) {
        return words(line).noneMatch("SYN_SENT"::equals);
    }

    /** The fifth word is the timeout: each kernel refreshes it for itself, or nobody does on the host that only waits. */
    private static String normal(String line) {
        List<String> words = words(line).toList();
        return Stream.concat(words.stream().limit(4), words.stream().skip(5))
                .filter(word -> !word.startsWith("use=") && !word.startsWith("packets=") && !word.startsWith("bytes="))
                .collect(Collectors.joining(" "));
    }

    private static Stream<String> words(String line) {
        return Stream.of(line.strip().split(" +"));
    }
}
