/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.NlWriter;
import java.util.List;

/**
 * Asks the kernel for its entries, and for no more than may travel where one request can say that: a dump can be narrowed
 * to one family, and in it to one protocol ({@code CTA_FILTER}, Linux 5.8; older kernels show all). What comes is judged
 * all the same.
 */
final class DumpRequest {
    private static final int AF_UNSPEC = 0;
    private static final int PROTOCOLS = 256;
    private static final int CTA_FILTER_ORIG_FLAGS = 1;
    private static final int CTA_FILTER_REPLY_FLAGS = 2;

    /** {@code CTA_FILTER_FLAG(CTA_PROTO_NUM)}. */
    private static final int CTA_FILTER_F_PROTO_NUM = 1 << 3;

    private int family = AF_UNSPEC;
    private int protocol = FlowRule.ANY;

    /** From now on asks for what {@code rules} may let travel. */
    void rules(FlowRules rules) {
        forAll();
        boolean ipv4 = travels(rules.rules(), FlowImage.AF_INET);
        if (ipv4 != travels(rules.rules(), FlowImage.AF_INET6)) {
            family = ipv4 ? FlowImage.AF_INET : FlowImage.AF_INET6;
            protocol = only(rules.rules(), family);
        }
    }

    /** From now on asks for everything: the kernel did not understand. */
    void forAll() {
        family = AF_UNSPEC;
        protocol = FlowRule.ANY;
    }

    void write(CtEncoder request, int seq) {
        request.beginDump(seq, family);
        if (protocol != FlowRule.ANY) {
            NlWriter writer = request.writer();
            int tuple = writer.nestBegin(CTA_TUPLE_ORIG);
            int proto = writer.nestBegin(CTA_TUPLE_PROTO);
            writer.putU8(CTA_PROTO_NUM, protocol);
            writer.nestEnd(proto);
            writer.nestEnd(tuple);
            int filter = writer.nestBegin(CTA_FILTER);
            writer.putU32(CTA_FILTER_ORIG_FLAGS, CTA_FILTER_F_PROTO_NUM).putU32(CTA_FILTER_REPLY_FLAGS, 0);
            writer.nestEnd(filter);
        }
        request.end();
    }

    /** The one protocol of which flows may travel, or ANY. */
    private static int only(List<FlowRule> rules, int family) {
        int found = FlowRule.ANY;
        for (int each = 0; each < PROTOCOLS; each++) {
            if (travels(rules, family, each)) {
                if (found != FlowRule.ANY) {
                    return FlowRule.ANY;
                }
                found = each;
            }
        }
        return found;
    }

    private static boolean travels(List<FlowRule> rules, int family) {
        for (int each = 0; each < PROTOCOLS; each++) {
            if (travels(rules, family, each)) {
                return true;
            }
        }
        return false;
    }

    /** Whether any flow of this family and protocol may ever travel. */
    private static boolean travels(List<FlowRule> rules, int family, int protocol) {
        for (FlowRule rule : rules) {
            if (mayConcern(rule, family, protocol)) {
                if (rule.travels()) {
                    return true;
                }
                if (concernsAll(rule)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean mayConcern(FlowRule rule, int family, int protocol) {
        return (rule.protocol() == FlowRule.ANY || rule.protocol() == protocol)
                && rule.nets().allMatch(net -> FlowRules.family(net.address()) == family);
    }

    /** Of those that it may concern by family and protocol. */
    private static boolean concernsAll(FlowRule rule) {
        return !rule.changeable()
                && rule.portMin() == FlowRule.ANY
                && rule.zone() == FlowRule.ANY
                && rule.nets().allMatch(net -> net.length() == 0);
    }
}
