/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What happens to a node. Each is given to {@link RoleProtocol#step} in the order it happened, with the monotonic time at
 * which the executor took it up.
 */
public sealed interface RoleEvent {
    /** The start checks passed. The first event; {@code persistedTerm} is what {@link RoleEffect.PersistTerm} last stored, else 0. */
    record Started(long persistedTerm, boolean maintenance) implements RoleEvent {}

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

    /** The kernel's gate was found missing or closed although it was renewed. */
    record LeaseLost(String detail) implements RoleEvent {}

    /** Carrier of a path's interface; a hint, kept for display. */
    record PathChanged(int path, boolean up) implements RoleEvent {}

    /** Somebody else answered a {@link RoleEffect.ProbeVips}. */
    record VipAnswered(String detail) implements RoleEvent {}

    /** The program is asked to end: hand over if possible, then clean up; {@link RoleEffect.Stopped} ends it. */
    record StopAsked() implements RoleEvent {}
}
