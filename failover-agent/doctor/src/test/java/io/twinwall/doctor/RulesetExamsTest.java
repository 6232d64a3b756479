/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static io.twinwall.doctor.Rules.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftSetName;
import io.twinwall.netlink.NftTable;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules that cost flows, and the lease's own. */
class RulesetExamsTest {
    private static final NftTable LEASE4 = new NftTable(NftConst.NFPROTO_NETDEV, "twinwall");
    private static final NftTable LEASE = new NftTable(NftConst.NFPROTO_INET, "twinwall");

    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();
    private final Rules rules = host.rules;

    @Test
    void shouldLetInWhatTheFilterDropsOfThePair() {
        rules.without(FILTER, "input");
        plans.links.removeIf(link -> link.name().equals("lan") || link.use() == Plan.Use.STREAM);
        Seen.on(host, plans.plan())
                .mendedBy(
                        "link-filtered",
                        Severity.ERROR,
                        "nft insert rule inet filter input"
                                + " 'iifname \"sync0\" ip saddr 10.99.0.2 udp dport 47900 accept'");
    }

    @Test
    void shouldLetInBothHalvesOfTheStream() {
        rules.without(FILTER, "input").rule(FILTER, "input", dport(47900), verdict(ACCEPT));
        Finding stream = Seen.on(host).one("link-filtered", Severity.ERROR);
        assertEquals("The ruleset drops what comes in by stream \"sync\".", stream.what());
        assertEquals(
                List.of(
                        "nft insert rule inet filter input"
                                + " 'iifname \"sync0\" ip saddr 10.99.0.2 udp dport 47901 accept'",
                        "nft insert rule inet filter input"
                                + " 'iifname \"sync0\" ip saddr 10.99.0.2 udp sport 47901 accept'"),
                stream.remedy().commands());
    }

    @Test
    void shouldLetOutWhatTheFilterDropsOfThePair() {
        rules.base(FILTER, "output", "filter", NftConst.NF_INET_LOCAL_OUT, 0, DROP)
                .rule(FILTER, "output", oifname("lan0"), verdict(ACCEPT))
                .rule(FILTER, "output", oifname("sync0"), dport(47901), verdict(ACCEPT))
                .rule(
                        FILTER,
                        "output",
                        List.of(
                                new NftExpr.Payload(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 0),
                                new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.u16be(47901))),
                        verdict(ACCEPT));
        Seen.on(host)
                .mendedBy(
                        "link-filtered",
                        Severity.ERROR,
                        "nft insert rule inet filter output"
                                + " 'oifname \"sync0\" ip daddr 10.99.0.2 udp dport 47900 accept'");
    }

    @Test
    void shouldWarnOfWhatPassesAsAnAnswerOnly() {
        plans.links.removeIf(
                link -> link.use() == Plan.Use.STREAM || link.name().equals("lan"));
        rules.without(FILTER, "input")
                .without(RAW, "prerouting")
                .rule(FILTER, "input", ctState(NftConst.NF_CT_STATE_ESTABLISHED_BIT), verdict(ACCEPT));
        Seen.on(host, plans.plan()).none("link-filtered").one("link-filtered-at-first", Severity.WARNING);
        rules.rule(RAW, "prerouting", other("notrack"));
        Seen.on(host, plans.plan()).none("link-filtered-at-first").one("link-filtered", Severity.ERROR);
    }

    @Test
    void shouldKeepThePairsPacketsFromTracking() {
        plans.links.removeIf(link -> link.name().equals("lan"));
        rules.without(RAW, "output").without(RAW, "prerouting").rule(RAW, "output", other("limit"), other("notrack"));
        Seen.on(host, plans.plan())
                .mendedBy(
                        "link-tracked",
                        Severity.WARNING,
                        "nft add table inet twinwall_sync",
                        "nft 'add chain inet twinwall_sync prerouting { type filter hook prerouting priority raw; }'",
                        "nft 'add chain inet twinwall_sync output { type filter hook output priority raw; }'",
                        "nft add rule inet twinwall_sync prerouting 'iifname \"sync0\" ip saddr 10.99.0.2"
                                + " ip daddr 10.99.0.1 meta l4proto udp notrack'",
                        "nft add rule inet twinwall_sync output 'oifname \"sync0\" ip saddr 10.99.0.1"
                                + " ip daddr 10.99.0.2 meta l4proto udp notrack'");
        rules.rule(RAW, "prerouting", other("limit"), other("notrack"));
        Seen.on(host, plans.plan()).none("link-tracked");
    }

    @Test
    void shouldTranslateToTheVirtualAddress() {
        rules.rule(NAT, "postrouting", oifname("wan0"), other("masq"));
        long handle = rules.lastHandle();
        Seen.on(host)
                .mendedBy(
                        "masquerade",
                        Severity.WARNING,
                        "nft insert rule ip nat postrouting handle " + handle
                                + " $(nft -s -a list chain ip nat postrouting | sed -n"
                                + " 's/^[[:space:]]*\\(.*\\)masquerade\\( to [^ ]*\\)\\{0,1\\}\\( [a-z,-]*\\)\\{0,1\\}"
                                + "\\( comment \".*\"\\)\\{0,1\\} # handle " + handle
                                + "$/\\1snat to 203.0.113.10\\4/p') && nft delete rule ip nat postrouting handle"
                                + " " + handle);
    }

    @Test
    void shouldTranslateEachFamilyOfAnInetTable() {
        NftTable nat = new NftTable(NftConst.NFPROTO_INET, "nat");
        plans.vip("2001:db8:ff::10", 64, "wan0");
        rules.base(nat, "post", "nat", NftConst.NF_INET_POST_ROUTING, 100, ACCEPT)
                .rule(nat, "post", oifname("wan0"), other("masq"));
        List<String> both = Seen.on(host, plans.plan())
                .one("masquerade", Severity.WARNING)
                .remedy()
                .commands();
        assertEquals(2, both.size());
        assertTrue(both.getFirst().startsWith("nft insert rule inet nat post handle ")
                && both.getFirst().contains("snat ip6 to 2001:db8:ff:0:0:0:0:10"));
        assertTrue(both.getLast().contains("snat ip to 203.0.113.10")
                && both.getLast().contains(" && nft delete rule inet nat post handle "));
    }

    @Test
    void shouldNotGuessWhatToTranslateTo() {
        rules.rule(NAT, "postrouting", other("masq"));
        Seen.on(host).advised("masquerade", Severity.WARNING);
        rules.without(NAT, "postrouting").rule(NAT, "postrouting", oifname("dmz0"), other("masq"));
        Seen.on(host).advised("masquerade", Severity.WARNING);
        plans.vips.clear();
        Seen.on(host, plans.plan()).none("masquerade");
    }

    @Test
    void shouldMendRulesOfIptablesByIptables() {
        NftTable nat = new NftTable(NftConst.NFPROTO_IPV4, "nat");
        NftTable filter = new NftTable(NftConst.NFPROTO_IPV4, "filter");
        rules.chain(nat, "POSTROUTING").rule(nat, "POSTROUTING", oifname("wan0"), target("MASQUERADE"));
        rules.base(filter, "FORWARD", "filter", NftConst.NF_INET_FORWARD, 0, ACCEPT)
                .chain(filter, "LOCAL")
                .rule(filter, "FORWARD", jump("LOCAL"))
                .rule(filter, "LOCAL", target("REJECT"));
        Seen seen = Seen.on(host);
        seen.mendedBy(
                "masquerade",
                Severity.WARNING,
                "iptables-save -t nat | sed '/^-A POSTROUTING /s/-j MASQUERADE.*/-j SNAT --to-source 203.0.113.10/'"
                        + " | iptables-restore -T nat");
        seen.mendedBy(
                "reject",
                Severity.WARNING,
                "iptables-save -t filter | sed '/^-A LOCAL /s/-j REJECT.*/-j DROP/' | iptables-restore -T filter");
    }

    @Test
    void shouldDropWhereForwardedPacketsAreRejected() {
        rules.rule(FILTER, "input", other("reject"));
        Seen.on(host).none("reject");
        rules.chain(FILTER, "strangers")
                .rule(FILTER, "forward", iifname("wan0"), jump("strangers"))
                .rule(FILTER, "strangers", other("reject"));
        long handle = rules.lastHandle();
        Seen.on(host)
                .mendedBy(
                        "reject",
                        Severity.WARNING,
                        "nft insert rule inet filter strangers handle " + handle
                                + " $(nft -s -a list chain inet filter strangers | sed -n"
                                + " 's/^[[:space:]]*\\(.*\\)reject\\( with [a-z0-9 -]*\\)\\{0,1\\}"
                                + "\\( comment \".*\"\\)\\{0,1\\} # handle " + handle + "$/\\1drop\\3/p')"
                                + " && nft delete rule inet filter strangers handle " + handle);
    }

    @Test
    void shouldTakeFlowsBackFromAFlowtable() {
        rules.rule(FILTER, "forward", other("flow_offload"));
        Seen.on(host)
                .mendedBy(
                        "flowtable",
                        Severity.WARNING,
                        "nft delete rule inet filter forward handle " + rules.lastHandle());
        plans.fenced = false;
        Seen.on(host, plans.plan()).none("flowtable");
    }

    @Test
    void shouldWantTheLeaseWholeWhileTheDaemonRuns() {
        host.running = DaemonExamsTest.healthy();
        Seen.on(host).advised("lease-damaged", Severity.ERROR);
        lease(true);
        Seen.on(host).none("lease-damaged");
        rules.without(LEASE, "transit");
        Finding empty = Seen.on(host).one("lease-damaged", Severity.ERROR);
        assertTrue(empty.what().contains("chain inet twinwall transit is empty"), empty::toString);
        plans.vip("10.99.1.1", 24, "sync0");
        Finding unbound = Seen.on(host, plans.plan()).one("lease-damaged", Severity.ERROR);
        assertTrue(unbound.what().contains("is bound to [lan0, wan0], not to"), unbound::toString);
    }

    @Test
    void shouldTellTablesOfALeaseThatNobodyRenews() {
        lease(false);
        Seen.on(host)
                .mendedBy(
                        "lease-orphaned",
                        Severity.ERROR,
                        "nft delete table netdev twinwall",
                        "nft delete table inet twinwall");
    }

    @Test
    void shouldNoteALeaseThatWasLeftOpen() {
        lease(true);
        Seen.on(host)
                .none("lease-orphaned")
                .mendedBy("lease-left", Severity.NOTE, "twinwall run --config /etc/twinwall/twinwall.toml");
    }

    private void lease(boolean open) {
        SetContent content = open ? content(4, member(NftData.hostU32(0))) : content(4);
        List<NftExpr> drop = verdict(DROP);
        rules.base(LEASE4, "renew", NftConst.NF_NETDEV_INGRESS, "lo")
                .base(LEASE4, "hear", NftConst.NF_NETDEV_INGRESS, "lan0", "wan0")
                .base(LEASE, "renew", NftConst.NF_INET_INGRESS, "lo")
                .base(LEASE, "transit", NftConst.NF_INET_FORWARD)
                .set(LEASE4, "lease", content)
                .set(LEASE, "lease", content)
                .rule(LEASE4, "renew", drop)
                .rule(LEASE4, "hear", drop)
                .rule(LEASE, "renew", drop)
                .rule(LEASE, "transit", lookup("lease", NftExpr.NOTHING), drop);
    }

    @Test
    void shouldWantTheSetsThatAreMirrored() {
        plans.sets.add(new NftSetName(FILTER, "bans"));
        Seen.on(host, plans.plan()).advised("set-missing", Severity.WARNING);
        rules.set(FILTER, "bans", content(4));
        Seen.on(host, plans.plan()).none("set-missing");
    }

    @Test
    void shouldNoteRulesThatItCannotSee() {
        rules.legacy();
        Seen.on(host).advised("iptables-legacy", Severity.NOTE);
    }
}
