/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlConst;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class DumpRequestTest {
    private static final int AF_UNSPEC = 0;
    private static final int PLAIN_BYTES = NlConst.NLMSG_HDRLEN + NlConst.NFGENMSG_BYTES;

    /** Offset of the value of {@code CTA_PROTO_NUM}: behind the heads of two nests and its own. */
    private static final int PROTO_AT = PLAIN_BYTES + 12;

    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1024]);
    private final DumpRequest request = new DumpRequest();

    private static FlowRule.Builder skip() {
        return new FlowRule.Builder(false);
    }

    private static FlowRule.Builder sync() {
        return new FlowRule.Builder(true);
    }

    private void asks(int family, int protocol, FlowRule.Builder... rules) {
        request.rules(
                FlowRules.of(Arrays.stream(rules).map(FlowRule.Builder::build).toList(), () -> 0));
        asks(family, protocol, Arrays.toString(rules));
    }

    private void asks(int family, int protocol, String why) {
        CtEncoder encoder = new CtEncoder().wrap(buffer, 0, 1024);
        request.write(encoder, 1);
        assertEquals(family, buffer.getByte(NlConst.NLMSG_HDRLEN), why);
        int asked = encoder.length() == PLAIN_BYTES ? FlowRule.ANY : buffer.getByte(PROTO_AT) & 0xff;
        assertEquals(protocol, asked, why);
    }

    @Test
    void shouldAskForAllThatMayTravel() {
        FlowRule.Builder noIpv6 = skip().either(FlowRulesTest.net("::/0"));
        FlowRule.Builder noIpv4 = skip().source(FlowRulesTest.net("0.0.0.0/0"));
        FlowRule.Builder tcp = sync().protocol(IPPROTO_TCP);
        asks(AF_UNSPEC, FlowRule.ANY);
        asks(AF_UNSPEC, FlowRule.ANY, skip().protocol(IPPROTO_UDP));
        asks(AF_UNSPEC, FlowRule.ANY, tcp, skip());
        asks(AF_UNSPEC, FlowRule.ANY, skip().either(FlowRulesTest.net("8000::/1")));
        asks(NlConst.AF_INET, FlowRule.ANY, noIpv6);
        asks(NlConst.AF_INET6, FlowRule.ANY, noIpv4);
        asks(NlConst.AF_INET, IPPROTO_TCP, noIpv6, tcp, skip());
        asks(
                NlConst.AF_INET,
                FlowRule.ANY,
                noIpv6,
                tcp,
                sync().protocol(IPPROTO_UDP).mark(1, 1),
                skip());
        asks(
                NlConst.AF_INET,
                IPPROTO_TCP,
                sync().protocol(IPPROTO_TCP).source(FlowRulesTest.net("10.0.0.0/8")),
                skip());
        // An exception before it, a condition beside it, or one that may end: some of it may travel.
        asks(AF_UNSPEC, FlowRule.ANY, sync().zone(5), noIpv6);
        asks(AF_UNSPEC, FlowRule.ANY, skip().either(FlowRulesTest.net("::/0")).zone(1));
        asks(AF_UNSPEC, FlowRule.ANY, skip().either(FlowRulesTest.net("::/0")).mark(1, 1));
    }

    @Test
    void shouldAskForAllWhenTheKernelRefusedLess() {
        asks(NlConst.AF_INET, FlowRule.ANY, skip().either(FlowRulesTest.net("::/0")));
        request.forAll();
        asks(AF_UNSPEC, FlowRule.ANY, "refused");
    }
}
