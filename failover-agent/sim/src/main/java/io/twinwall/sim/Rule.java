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
     * A gate stands open without an end although the fence asks for one: always when strict, else while the peer says for a
     * few heartbeats, on a path that is clean both ways, that it is ready and hears this node.
     */
    NOT_ARMED,
    /**
     * The gate of an agent that is dead or stands still is open for more than a lease and a tick of the kernel's timer after
     * it was last renewed, and the other's is open too. Allowed only when nothing asked for an end at that renewal.
     */
    UNFENCED,
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
     * A node that has test addresses, and hears no peer, takes over although none of them can answer since before it last heard anybody, or
     * for three quarters of a dead time. Not by order of an operator.
     */
    CUT_OFF_TAKEOVER,
    /**
     * A node that stood still opens its closed gate again although another is active, and its heartbeats are waiting:
     * never, not for one packet. Beyond a heartbeat interval and the transit, which it takes them to get there.
     */
    DEPOSED_FORWARDS,
    /**
     * Nobody forwards although a node may, and nothing new happened for a bound, whatever stands broken meanwhile. A node may
     * that is awake, not stopping, not told to stay out, without a fault, with a kernel that does what it is told, and hears
     * the other or a test address.
     */
    NONE_ACTIVE,
    /**
     * A node follows a master whose claim is older than another it has heard of or made; or it takes a frame of a term older
     * than the newest it knows.
     */
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
    /** An operator's request is not answered exactly once, within the time that its steps are given. */
    NOT_ANSWERED,
    /**
     * A request was said to be done and is not: nothing came between, and the node that was to become active is not, or its gate
     * is closed. Or a request to a healthy pair is refused.
     */
    NOT_DONE,
    /** An agent that was told to stop has not ended by itself in time, or ended with its gate open or its addresses held. */
    NOT_STOPPED,
    /** Everything works again, but after the bound there is not exactly one master whom both accept. */
    NOT_HEALED,
    /** Everything works again, but after the bound the mirror does not hold what the active holds. */
    NOT_EQUAL,
    /** A check inside the product failed, or it threw. */
    CRASH
}
