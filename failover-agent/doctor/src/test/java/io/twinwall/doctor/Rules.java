/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftMember;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.NftSetName;
import io.twinwall.netlink.NftTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A ruleset put together by a test, expression by expression as the kernel tells them. */
final class Rules {
    static final NftTable FILTER = new NftTable(NftConst.NFPROTO_INET, "filter");
    static final NftTable NAT = new NftTable(NftConst.NFPROTO_IPV4, "nat");
    static final NftTable RAW = new NftTable(NftConst.NFPROTO_INET, "raw");
    static final int ACCEPT = NftConst.NF_ACCEPT;
    static final int DROP = NftConst.NF_DROP;

    private static final int IP_SOURCE = 12;
    private static final int RAW_PRIORITY = -300;

    private final List<NftChainInfo> chains = new ArrayList<>();
    private final List<NftRuleInfo> rules = new ArrayList<>();
    private final List<NftSetName> sets = new ArrayList<>();
    private final Map<NftSetName, SetContent> contents = new HashMap<>();
    private final List<String> helpers = new ArrayList<>();
    private boolean legacy;

    /** What docs/OPERATING.md wants: notrack on the link, a filter that lets the pair's packets in, SNAT. */
    static Rules healthy() {
        Rules rules = new Rules()
                .base(RAW, "prerouting", "filter", NftConst.NF_INET_PRE_ROUTING, RAW_PRIORITY, ACCEPT)
                .base(RAW, "output", "filter", NftConst.NF_INET_LOCAL_OUT, RAW_PRIORITY, ACCEPT)
                .base(FILTER, "input", "filter", NftConst.NF_INET_LOCAL_IN, 0, DROP)
                .base(FILTER, "forward", "filter", NftConst.NF_INET_FORWARD, 0, DROP)
                .base(NAT, "postrouting", "nat", NftConst.NF_INET_POST_ROUTING, 100, ACCEPT);
        for (String name : List.of("sync0", "lan0")) {
            rules.rule(RAW, "prerouting", iifname(name), other("notrack"));
            rules.rule(RAW, "output", oifname(name), other("notrack"));
            rules.rule(FILTER, "input", iifname(name), verdict(ACCEPT));
        }
        return rules.rule(FILTER, "forward", verdict(ACCEPT)).rule(NAT, "postrouting", oifname("wan0"), other("nat"));
    }

    Rules base(NftTable table, String name, String type, int hook, int priority, int policy) {
        chains.add(new NftChainInfo(table, name, type, hook, priority, policy, List.of()));
        return this;
    }

    Rules base(NftTable table, String name, int hook, String... devices) {
        chains.add(new NftChainInfo(table, name, "filter", hook, -500, ACCEPT, List.of(devices)));
        return this;
    }

    Rules chain(NftTable table, String name) {
        chains.add(new NftChainInfo(table, name, "", NftChainInfo.NO_HOOK, 0, ACCEPT, List.of()));
        return this;
    }

    /** Its handle is its number, from 1. */
    @SafeVarargs
    final Rules rule(NftTable table, String chain, List<NftExpr>... parts) {
        List<NftExpr> expressions = new ArrayList<>();
        for (List<NftExpr> part : parts) {
            expressions.addAll(part);
        }
        rules.add(new NftRuleInfo(table, chain, rules.size() + 1, expressions));
        return this;
    }

    Rules without(NftTable table, String chain) {
        rules.removeIf(rule -> rule.table().equals(table) && rule.chain().equals(chain));
        return this;
    }

    Rules set(NftTable table, String name, SetContent content) {
        NftSetName set = new NftSetName(table, name);
        sets.add(set);
        contents.put(set, content);
        return this;
    }

    Rules helper(String name) {
        helpers.add(name);
        return this;
    }

    Rules legacy() {
        legacy = true;
        return this;
    }

    long lastHandle() {
        return rules.getLast().handle();
    }

    Ruleset ruleset() {
        return new Ruleset(chains, rules, sets, contents, helpers, legacy);
    }

    static List<NftExpr> iifname(String name) {
        return name(NftConst.NFT_META_IIFNAME, name);
    }

    static List<NftExpr> oifname(String name) {
        return name(NftConst.NFT_META_OIFNAME, name);
    }

    private static List<NftExpr> name(int key, String name) {
        return List.of(
                new NftExpr.Meta(key, 0),
                new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.name(name, NftConst.IFNAMSIZ)));
    }

    static List<NftExpr> dport(int port) {
        return List.of(
                new NftExpr.Payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 0),
                new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.u16be(port)));
    }

    static List<NftExpr> dportIn(int first, int last) {
        return List.of(
                new NftExpr.Payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 0),
                new NftExpr.Range(0, false, NftData.u16be(first), NftData.u16be(last)));
    }

    static List<NftExpr> saddr(String address) {
        return List.of(
                new NftExpr.Payload(NftConst.NFT_PAYLOAD_NETWORK_HEADER, IP_SOURCE, 4, 0),
                new NftExpr.Cmp(
                        0,
                        NftConst.NFT_CMP_EQ,
                        NftData.of(InetAddress.ofLiteral(address).getAddress())));
    }

    /** {@code ct state} with one of these bits. */
    static List<NftExpr> ctState(int bits) {
        return List.of(
                new NftExpr.Ct(NftConst.NFT_CT_STATE, 0),
                new NftExpr.Bitwise(0, 0, NftData.hostU32(bits), NftData.hostU32(0)),
                new NftExpr.Cmp(0, NftConst.NFT_CMP_NEQ, NftData.hostU32(0)));
    }

    static List<NftExpr> verdict(int code) {
        return List.of(new NftExpr.Verdict(code, ""));
    }

    static List<NftExpr> jump(String chain) {
        return List.of(new NftExpr.Verdict(NftConst.NFT_JUMP, chain));
    }

    static List<NftExpr> other(String name) {
        return List.of(new NftExpr.Other(name, ""));
    }

    static List<NftExpr> target(String extension) {
        return List.of(new NftExpr.Other("target", extension));
    }

    static List<NftExpr> lookup(String set, int target) {
        return List.of(new NftExpr.Lookup(set, 0, target, false));
    }

    static NftMember member(NftData key) {
        return new NftMember(key, NftData.EMPTY, false, Optional.empty());
    }

    static NftMember member(NftData key, NftExpr.Verdict verdict) {
        return new NftMember(key, NftData.EMPTY, false, Optional.of(verdict));
    }

    static SetContent content(int keyBytes, NftMember... members) {
        return new SetContent(keyBytes, false, List.of(members), true);
    }

    static SetContent intervals(int keyBytes, NftData... beginsAndEnds) {
        List<NftMember> members = Stream.iterate(0, at -> at + 1)
                .limit(beginsAndEnds.length)
                .map(at -> new NftMember(beginsAndEnds[at], NftData.EMPTY, at % 2 == 1, Optional.empty()))
                .toList();
        return new SetContent(keyBytes, true, members, true);
    }
}
