/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/**
 * What must hold whatever happens, and what each rule allows.
 *
 * <p>A <em>gate</em> is the kernel's, not what an agent believes. A path is <em>clean</em> one way while it is neither cut nor
 * loses. An agent is <em>awake</em> while it runs and is not stopped by a signal, nor its machine by a hypervisor.
 */
public enum Rule {
    /**
     * Two open gates while a heartbeat path is clean both ways and both agents are awake: for one lease, a tick of the
     * kernel's timer, and the time a heartbeat needs; longer by what answers are late. A planned switchover overlaps on purpose and has to fit into the same.
     */
    TWO_GATES,
    /**
     * A node opens its gate by an unplanned takeover while the gate of the other, whose agent is killed, hung or paused, is
     * open by an armed lease: never, not for a nanosecond. Allowed only when the dead agent had itself given the other up
     * before its last renewal (nothing acknowledged for the time the protocol documents): then a partition came before.
     */
    STALE_GATE,
    /**
     * A node takes over although the other's open gate answered for the addresses over an uncut segment all through the
     * time in which probes are asked. Only with probes configured; not by order of an operator.
     */
    PROBE_DISREGARDED,
    /**
     * A node takes over from a master that was awake, and whose heartbeats had a clean path, for a dead time and more: its
     * own pauses, however long, are no excuse.
     */
    FALSE_TAKEOVER,
    /**
     * A node that stood still opens its closed gate again although another is active, and its heartbeats are waiting:
     * never, not for one packet. Beyond a heartbeat interval and the transit, which it takes them to get there.
     */
    DEPOSED_FORWARDS,
    /** Nobody forwards although an awake node may, and nothing changed for the dead time and a bound. */
    NONE_ACTIVE,
    /** A node follows a master whose claim is older than another it has heard of or made. */
    OLD_TERM,
    /** A claim that is not above each one heard, and above each of its own whose storing was confirmed. */
    TERM_REUSED,
    /** All is acknowledged, proven equal, and nothing under way; but a flow is not in the mirror's kernel, or another one. */
    MIRROR_LIES,
    /** After a takeover that was ready, a flow that had been acknowledged, and lived, is not in the new active's kernel. */
    FLOW_LOST,
    /** After a switchover with a confirmed barrier, a flow older than the barrier is not in the heir's kernel. */
    SWITCHOVER_LOST_FLOW,
    /** A takeover calls itself ready although the mirror's last word was another. */
    READY_UNFOUNDED,
    /** The gate opens before the injector answered that all which had arrived is in the kernel, within its limit. */
    NOT_DRAINED,
    /** In quiet times an awake node holds the addresses with its gate closed, or forwards without them. */
    VIPS_ASTRAY,
    /** Everything works again, but after the bound there is not exactly one master whom both accept. */
    NOT_HEALED,
    /** Everything works again, but after the bound the mirror does not hold what the active holds. */
    NOT_EQUAL,
    /** A check inside the product failed, or it threw. */
    CRASH
}
