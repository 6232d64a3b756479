/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import java.util.Set;

/**
 * Bugs that can be planted, to show that the rules catch them. Each is made at a boundary of the product (kernel, disk,
 * network, clock, the call of the step function), never inside it.
 */
public enum Bug {
    NONE("nothing is planted", null),
    LEASE_OFF("the kernel never closes an armed gate", Rule.UNFENCED, Rule.STALE_GATE),
    NEVER_ARMED("every gate is opened without an end", Rule.NOT_ARMED),
    RENEWED_TOO_LATE(
            "the lease is opened and renewed after the moment it must not be",
            Rule.DEPOSED_FORWARDS,
            Rule.STALE_GATE,
            Rule.TWO_GATES),
    TERM_NOT_COMPARED("masters of older terms are heard as if their terms were ours", Rule.OLD_TERM),
    TERM_NOT_RAISED("a master claims with the term before its own", Rule.TERM_REUSED),
    TERM_LOST("the term is said to be stored and is not", Rule.TERM_REUSED),
    BARRIER_SKIPPED("a barrier is answered at once", Rule.SWITCHOVER_LOST_FLOW),
    PROBE_IGNORED("answers to probes for the addresses are dropped", Rule.PROBE_DISREGARDED),
    REACH_FORGED("test addresses are said to answer whatever they do", Rule.CUT_OFF_TAKEOVER),
    LATENESS_IGNORED(
            "after a pause the missed ticks are made up before the sockets are read",
            Rule.DEPOSED_FORWARDS,
            Rule.OLD_TERM,
            Rule.PROBE_DISREGARDED,
            Rule.NOT_DRAINED,
            Rule.FALSE_TAKEOVER),
    DEAF(
            "one node, passive for a while, reads no heartbeat any more",
            Rule.FALSE_TAKEOVER,
            Rule.NOT_DONE,
            Rule.NOT_HEALED),
    GATE_BEFORE_DRAIN("the gate is opened before the injector is drained", Rule.NOT_DRAINED),
    FLOW_DROPPED_AFTER_ACK(
            "the mirror's kernel acknowledges a flow and forgets it",
            Rule.MIRROR_LIES,
            Rule.FLOW_LOST,
            Rule.SWITCHOVER_LOST_FLOW),
    READY_FORGED("a mirror is called ready whatever it says of itself", Rule.READY_UNFOUNDED),
    BOTH_ACTIVES_WIN(
            "a master hears every other master as having the lower term",
            Rule.TWO_GATES,
            Rule.OLD_TERM,
            Rule.VIPS_ASTRAY),
    TWO_ACTIVES_INVERTED("of two masters the one with the higher term yields", Rule.OLD_TERM),
    DEAD_TIME_HALVED(
            "one node waits half the dead time",
            Rule.STALE_GATE,
            Rule.NOT_ARMED,
            Rule.NONE_ACTIVE,
            Rule.SWITCHOVER_LOST_FLOW),
    ACK_FORGED("every heartbeat is taken for heard by the peer", Rule.STALE_GATE, Rule.VIPS_ASTRAY),
    VIPS_NOT_REMOVED("addresses are said to be removed and are not", Rule.VIPS_ASTRAY, Rule.NOT_STOPPED),
    RELEASE_IGNORED("the gate is not closed when it is released", Rule.TWO_GATES, Rule.VIPS_ASTRAY, Rule.NOT_STOPPED),
    OPENED_IN_WORDS("one node's gate is said to be open and is not", Rule.NONE_ACTIVE, Rule.VIPS_ASTRAY, Rule.NOT_DONE),
    TERM_SEEN_FORGOTTEN("the sync agent is not told of newer terms", Rule.OLD_TERM),
    FLOW_FORGOTTEN("a flow is gone from the kernel of one who takes over", Rule.FLOW_LOST, Rule.SWITCHOVER_LOST_FLOW),
    STREAM_DEAD("no frame of one node arrives", Rule.NOT_EQUAL),
    ORDER_DROPPED("the order to come back from maintenance does not arrive", Rule.NOT_HEALED),
    REFUSAL_TOLD_AS_DONE("an operator is told that what was refused was done", Rule.NOT_DONE),
    STOP_UNHEARD(
            "the program goes on when the protocol has ended",
            Rule.NOT_STOPPED,
            Rule.VIPS_ASTRAY,
            Rule.NOT_ANSWERED,
            Rule.NOT_HEALED),
    STARTED_TWICE("the protocol is started twice", Rule.CRASH),
    ANSWER_LOST("an operator is not told that something was done", Rule.NOT_ANSWERED, Rule.NONE_ACTIVE),
    WALL_CLOCK(
            "one node measures time by the wall clock",
            Rule.NONE_ACTIVE,
            Rule.TWO_GATES,
            Rule.STALE_GATE,
            Rule.NOT_ARMED,
            Rule.FALSE_TAKEOVER,
            Rule.VIPS_ASTRAY,
            Rule.NOT_HEALED);

    private final String text;
    private final Rule rule;
    /** Never changes: of {@link Set#of}. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<Rule> also;

    Bug(String text, Rule rule, Rule... also) {
        this.text = text;
        this.rule = rule;
        this.also = Set.of(also);
    }

    /** For a person. */
    public String text() {
        return text;
    }

    /** The rule that it is planted for, which must find it; null for {@link #NONE}. */
    public Rule rule() {
        return rule;
    }

    /** Whether a life with this bug may break {@code broken}. */
    public boolean explains(Rule broken) {
        return broken == rule || also.contains(broken);
    }
}
