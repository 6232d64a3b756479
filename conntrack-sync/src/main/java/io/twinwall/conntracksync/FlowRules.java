/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;

/**
 * The rules on which flows are replicated, made ready to be asked for every event: plain arrays, nothing allocated. Three
 * answers, since a rule may look at what changes in a flow's life: a flow that no change could make travel is not held at
 * all, one that does not travel now is held and not replicated, so that it can travel whole when that changes.
 *
 * <p>Addresses are two longs, those of IPv4 in the upper half of the first. Immutable.
 */
public final class FlowRules {
    /** A socket filter in the kernel has room for so many. */
    public static final int RULES_MAX = 60;

    /** The flow is replicated. */
    static final int TRAVELS = 0;

    /** Not now: hold it. */
    static final int WAITS = 1;

    /** Neither now nor ever: do not hold it. */
    static final int NEVER = 2;

    /** Everything travels. */
    public static final FlowRules NONE = new FlowRules(List.of(), () -> 0);

    /** A state that is in no rule. */
    static final int NO_STATE = 31;

    private static final int NETS = 3;
    private static final int SOURCE = 0;
    private static final int DESTINATION = 1;
    private static final int EITHER = 2;

    private final List<FlowRule> rules;
    private final EpochClock clock;
    private final boolean changeable;
    private final boolean ages;
    private final boolean nets;

    private final boolean[] travels;
    private final boolean[] changes;
    private final int[] protocol;
    private final int[] portMin;
    private final int[] portMax;
    private final int[] zone;
    private final int[] tcpStates;
    private final int[] mark;
    private final int[] markMask;
    private final long[] youngerThanMs;

    /** Per rule: of source, destination and either the family (0: any address), and network and mask in two longs each. */
    private final int[] netFamily;

    private final long[] net;

    private FlowRules(List<FlowRule> rules, EpochClock clock) {
        this.rules = List.copyOf(rules);
        this.clock = clock;
        int count = rules.size();
        changeable = rules.stream().anyMatch(FlowRule::changeable);
        ages = rules.stream().anyMatch(rule -> rule.youngerThanS() > 0);
        travels = new boolean[count];
        changes = new boolean[count];
        protocol = rules.stream().mapToInt(FlowRule::protocol).toArray();
        portMin = rules.stream().mapToInt(FlowRule::portMin).toArray();
        portMax = rules.stream().mapToInt(FlowRule::portMax).toArray();
        zone = rules.stream().mapToInt(FlowRule::zone).toArray();
        tcpStates = rules.stream().mapToInt(FlowRule::tcpStates).toArray();
        mark = rules.stream().mapToInt(FlowRule::mark).toArray();
        markMask = rules.stream().mapToInt(FlowRule::markMask).toArray();
        youngerThanMs =
                rules.stream().mapToLong(rule -> rule.youngerThanS() * 1000L).toArray();
        netFamily = new int[count * NETS];
        net = new long[count * NETS * 4];
        for (int i = 0; i < count; i++) {
            FlowRule rule = rules.get(i);
            travels[i] = rule.travels();
            changes[i] = rule.changeable();
            net(i * NETS + SOURCE, rule.source());
            net(i * NETS + DESTINATION, rule.destination());
            net(i * NETS + EITHER, rule.either());
        }
        boolean any = false;
        for (int family : netFamily) {
            any |= family != 0;
        }
        nets = any;
    }

    /**
     * The rules in their order.
     *
     * @param clock by which the kernel stamps the start of flows: milliseconds of the epoch
     */
    public static FlowRules of(List<FlowRule> rules, EpochClock clock) {
        return rules.isEmpty() ? NONE : new FlowRules(rules, clock);
    }

    private void net(int at, Optional<FlowRule.Net> given) {
        given.ifPresent(one -> {
            byte[] address = one.address().getAddress();
            netFamily[at] = family(one.address());
            ByteBuffer bits = ByteBuffer.allocate(16).put(address).rewind();
            net[4 * at] = bits.getLong();
            net[4 * at + 1] = bits.getLong();
            net[4 * at + 2] = mask(one.length());
            net[4 * at + 3] = mask(one.length() - 64);
        });
    }

    static int family(InetAddress address) {
        return address.getAddress().length == 4 ? FlowImage.AF_INET : FlowImage.AF_INET6;
    }

    private static long mask(int length) {
        return length <= 0 ? 0 : -1L << (64 - Math.min(length, 64));
    }

    /** As they were given. */
    List<FlowRule> rules() {
        return rules;
    }

    boolean isEmpty() {
        return rules.isEmpty();
    }

    /** True when a flow may pass from one answer to another: {@link #judge} wants to know its mark, state and age. */
    boolean changeable() {
        return changeable;
    }

    /** True when flows begin to travel by growing old. */
    boolean ages() {
        return ages;
    }

    /** The wall clock, in milliseconds of the epoch. */
    long epochMs() {
        return clock.time();
    }

    /**
     * Whether the flow travels.
     *
     * @param mark as it is now, 0 when unknown
     * @param tcpState {@code TCP_CONNTRACK_*}, or {@link #NO_STATE}
     * @param ageMs {@code Long.MAX_VALUE} for one whose age matters no more
     */
    int judge(FlowImage image, int mark, int tcpState, long ageMs) {
        DirectBuffer buffer = image.buffer();
        int family = image.family();
        long srcHigh = 0;
        long srcLow = 0;
        long dstHigh = 0;
        long dstLow = 0;
        if (nets) {
            srcHigh = high(buffer, image.origSrcOffset(), family);
            srcLow = low(buffer, image.origSrcOffset(), family);
            dstHigh = high(buffer, image.origDstOffset(), family);
            dstLow = low(buffer, image.origDstOffset(), family);
        }
        boolean decided = false;
        boolean maySometime = false;
        for (int i = 0; i < travels.length; i++) {
            if (!concerns(i, image) || (nets && !concerns(i, family, srcHigh, srcLow, dstHigh, dstLow))) {
                continue;
            }
            if (!changes[i]) {
                return settle(decided, travels[i], maySometime);
            }
            maySometime |= travels[i];
            if (!decided && concernsNow(i, mark, tcpState, ageMs)) {
                if (travels[i]) {
                    return TRAVELS;
                }
                decided = true;
            }
        }
        return settle(decided, true, maySometime);
    }

    /** The answer when {@code last} is what holds for the flow in whatever state; decided: a rule before says no, now. */
    private static int settle(boolean decided, boolean last, boolean maySometime) {
        if (last) {
            return decided ? WAITS : TRAVELS;
        }
        return maySometime ? WAITS : NEVER;
    }

    private boolean concerns(int rule, FlowImage image) {
        return (protocol[rule] == FlowRule.ANY || protocol[rule] == image.l4proto())
                && (zone[rule] == FlowRule.ANY || zone[rule] == image.zone())
                && (portMin[rule] == FlowRule.ANY
                        || (image.origDstPort() >= portMin[rule] && image.origDstPort() <= portMax[rule]));
    }

    private boolean concerns(int rule, int family, long srcHigh, long srcLow, long dstHigh, long dstLow) {
        int at = rule * NETS;
        return in(at + SOURCE, family, srcHigh, srcLow)
                && in(at + DESTINATION, family, dstHigh, dstLow)
                && (in(at + EITHER, family, srcHigh, srcLow) || in(at + EITHER, family, dstHigh, dstLow));
    }

    private boolean in(int at, int family, long high, long low) {
        int word = 4 * at;
        return netFamily[at] == 0
                || (netFamily[at] == family
                        && (high & net[word + 2]) == net[word]
                        && (low & net[word + 3]) == net[word + 1]);
    }

    private boolean concernsNow(int rule, int nowMark, int tcpState, long ageMs) {
        return (nowMark & markMask[rule]) == mark[rule]
                && (tcpStates[rule] == 0 || (tcpStates[rule] >>> tcpState & 1) != 0)
                && (youngerThanMs[rule] == 0 || ageMs < youngerThanMs[rule]);
    }

    private static long high(DirectBuffer buffer, int offset, int family) {
        return family == FlowImage.AF_INET
                ? (long) buffer.getInt(offset, ByteOrder.BIG_ENDIAN) << 32
                : buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
    }

    private static long low(DirectBuffer buffer, int offset, int family) {
        return family == FlowImage.AF_INET ? 0 : buffer.getLong(offset + 8, ByteOrder.BIG_ENDIAN);
    }
}
