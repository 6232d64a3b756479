/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.linux.Errno;
import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftMember;
import io.twinwall.netlink.NftResult;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.NftSetInfo;
import io.twinwall.netlink.NftSetName;
import io.twinwall.netlink.NftSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads all of nf_tables in the network namespace of the calling thread. */
final class LinuxRuleset {
    /** Of one set; of a larger one it stays open what is in it. */
    private static final int MEMBERS_MAX = 4_096;

    private LinuxRuleset() {}

    /** Throws {@link io.twinwall.base.Fatal} when the kernel gives no socket. */
    static Ruleset read() throws IOException, Unanswered {
        try (NftSocket socket = NftSocket.open()) {
            List<NftChainInfo> chains = new ArrayList<>();
            require(socket.chains(chains));
            List<NftRuleInfo> rules = new ArrayList<>();
            require(socket.rules(rules));
            List<NftSetName> sets = new ArrayList<>();
            require(socket.sets(sets));
            List<String> helpers = new ArrayList<>();
            require(socket.ctHelpers(helpers));
            Map<NftSetName, SetContent> contents = new HashMap<>();
            for (NftSetName set :
                    rules.stream().flatMap(LinuxRuleset::lookedInto).distinct().toList()) {
                content(socket, set).ifPresent(content -> contents.put(set, content));
            }
            return new Ruleset(chains, rules, sets, contents, helpers, legacy());
        }
    }

    private static Stream<NftSetName> lookedInto(NftRuleInfo rule) {
        return rule.expressions().stream()
                .filter(NftExpr.Lookup.class::isInstance)
                .map(lookup -> new NftSetName(rule.table(), ((NftExpr.Lookup) lookup).set()));
    }

    /** Nothing when it has gone meanwhile. */
    private static Optional<SetContent> content(NftSocket socket, NftSetName set) {
        List<NftSetInfo> info = new ArrayList<>();
        List<NftMember> members = new ArrayList<>();
        if (!socket.set(set.table(), set.name(), info).ok()
                || info.isEmpty()
                || !socket.members(set, MEMBERS_MAX, members).ok()) {
            return Optional.empty();
        }
        NftSetInfo of = info.getFirst();
        boolean intervals = of.has(NftConst.NFT_SET_INTERVAL) && !of.has(NftConst.NFT_SET_CONCAT);
        return Optional.of(new SetContent(of.keyBytes(), intervals, members, members.size() < MEMBERS_MAX));
    }

    /** The kernel's own names of tables that iptables made without nf_tables. */
    private static boolean legacy() throws IOException {
        for (String file : List.of("ip_tables_names", "ip6_tables_names")) {
            try {
                if (!Files.readString(Path.of("/proc/thread-self/net", file)).isBlank()) {
                    return true;
                }
            } catch (NoSuchFileException e) {
                // That kernel has no such tables at all.
            }
        }
        return false;
    }

    private static void require(NftResult result) throws Unanswered {
        if (!result.ok()) {
            throw new Unanswered("The ruleset cannot be read (" + result.operation() + "): "
                    + Errno.name(result.errno()) + ", " + Errno.text(result.errno()));
        }
    }
}
