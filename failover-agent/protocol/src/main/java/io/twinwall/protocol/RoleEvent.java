/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What happens to a node. Each is given to {@link RoleProtocol#step} in the order it happened, with the monotonic time at
 * which the executor took it up.
 */
public sealed interface RoleEvent {
    /**
     * The start checks passed. The first event; {@code persistedTerm} is what {@link RoleEffect.PersistTerm} last stored, else 0;
     * {@code gateOpen}: the kernel says that an earlier life left its gate open.
     */
    record Started(long persistedTerm, boolean maintenance, boolean gateOpen) implements RoleEvent {}

    /**
     * Time passed: due at {@link Step#wakeAtNs()}, harmless earlier. Every socket with heartbeats is drained, and what was in
     * it given to the protocol, between waking up and this. {@code loopLateNs}: how long after the time it meant to wake
     * up the loop came round, 0 when it was woken earlier.
     */
    record Tick(long loopLateNs) implements RoleEvent {}

    /** An authentic heartbeat of {@code peer} came by {@code path} (index in the configuration). */
    record HeartbeatHeard(int peer, long session, int path, Heartbeat heartbeat) implements RoleEvent {}

    /** Replication's state changed; {@code term} is that of the last BecomeSource or BecomeMirror it follows. */
    record SyncChanged(long term, Sync sync) implements RoleEvent {}

    /** The answer to an effect that carries a token. {@code detail} is for a person: what failed, or "". */
    record EffectDone(long token, EffectKind kind, boolean ok, String detail, Counts counts) implements RoleEvent {}

    /** The operator, at this node, asks that the other node becomes, or this passive one becomes, active. Answered by one {@link RoleEffect.Answer}. */
    record SwitchoverAsked(boolean force) implements RoleEvent {}

    /** The operator: this node is to become active; forced: now, whatever the peer says. Answered by one {@link RoleEffect.Answer}. */
    record PromoteAsked(boolean force) implements RoleEvent {}

    /** The operator: stay out from now on (an active one hands over first), or come back. Answered by one {@link RoleEffect.Answer}. */
    record MaintenanceAsked(boolean on) implements RoleEvent {}

    /** The operator: the takeover that waits is not to be made. Answered by one {@link RoleEffect.Answer}. */
    record VetoAsked() implements RoleEvent {}

    /** The configuration given with this and later steps is a new one; {@code what} names for a person what changed. */
    record Reconfigured(String what) implements RoleEvent {}

    /** The kernel's gate was found missing or closed although it was renewed. */
    record LeaseLost(String detail) implements RoleEvent {}

    /**
     * What the trackers make of this node: {@code penalty} (0 or more) is taken off its priority; {@code fault}, unless "", is
     * a need without which this node is not to be active; {@code detail} names what is down, "" when all is well.
     */
    record HealthChanged(int penalty, String fault, String detail) implements RoleEvent {}

    /** Whether the test addresses answer. */
    record ReachChanged(Reach reach) implements RoleEvent {}

    /**
     * A test address answered, after a {@link RoleEffect.AskReach}, at {@code answeredNs}; the try it answered began at {@code begunNs}. Both on
     * the clock that the steps are given.
     */
    record ReachAnswered(long begunNs, long answeredNs) implements RoleEvent {}

    /** A hint, not authentic: {@code peer}'s host answered that nobody listens on the heartbeat's port of {@code path}. */
    record PeerAgentGone(int peer, int path) implements RoleEvent {}

    /**
     * Carrier of a path's interface. All have it at first. It puts a first takeover off while nobody was ever heard ({@link
     * Outsets}); later it says nothing that silence does not, since on a direct cable it goes with the peer's power.
     */
    record PathChanged(int path, boolean up) implements RoleEvent {}

    /** Somebody else answered for an address: after a {@link RoleEffect.ProbeVips}, or seen while this node holds them, a conflict. */
    record VipAnswered(String detail) implements RoleEvent {}

    /** The program is asked to end: hand over if possible, then clean up; {@link RoleEffect.Stopped} ends it. */
    record StopAsked() implements RoleEvent {}
}
