/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/**
 * Bugs that can be planted, to show that the rules catch them. Each is made at a boundary of the product (kernel, disk,
 * network, clock, the call of the step function), never inside it.
 */
public enum Bug {
    NONE("nothing is planted"),
    LEASE_OFF("the kernel never closes an armed gate"),
    RENEWED_TOO_LATE("the lease is opened and renewed after the moment it must not be"),
    TERM_NOT_COMPARED("masters of older terms are heard as if their terms were ours"),
    TERM_NOT_RAISED("a master claims with the term before its own"),
    TERM_LOST("the term is said to be stored and is not"),
    BARRIER_SKIPPED("a barrier is answered at once"),
    PROBE_IGNORED("answers to probes for the addresses are dropped"),
    LATENESS_IGNORED("after a pause the missed ticks are made up before the sockets are read"),
    GATE_BEFORE_DRAIN("the gate is opened before the injector is drained"),
    FLOW_DROPPED_AFTER_ACK("the mirror's kernel acknowledges a flow and forgets it"),
    READY_FORGED("a mirror is called ready whatever it says of itself"),
    BOTH_ACTIVES_WIN("a master hears every other master as having the lower term"),
    TWO_ACTIVES_INVERTED("of two masters the one with the higher term yields"),
    DEAD_TIME_HALVED("one node waits half the dead time"),
    ACK_FORGED("every heartbeat is taken for heard by the peer"),
    VIPS_NOT_REMOVED("addresses are said to be removed and are not"),
    RELEASE_IGNORED("the gate is not closed when it is released"),
    WALL_CLOCK("one node measures time by the wall clock");

    private final String text;

    Bug(String text) {
        this.text = text;
    }

    /** For a person. */
    public String text() {
        return text;
    }
}
