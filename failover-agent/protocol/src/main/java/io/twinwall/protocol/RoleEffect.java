/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What a node is to do. Effects are carried out in the order given, also across steps; none is skipped because a later
 * one fails. Those with a token are answered by {@link RoleEvent.EffectDone}, at once or later; the work itself may go on
 * in another thread, but it must have begun in order.
 */
public sealed interface RoleEffect {
    /** Send to {@code peer} on every path. Not answered. */
    record SendHeartbeat(int peer, Heartbeat heartbeat) implements RoleEffect {}

    /**
     * Extend the open gate: for one lease when armed, until further notice when not. Must not be carried out after
     * {@code notAfterNs} (judged by the clock immediately before): the peer may be opening its own gate by then. Not answered.
     */
    record RenewLease(boolean armed, long notAfterNs) implements RoleEffect {}

    /** As {@link RenewLease} on a gate that may be closed; answered. Too late: answer {@code ok = false}. */
    record OpenGate(long token, boolean armed, long notAfterNs) implements RoleEffect {}

    /** Close the gate now. Not answered; must not fail (a gate that does not exist is closed). */
    record ReleaseLease() implements RoleEffect {}

    /** Put what is queued for the kernel into it, for at most {@code limitNs}; the counts come with the answer. */
    record DrainInjector(long token, long limitNs) implements RoleEffect {}

    /** Read kernel events and publish under {@code term}; answered once the event subscription stands. */
    record BecomeSource(long token, long term) implements RoleEffect {}

    /** Stop publishing; mirror {@code peer}, active under {@code term}. Also when already mirroring, for a new term. */
    record BecomeMirror(long token, long term, int peer) implements RoleEffect {}

    /** Run the hooks that must be through before a takeover, for at most {@code limitNs}; answered when they are. */
    record BeforeHooks(long token, long limitNs) implements RoleEffect {}

    /** Add the addresses; {@code armed}: with a short lifetime, so that the kernel removes them when the agent is gone; else they stay. */
    record AddVips(long token, boolean armed) implements RoleEffect {}

    /** Prolong the lifetimes of addresses that are there, as {@link AddVips} would set them. */
    record RefreshVips(long token, boolean armed) implements RoleEffect {}

    record RemoveVips(long token) implements RoleEffect {}

    /** Gratuitous ARP and unsolicited NA for every address; {@code round} counts from 0. */
    record AnnounceVips(long token, int round) implements RoleEffect {}

    /** Give mirrored flows the timeouts they have left; answered when done, however long it takes. */
    record CorrectTimeouts(long token) implements RoleEffect {}

    /** Drain the dirty queue, send a barrier; answered ok once {@code peer} has all before it in its kernel. */
    record SendBarrier(long token, int peer) implements RoleEffect {}

    /** Store the term so that it survives a restart. Must not hold up what follows: another thread's work. */
    record PersistTerm(long token, long term) implements RoleEffect {}

    /** Store whether this node is told to stay out, as {@link PersistTerm} stores the term; the operator is answered afterwards. */
    record PersistMaintenance(long token, boolean on) implements RoleEffect {}

    /** Ask by ARP and ND who has the addresses; an answer is {@link RoleEvent.VipAnswered}. Not answered otherwise. */
    record ProbeVips() implements RoleEffect {}

    /** Ask the test addresses at once, without waiting for their turn; an answer is {@link RoleEvent.ReachAnswered}. Not answered otherwise. */
    record AskReach() implements RoleEffect {}

    /** A takeover is complete. */
    record ReportTakeover(Takeover takeover) implements RoleEffect {}

    /** The role changed; to be logged, journaled, exported. Nothing else tells of a role. */
    record Transition(Role from, Role to, long term, String reason) implements RoleEffect {}

    /** Something an operator must know. */
    record Alarm(AlarmCode code, String text) implements RoleEffect {}

    /** The end of what an operator asked (switchover, promotion, maintenance): whether it was made, or why not. */
    record Answer(boolean accepted, String reason) implements RoleEffect {}

    /** Everything is given up; the program may end. The last effect. */
    record Stopped() implements RoleEffect {}
}
