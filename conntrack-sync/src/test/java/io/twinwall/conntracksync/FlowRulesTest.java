/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.conntracksync.FlowRules.NEVER;
import static io.twinwall.conntracksync.FlowRules.NO_STATE;
import static io.twinwall.conntracksync.FlowRules.TRAVELS;
import static io.twinwall.conntracksync.FlowRules.WAITS;
import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.flowtable.FlowImage;
import java.net.InetAddress;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FlowRulesTest {
    private static final FlowRule SKIP_REST = skip().build();
    private static final int SEEN_NOW = 0;

    private static FlowRule.Builder skip() {
        return new FlowRule.Builder(false);
    }

    private static FlowRule.Builder sync() {
        return new FlowRule.Builder(true);
    }

    static FlowRule.Net net(String text) {
        int slash = text.indexOf('/');
        return new FlowRule.Net(
                InetAddress.ofLiteral(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    private static FlowImage flow(int proto, String src, String dst, int dport) {
        byte[] from = InetAddress.ofLiteral(src).getAddress();
        byte[] to = InetAddress.ofLiteral(dst).getAddress();
        UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
        addresses.putBytes(0, from);
        addresses.putBytes(16, to);
        return new FlowImage()
                .clear()
                .family(from.length == 4 ? FlowImage.AF_INET : FlowImage.AF_INET6)
                .l4proto(proto)
                .orig(addresses, 0, 16, 40_000, dport);
    }

    private static FlowImage dns() {
        return flow(IPPROTO_UDP, "10.1.2.3", "192.0.2.7", 53);
    }

    private static FlowImage dns6() {
        return flow(IPPROTO_UDP, "2001:db8:1::1", "2001:db8:2::1", 53);
    }

    private static int judge(FlowImage flow, FlowRule... rules) {
        return judge(flow, 0, NO_STATE, SEEN_NOW, rules);
    }

    private static int judge(FlowImage flow, int mark, int state, long ageMs, FlowRule... rules) {
        return FlowRules.of(List.of(rules), () -> 0).judge(flow, mark, state, ageMs);
    }

    @Test
    void shouldLetEverythingTravelThatNoRuleConcerns() {
        assertEquals(TRAVELS, FlowRules.NONE.judge(dns(), 0, NO_STATE, SEEN_NOW));
        assertEquals(TRAVELS, judge(dns(), skip().protocol(IPPROTO_TCP).build()));
        assertEquals(NEVER, judge(dns(), SKIP_REST));
    }

    @Test
    void shouldLookAtEachCondition() {
        concerns(skip().protocol(IPPROTO_UDP), skip().protocol(IPPROTO_TCP));
        concerns(
                skip().protocol(IPPROTO_UDP).ports(53, 53),
                skip().protocol(IPPROTO_UDP).ports(54, 60));
        concerns(
                skip().protocol(IPPROTO_UDP).ports(50, 53),
                skip().protocol(IPPROTO_UDP).ports(0, 52));
        concerns(skip().source(net("10.0.0.0/8")), skip().source(net("192.0.2.0/24")));
        concerns(skip().source(net("10.1.2.3/32")), skip().source(net("10.1.2.2/32")));
        concerns(skip().source(net("0.0.0.0/0")), skip().source(net("::/0")));
        concerns(skip().destination(net("192.0.2.0/24")), skip().destination(net("10.0.0.0/8")));
        concerns(skip().either(net("10.0.0.0/8")), skip().either(net("11.0.0.0/8")));
        concerns(skip().either(net("192.0.2.4/30")), skip().either(net("192.0.2.8/30")));
        concerns(skip().zone(0), skip().zone(1));
    }

    private static void concerns(FlowRule.Builder does, FlowRule.Builder doesNot) {
        assertEquals(NEVER, judge(dns(), does.build()), does.build().toString());
        assertEquals(TRAVELS, judge(dns(), doesNot.build()), doesNot.build().toString());
    }

    @Test
    void shouldKeepTheFamiliesApart() {
        assertEquals(NEVER, judge(dns6(), skip().source(net("2001:db8:1::/48")).build()));
        assertEquals(
                TRAVELS, judge(dns6(), skip().source(net("2001:db8:2::/48")).build()));
        assertEquals(
                NEVER, judge(dns6(), skip().either(net("2001:db8:2::1/128")).build()));
        assertEquals(
                TRAVELS, judge(dns6(), skip().either(net("2001:db8:2::2/128")).build()));
        assertEquals(TRAVELS, judge(dns6(), skip().source(net("0.0.0.0/0")).build()));
        // 2001:db8:1::/32 as a number is no net of IPv4.
        assertEquals(TRAVELS, judge(dns6(), skip().source(net("32.1.13.184/32")).build()));
        assertEquals(NEVER, judge(dns6(), skip().source(net("::/0")).build()));
    }

    @Test
    void shouldFindTheZoneOfWhicheverDirection() {
        for (int dir : new int[] {FlowImage.ZONE_DIR_ORIG, FlowImage.ZONE_DIR_REPLY, FlowImage.ZONE_DIR_BOTH}) {
            FlowImage zoned = dns().zone(9, dir);
            assertEquals(NEVER, judge(zoned, skip().zone(9).build()));
            assertEquals(TRAVELS, judge(zoned, skip().zone(0).build()));
        }
    }

    @Test
    void shouldWantAllConditionsOfATable() {
        FlowRule both = skip().protocol(IPPROTO_UDP).source(net("10.0.0.0/8")).build();
        assertEquals(NEVER, judge(dns(), both));
        assertEquals(TRAVELS, judge(flow(IPPROTO_TCP, "10.1.2.3", "192.0.2.7", 53), both));
        assertEquals(TRAVELS, judge(flow(IPPROTO_UDP, "11.1.2.3", "192.0.2.7", 53), both));
    }

    @Test
    void shouldLetTheFirstRuleDecide() {
        FlowRule lan = sync().source(net("10.1.0.0/16")).build();
        FlowRule udp = skip().protocol(IPPROTO_UDP).build();
        assertEquals(TRAVELS, judge(dns(), lan, udp));
        assertEquals(NEVER, judge(dns(), udp, lan));
        assertEquals(NEVER, judge(flow(IPPROTO_UDP, "10.2.0.1", "192.0.2.7", 53), lan, udp));
        assertEquals(TRAVELS, judge(flow(IPPROTO_TCP, "10.2.0.1", "192.0.2.7", 53), lan, udp));
    }

    @Test
    void shouldHoldWhatMayTravelLater() {
        FlowRule closing = skip().tcpStates(1 << TCP_CONNTRACK_TIME_WAIT | 1 << TCP_CONNTRACK_CLOSE)
                .build();
        FlowRule marked = skip().mark(0x10, 0xf0).build();
        FlowRule young = skip().youngerThanS(30).build();
        FlowImage tcp = flow(IPPROTO_TCP, "10.1.2.3", "192.0.2.7", 443);
        assertEquals(WAITS, judge(tcp, 0, TCP_CONNTRACK_TIME_WAIT, SEEN_NOW, closing));
        assertEquals(TRAVELS, judge(tcp, 0, TCP_CONNTRACK_ESTABLISHED, SEEN_NOW, closing));
        assertEquals(TRAVELS, judge(dns(), 0, NO_STATE, SEEN_NOW, closing));
        assertEquals(WAITS, judge(tcp, 0x1f, NO_STATE, SEEN_NOW, marked));
        assertEquals(TRAVELS, judge(tcp, 0x2f, NO_STATE, SEEN_NOW, marked));
        assertEquals(WAITS, judge(tcp, 0, NO_STATE, 29_999, young));
        assertEquals(TRAVELS, judge(tcp, 0, NO_STATE, 30_000, young));
    }

    @Test
    void shouldNotHoldWhatNoChangeCouldMakeTravel() {
        FlowRule marked = sync().mark(1, -1).build();
        FlowRule young = skip().youngerThanS(30).build();
        assertEquals(WAITS, judge(dns(), 0, NO_STATE, SEEN_NOW, marked, SKIP_REST));
        assertEquals(TRAVELS, judge(dns(), 1, NO_STATE, SEEN_NOW, marked, SKIP_REST));
        assertEquals(NEVER, judge(dns(), 0, NO_STATE, SEEN_NOW, young, SKIP_REST));
        assertEquals(NEVER, judge(dns(), 0, NO_STATE, 60_000, young, SKIP_REST));
        // Held back while young, and then by its mark.
        assertEquals(WAITS, judge(dns(), 1, NO_STATE, SEEN_NOW, young, marked, SKIP_REST));
        assertEquals(WAITS, judge(dns(), 0, NO_STATE, 60_000, young, marked, SKIP_REST));
        assertEquals(TRAVELS, judge(dns(), 1, NO_STATE, 60_000, young, marked, SKIP_REST));
    }

    @Test
    void shouldGiveTheKernelAProgramOnlyWhereItWouldThrowSomethingAway() {
        assertTrue(EventFilter.of(FlowRules.NONE).isEmpty());
        assertTrue(
                EventFilter.of(rules(skip().mark(1, 1).build(), sync().build())).isEmpty());
        assertFalse(EventFilter.of(rules(skip().protocol(1).build())).isEmpty());
    }

    @Test
    void shouldFitTheMostAndLargestRulesIntoASocketFilter() {
        FlowRule large = skip().protocol(6)
                .ports(1, 2)
                .zone(5)
                .source(net("2001:db8::1/128"))
                .destination(net("2001:db8::2/128"))
                .either(net("2001:db8::/97"))
                .build();
        FlowRule[] most = new FlowRule[FlowRules.RULES_MAX];
        java.util.Arrays.fill(most, large);
        int instructions = EventFilter.of(rules(most)).orElseThrow().instructions();
        assertTrue(instructions <= 4096, () -> instructions + " instructions");
    }

    private static FlowRules rules(FlowRule... rules) {
        return FlowRules.of(List.of(rules), () -> 0);
    }
}
