/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code nft} puts into the kernel, read back from there. */
@RequireRoot
final class NftRulesetIT {
    private static final NftTable FILTER = new NftTable(NftConst.NFPROTO_INET, "filter");
    private static final NftTable NAT = new NftTable(NftConst.NFPROTO_IPV4, "nat");

    private final TestNet net = new TestNet();
    private final String namespace = net.namespace();
    private NftSocket socket;

    @BeforeEach
    void open() throws Exception {
        Cmd.inWithInput(namespace, """
                table inet filter {
                    set bans { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1 } }
                    ct helper ftp-standard { type "ftp" protocol tcp; }
                    chain input {
                        type filter hook input priority filter; policy drop;
                        ct state vmap { established : accept, invalid : drop, new : jump more }
                    }
                    chain more {
                        iifname "lan0" ip saddr @bans reject
                        udp dport 100-200 accept
                    }
                }
                table ip nat {
                    chain post { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }
                }
                """, "nft", "-f", "-");
        socket = NetNs.call(namespace, NftSocket::open);
    }

    @AfterEach
    void close() {
        socket.close();
        net.close();
    }

    @Test
    void shouldListChainsOfAllFamilies() {
        List<NftChainInfo> chains = new ArrayList<>();
        assertEquals(NftResult.done(), socket.chains(chains));
        assertEquals(3, chains.size(), chains::toString);
        assertTrue(chains.contains(new NftChainInfo(
                FILTER, "input", "filter", NftConst.NF_INET_LOCAL_IN, 0, NftConst.NF_DROP, List.of())));
        assertTrue(chains.contains(
                new NftChainInfo(FILTER, "more", "", NftChainInfo.NO_HOOK, 0, NftConst.NF_ACCEPT, List.of())));
        assertTrue(chains.contains(new NftChainInfo(
                NAT, "post", "nat", NftConst.NF_INET_POST_ROUTING, 100, NftConst.NF_ACCEPT, List.of())));
    }

    @Test
    void shouldListRulesWithWhatTheyDo() {
        List<NftRuleInfo> rules = new ArrayList<>();
        assertEquals(NftResult.done(), socket.rules(rules));
        NftRuleInfo masquerade = rules.stream()
                .filter(rule -> rule.table().equals(NAT))
                .findFirst()
                .orElseThrow();
        assertEquals(
                List.of(
                        new NftExpr.Meta(NftConst.NFT_META_OIFNAME, 0),
                        new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.name("wan0", NftConst.IFNAMSIZ)),
                        new NftExpr.Other("masq", "")),
                masquerade.expressions());
        String shown = Cmd.in(namespace, "nft", "-a", "list", "chain", "ip", "nat", "post");
        assertTrue(shown.contains("masquerade # handle " + masquerade.handle()), shown);
        List<NftRuleInfo> more =
                rules.stream().filter(rule -> rule.chain().equals("more")).toList();
        assertTrue(more.getFirst().expressions().contains(new NftExpr.Other("reject", "")), more::toString);
        assertTrue(more.getLast().expressions().contains(new NftExpr.Verdict(NftConst.NF_ACCEPT, "")), more::toString);
    }

    @Test
    void shouldListSetsTheirMembersAndHelpers() {
        List<NftSetName> sets = new ArrayList<>();
        assertEquals(NftResult.done(), socket.sets(sets));
        NftSetName bans = new NftSetName(FILTER, "bans");
        assertTrue(sets.contains(bans), sets::toString);
        List<NftMember> members = new ArrayList<>();
        assertEquals(NftResult.done(), socket.members(bans, 100, members));
        assertTrue(members.stream().anyMatch(one -> one.key().toString().equals("0a000000") && !one.endsInterval()));
        assertTrue(members.stream().anyMatch(one -> one.key().toString().equals("0b000000") && one.endsInterval()));
        List<NftMember> few = new ArrayList<>();
        assertEquals(NftResult.done(), socket.members(bans, 1, few));
        assertEquals(1, few.size());

        NftSetName map =
                sets.stream().filter(set -> !set.equals(bans)).findFirst().orElseThrow();
        List<NftMember> verdicts = new ArrayList<>();
        assertEquals(NftResult.done(), socket.members(map, 100, verdicts));
        assertTrue(
                verdicts.stream()
                        .anyMatch(one -> one.key().equals(NftData.hostU32(NftConst.NF_CT_STATE_NEW_BIT))
                                && one.verdict().equals(Optional.of(new NftExpr.Verdict(NftConst.NFT_JUMP, "more")))),
                verdicts::toString);

        List<String> helpers = new ArrayList<>();
        assertEquals(NftResult.done(), socket.ctHelpers(helpers));
        assertEquals(List.of("ftp"), helpers);
    }
}
