/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.linux.SocketFilter;
import io.twinwall.linux.SocketFilter.Place;
import io.twinwall.netlink.NlConst;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Writes the part of the {@link FlowRules} that a socket filter can know: it throws away the events, ends too, of exactly
 * the flows that are {@link FlowRules#NEVER} held, by what cannot change in a flow's life, so that nothing is lost that the
 * table would want. A message in which something is not where it is looked for is kept.
 *
 * <p>Instructions: at most 63 for a rule, so {@link FlowRules#RULES_MAX} rules fit ({@code BPF_MAXINSNS} is 4,096).
 */
final class EventFilter {
    private static final int SUBSYSTEM_OFFSET = NlConst.NLMSG_TYPE_OFFSET + 1;
    private static final int ATTRIBUTES_OFFSET = NlConst.NLMSG_HDRLEN + NlConst.NFGENMSG_BYTES;
    private static final int VALUE = 4;

    // Words of the program's memory.
    private static final int FAMILY = 0;
    private static final int PROTOCOL = 1;
    private static final int PORT = 2;
    private static final int ZONE = 3;
    private static final int SRC_AT = 4;
    private static final int DST_AT = 5;
    private static final int NEST = 6;
    private static final int INNER = 7;

    private final SocketFilter program = new SocketFilter();
    private final Place keep = new Place();

    private EventFilter() {}

    /** The program, or nothing when it would throw nothing away. */
    static Optional<SocketFilter> of(FlowRules rules) {
        boolean drops = rules.rules().stream().anyMatch(rule -> !rule.travels() && !rule.changeable());
        return drops ? Optional.of(new EventFilter().write(rules.rules())) : Optional.empty();
    }

    private SocketFilter write(List<FlowRule> rules) {
        program.loadByte(SUBSYSTEM_OFFSET)
                .skipIfEqual(NlConst.NFNL_SUBSYS_CTNETLINK, 1)
                .jump(keep);
        addresses();
        port();
        zone();
        rules.forEach(this::rule);
        return program.place(keep).keep();
    }

    private void addresses() {
        Place ipv6 = new Place();
        Place found = new Place();
        program.loadByte(NlConst.NLMSG_HDRLEN).store(FAMILY);
        top(CTA_TUPLE_ORIG)
                .store(NEST)
                .findNested(CTA_TUPLE_IP)
                .ifEqual(0, keep)
                .store(INNER);
        program.load(FAMILY).unlessEqual(FlowImage.AF_INET, ipv6);
        address(CTA_IP_V4_SRC, SRC_AT);
        address(CTA_IP_V4_DST, DST_AT);
        program.jump(found).place(ipv6).skipIfEqual(FlowImage.AF_INET6, 1).jump(keep);
        address(CTA_IP_V6_SRC, SRC_AT);
        address(CTA_IP_V6_DST, DST_AT);
        program.place(found);
    }

    private void address(int type, int word) {
        program.load(INNER).findNested(type).ifEqual(0, keep).store(word);
    }

    /** Of a protocol without ports, 0. */
    private void port() {
        Place none = new Place();
        program.load(NEST).findNested(CTA_TUPLE_PROTO).ifEqual(0, keep).store(INNER);
        program.findNested(CTA_PROTO_NUM).ifEqual(0, keep).pointToLoaded();
        program.loadByteThere(VALUE).store(PROTOCOL);
        program.load(INNER).findNested(CTA_PROTO_DST_PORT).ifEqual(0, none).pointToLoaded();
        program.loadHalfThere(VALUE).place(none).store(PORT);
    }

    /** As {@link CtImage} reads it: of both directions, else of the original one, else of the reply. */
    private void zone() {
        Place known = new Place();
        Place direction = new Place();
        Place reply = new Place();
        program.loadValue(ATTRIBUTES_OFFSET).findAttribute(CTA_ZONE).ifEqual(0, direction);
        program.pointToLoaded().loadHalfThere(VALUE).jump(known);
        program.place(direction).load(NEST).findNested(CTA_TUPLE_ZONE).ifEqual(0, reply);
        program.pointToLoaded().loadHalfThere(VALUE).ifEqual(0, reply).jump(known);
        program.place(reply);
        top(CTA_TUPLE_REPLY).findNested(CTA_TUPLE_ZONE).ifEqual(0, known).pointToLoaded();
        program.loadHalfThere(VALUE).place(known).store(ZONE);
    }

    /** Loads where the attribute is, of those at the message's top. */
    private SocketFilter top(int type) {
        return program.loadValue(ATTRIBUTES_OFFSET).findAttribute(type).ifEqual(0, keep);
    }

    private void rule(FlowRule rule) {
        if (rule.changeable() && !rule.travels()) {
            // It holds a flow back for a time: what comes behind it counts.
            return;
        }
        Place next = new Place();
        if (rule.protocol() != FlowRule.ANY) {
            program.load(PROTOCOL).unlessEqual(rule.protocol(), next);
        }
        if (rule.portMin() != FlowRule.ANY) {
            program.load(PORT).unlessWithin(rule.portMin(), rule.portMax(), next);
        }
        if (rule.zone() != FlowRule.ANY) {
            program.load(ZONE).unlessEqual(rule.zone(), next);
        }
        rule.source().ifPresent(net -> within(net, SRC_AT, next));
        rule.destination().ifPresent(net -> within(net, DST_AT, next));
        rule.either().ifPresent(net -> {
            Place other = new Place();
            Place met = new Place();
            within(net, SRC_AT, other);
            program.jump(met).place(other);
            within(net, DST_AT, next);
            program.place(met);
        });
        if (rule.travels()) {
            program.jump(keep);
        } else {
            program.drop();
        }
        program.place(next);
    }

    private void within(FlowRule.Net net, int word, Place otherwise) {
        program.load(FAMILY).unlessEqual(FlowRules.family(net.address()), otherwise);
        program.pointTo(word);
        ByteBuffer address = ByteBuffer.wrap(net.address().getAddress());
        for (int bits = net.length(), at = VALUE; bits > 0; bits -= 32, at += 4) {
            program.loadWordThere(at);
            if (bits < 32) {
                program.and(-1 << (32 - bits));
            }
            program.unlessEqual(address.getInt(), otherwise);
        }
    }
}
