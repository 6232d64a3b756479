/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static io.twinwall.doctor.Rules.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftMember;
import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What becomes of one packet, UDP from 10.99.0.2:47900 to 10.99.0.1:47900 by sync0, in rulesets of every kind. */
class WalkTest {
    private static final int IN = NftConst.NF_INET_LOCAL_IN;

    private final RtLink sync0 = new RtLink(4, "sync0", RtConst.IFF_UP, true, 6, 1500, "", false);
    private final Packet packet = Packet.received(
            InetAddress.ofLiteral("10.99.0.2"), 47900, InetAddress.ofLiteral("10.99.0.1"), 47900, sync0);
    private final Rules rules = new Rules().base(FILTER, "input", "filter", IN, 0, DROP);

    @Test
    void shouldFollowThePolicyWhereNoRuleMatches() {
        assertEquals(Answer.NO, passes());
        assertEquals(List.of("inet filter input"), names());
        assertEquals(
                Answer.YES,
                Walk.pass(rules.ruleset(), packet, IN, priority -> priority > 0).passes());
        assertEquals(
                Answer.YES,
                Walk.pass(rules.ruleset(), packet, NftConst.NF_INET_FORWARD, priority -> true)
                        .passes());
    }

    @Test
    void shouldMatchByNameAddressAndPort() {
        rules.rule(FILTER, "input", iifname("lan0"), verdict(ACCEPT));
        rules.rule(FILTER, "input", iifname("sync0"), dport(53), verdict(ACCEPT));
        rules.rule(FILTER, "input", saddr("10.99.0.3"), verdict(ACCEPT));
        assertEquals(Answer.NO, passes());
        rules.rule(FILTER, "input", iifname("sync0"), saddr("10.99.0.2"), dportIn(47900, 47901), verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
    }

    @Test
    void shouldMatchTheBeginningOfANameAndAnIndex() {
        rules.rule(
                FILTER,
                "input",
                List.of(
                        new NftExpr.Meta(NftConst.NFT_META_IIFNAME, 0),
                        new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.name("sync", 4)),
                        new NftExpr.Meta(NftConst.NFT_META_IIF, 16),
                        new NftExpr.Cmp(16, NftConst.NFT_CMP_EQ, NftData.hostU32(4))),
                verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
    }

    @Test
    void shouldLookIntoSetsAndIntervals() {
        rules.set(FILTER, "ports", content(2, member(NftData.u16be(53)), member(NftData.u16be(47900))));
        rules.set(FILTER, "nets", intervals(4, ipv4("10.0.0.0"), ipv4("10.100.0.0")));
        rules.rule(
                FILTER,
                "input",
                load(NftConst.NFT_PAYLOAD_NETWORK_HEADER, 12, 4),
                lookup("nets", NftExpr.NOTHING),
                load(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2),
                lookup("ports", NftExpr.NOTHING),
                verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
    }

    @Test
    void shouldNotKnowWhatASetHoldsThatIsTooLarge() {
        rules.set(FILTER, "ports", new SetContent(2, false, List.of(member(NftData.u16be(53))), false));
        rules.rule(
                FILTER,
                "input",
                load(NftConst.NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2),
                lookup("ports", NftExpr.NOTHING),
                verdict(ACCEPT));
        assertEquals(Answer.PERHAPS, passes());
    }

    @Test
    void shouldFollowVerdictMapsIntoChainsAndBack() {
        rules.set(
                FILTER,
                "ways",
                content(
                        NftConst.IFNAMSIZ,
                        member(name("sync0"), new NftExpr.Verdict(NftConst.NFT_JUMP, "link")),
                        member(name("lan0"), new NftExpr.Verdict(DROP, ""))));
        rules.chain(FILTER, "link");
        rules.rule(
                FILTER,
                "input",
                List.of(new NftExpr.Meta(NftConst.NFT_META_IIFNAME, 0)),
                lookup("ways", NftExpr.VERDICT));
        rules.rule(FILTER, "link", dport(53), verdict(ACCEPT));
        rules.rule(FILTER, "link", verdict(NftConst.NFT_RETURN));
        assertEquals(Answer.NO, passes());
        rules.rule(FILTER, "input", verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
    }

    @Test
    void shouldNotComeBackFromAGoto() {
        rules.chain(FILTER, "link");
        rules.rule(FILTER, "input", List.of(new NftExpr.Verdict(NftConst.NFT_GOTO, "link")));
        rules.rule(FILTER, "input", verdict(ACCEPT));
        assertEquals(Answer.NO, passes());
    }

    @Test
    void shouldBeUnsureOfWhatDependsOnMore() {
        rules.rule(FILTER, "input", other("limit"), verdict(ACCEPT));
        assertEquals(Answer.PERHAPS, passes());
        rules.rule(FILTER, "input", iifname("sync0"), other("counter"), other("log"), verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
    }

    @Test
    void shouldBeUnsureOfWhatWasLoadedByTheUnknown() {
        rules.rule(
                FILTER,
                "input",
                iifname("sync0"),
                other("fib"),
                List.of(new NftExpr.Cmp(0, NftConst.NFT_CMP_EQ, NftData.hostU32(0))),
                verdict(ACCEPT));
        assertEquals(Answer.PERHAPS, passes());
    }

    @Test
    void shouldTakeEveryBaseChainIntoAccount() {
        rules.rule(FILTER, "input", verdict(ACCEPT));
        assertEquals(Answer.YES, passes());
        rules.base(NAT, "late", "filter", IN, 10, ACCEPT).rule(NAT, "late", other("reject"));
        assertEquals(Answer.NO, passes());
        assertEquals(List.of("ip nat late"), names());
    }

    @Test
    void shouldTellStatesApart() {
        rules.rule(FILTER, "input", ctState(NftConst.NF_CT_STATE_ESTABLISHED_BIT), verdict(ACCEPT));
        assertEquals(Answer.PERHAPS, passes());
        assertEquals(Answer.NO, passesAs(NftConst.NF_CT_STATE_NEW_BIT));
        assertEquals(Answer.YES, passesAs(NftConst.NF_CT_STATE_ESTABLISHED_BIT));
    }

    @Test
    void shouldSeeWhereAPacketIsKeptFromTracking() {
        rules.base(RAW, "prerouting", "filter", NftConst.NF_INET_PRE_ROUTING, -300, ACCEPT);
        assertEquals(Answer.NO, untracked());
        rules.rule(RAW, "prerouting", iifname("lan0"), other("notrack"));
        assertEquals(Answer.NO, untracked());
        rules.rule(RAW, "prerouting", other("limit"), other("notrack"));
        assertEquals(Answer.PERHAPS, untracked());
        rules.rule(RAW, "prerouting", iifname("sync0"), target("NOTRACK"));
        assertEquals(Answer.YES, untracked());
    }

    @Test
    void shouldNotBeSureOfNotrackBehindWhatMayEndTheWay() {
        rules.base(RAW, "prerouting", "filter", NftConst.NF_INET_PRE_ROUTING, -300, ACCEPT);
        rules.rule(RAW, "prerouting", other("limit"), verdict(ACCEPT));
        rules.rule(RAW, "prerouting", other("notrack"));
        assertEquals(Answer.PERHAPS, untracked());
    }

    @Test
    void shouldEndInARingOfChains() {
        rules.chain(FILTER, "a").chain(FILTER, "b");
        rules.rule(FILTER, "input", jump("a"));
        rules.rule(FILTER, "a", jump("b"));
        rules.rule(FILTER, "b", jump("a"));
        assertEquals(Answer.NO, passes());
        assertEquals(3, rules.ruleset().reachable(IN).size());
    }

    @Test
    void shouldFindKeysInConcatenationsOfRanges() {
        NftMember range = new NftMember(
                NftData.of((byte) 10, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 50, (byte) 0, (byte) 0),
                NftData.of((byte) 10, (byte) 9, (byte) 0, (byte) 0, (byte) 0, (byte) 60, (byte) 0, (byte) 0),
                false,
                Optional.empty());
        SetContent set = new SetContent(8, false, List.of(range), true);
        assertEquals(Answer.YES, set.find(concatenated(10, 5, 55)).answer());
        assertEquals(Answer.NO, set.find(concatenated(10, 5, 61)).answer());
        assertEquals(Answer.NO, set.find(concatenated(10, 10, 55)).answer());
    }

    @Test
    void shouldCountTheEndOfAnIntervalAsOutsideUnlessAnotherBeginsThere() {
        SetContent one = intervals(2, NftData.u16be(10), NftData.u16be(20));
        assertEquals(Answer.YES, one.find(NftData.u16be(19)).answer());
        assertEquals(Answer.NO, one.find(NftData.u16be(20)).answer());
        assertEquals(Answer.NO, one.find(NftData.u16be(9)).answer());
        SetContent two = intervals(2, NftData.u16be(10), NftData.u16be(20), NftData.u16be(20), NftData.u16be(30));
        assertEquals(Answer.YES, two.find(NftData.u16be(20)).answer());
        SetContent open = intervals(2, NftData.u16be(10));
        assertEquals(Answer.YES, open.find(NftData.u16be(60_000)).answer());
    }

    private static NftData concatenated(int first, int second, int port) {
        return NftData.of((byte) first, (byte) second, (byte) 0, (byte) 0, (byte) 0, (byte) port, (byte) 0, (byte) 0);
    }

    private static List<NftExpr> load(int base, int offset, int bytes) {
        return List.of(new NftExpr.Payload(base, offset, bytes, 0));
    }

    private static NftData ipv4(String address) {
        return NftData.of(InetAddress.ofLiteral(address).getAddress());
    }

    private static NftData name(String name) {
        return NftData.name(name, NftConst.IFNAMSIZ);
    }

    private Answer passes() {
        return Walk.pass(rules.ruleset(), packet, IN, priority -> true).passes();
    }

    private Answer passesAs(int state) {
        return Walk.pass(rules.ruleset(), packet.inState(Optional.of(state)), IN, priority -> true)
                .passes();
    }

    private Answer untracked() {
        return Walk.pass(rules.ruleset(), packet, NftConst.NF_INET_PRE_ROUTING, priority -> true)
                .untracked();
    }

    private List<String> names() {
        return Walk.pass(rules.ruleset(), packet, IN, priority -> true).dropping().stream()
                .map(Object::toString)
                .toList();
    }
}
