/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.NftSetName;
import io.twinwall.netlink.NftTable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** All of nf_tables on a host, read: chains, rules, and the sets that rules look into. Immutable. */
public final class Ruleset {
    private static final Set<Integer> ROUTED =
            Set.of(NftConst.NFPROTO_INET, NftConst.NFPROTO_IPV4, NftConst.NFPROTO_IPV6);

    private final List<NftChainInfo> chains;
    private final Map<String, List<NftRuleInfo>> rules = new HashMap<>();
    private final List<NftSetName> sets;
    private final Map<NftSetName, SetContent> contents;
    private final List<String> helpers;
    private final boolean legacy;

    /**
     * @param contents of the sets that rules look into
     * @param helpers of conntrack that the ruleset names
     * @param legacy whether iptables has tables of its own, beside nf_tables
     */
    public Ruleset(
            List<NftChainInfo> chains,
            List<NftRuleInfo> rules,
            List<NftSetName> sets,
            Map<NftSetName, SetContent> contents,
            List<String> helpers,
            boolean legacy) {
        this.chains = List.copyOf(chains);
        this.sets = List.copyOf(sets);
        this.contents = Map.copyOf(contents);
        this.helpers = List.copyOf(helpers);
        this.legacy = legacy;
        for (NftRuleInfo rule : rules) {
            this.rules
                    .computeIfAbsent(rule.table() + " " + rule.chain(), name -> new ArrayList<>())
                    .add(rule);
        }
    }

    List<NftSetName> sets() {
        return sets;
    }

    List<String> helpers() {
        return helpers;
    }

    boolean legacy() {
        return legacy;
    }

    /** In their order. */
    List<NftRuleInfo> rules(NftTable table, String chain) {
        return List.copyOf(rules.getOrDefault(table + " " + chain, List.of()));
    }

    Stream<NftRuleInfo> allRules() {
        return chains.stream().flatMap(chain -> rules(chain.table(), chain.name()).stream());
    }

    Optional<NftChainInfo> chain(NftTable table, String name) {
        return chains.stream()
                .filter(chain -> chain.table().equals(table) && chain.name().equals(name))
                .findFirst();
    }

    boolean hasTable(NftTable table) {
        return chains.stream().anyMatch(chain -> chain.table().equals(table));
    }

    /** Whether anything is translated here. */
    boolean translates() {
        return chains.stream().anyMatch(chain -> chain.type().equals("nat"));
    }

    Optional<SetContent> content(NftTable table, String set) {
        return Optional.ofNullable(contents.get(new NftSetName(table, set)));
    }

    /** Those that see routed packets at {@code hook}, in the order in which they do. */
    List<NftChainInfo> baseChains(int hook) {
        return chains.stream()
                .filter(chain ->
                        chain.hook() == hook && ROUTED.contains(chain.table().family()))
                .sorted(Comparator.comparingInt(NftChainInfo::priority))
                .toList();
    }

    /** The rules that a packet may come to from {@code hook}, jumps followed. */
    List<NftRuleInfo> reachable(int hook) {
        ArrayDeque<NftChainInfo> toVisit = new ArrayDeque<>(baseChains(hook));
        Set<String> visited = new HashSet<>();
        List<NftRuleInfo> found = new ArrayList<>();
        while (!toVisit.isEmpty()) {
            NftChainInfo chain = toVisit.remove();
            if (visited.add(chain.toString())) {
                for (NftRuleInfo rule : rules(chain.table(), chain.name())) {
                    found.add(rule);
                    targets(rule).forEach(name -> chain(rule.table(), name).ifPresent(toVisit::add));
                }
            }
        }
        return List.copyOf(found);
    }

    private Stream<String> targets(NftRuleInfo rule) {
        return rule.expressions().stream()
                .flatMap(expression -> verdicts(rule.table(), expression))
                .map(NftExpr.Verdict::chain)
                .filter(name -> !name.isEmpty());
    }

    private Stream<NftExpr.Verdict> verdicts(NftTable table, NftExpr expression) {
        if (expression instanceof NftExpr.Verdict verdict) {
            return Stream.of(verdict);
        }
        if (expression instanceof NftExpr.Lookup lookup && lookup.target() == NftExpr.VERDICT) {
            return content(table, lookup.set()).stream()
                    .flatMap(content -> content.members().stream())
                    .flatMap(member -> member.verdict().stream());
        }
        return Stream.empty();
    }
}
