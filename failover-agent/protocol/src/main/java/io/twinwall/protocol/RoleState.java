/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * Everything the protocol remembers. Immutable; made by {@link RoleProtocol} only.
 *
 * @param role changed in one place only, {@code Draft.become}
 * @param term this node's claim while it is master, else the highest seen
 * @param steppedNs when the last step was
 */
public record RoleState(
        Role role,
        long roleSinceNs,
        long roleSinceAwakeNs,
        long term,
        boolean masterKnown,
        Replica replica,
        Grip grip,
        Addresses addresses,
        Lateness lateness,
        List<PeerView> peers,
        List<Boolean> pathsUp,
        long nextHeartbeatNs,
        Work work,
        Talk talk,
        Probing probing,
        Enquiry enquiry,
        Standing standing,
        Tempers tempers,
        Outset outset,
        Countdown countdown,
        boolean stopping,
        long nextToken,
        Takeover lastTakeover,
        long steppedNs,
        long wakeAtNs) {
    /** What the replication last said of itself. */
    public Sync sync() {
        return replica.sync();
    }

    /** The term the replication works under. */
    public long syncTerm() {
        return replica.term();
    }

    /** This node's own gate. */
    public Gate gate() {
        return grip.gate();
    }

    /** Whether this node's gate is open at {@code nowNs}, for all it knows. */
    public boolean gateOpen(long nowNs) {
        return gate().open(nowNs);
    }

    /** The priority less what the trackers subtract. */
    public int health(RoleConfig config) {
        return Math.max(0, config.priority() - standing.penalty());
    }

    /** Whether {@code peer} counts as alive: heard within the dead time, this node's own lateness not counted. */
    public boolean alive(PeerView peer, long nowNs, RoleConfig config) {
        return peer.heard()
                && nowNs - lateness.totalNs() - peer.heardAwakeNs()
                        < config.timing().deadNs();
    }
}
