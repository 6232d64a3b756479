/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * Everything the protocol remembers. Immutable; made by {@link RoleProtocol} only.
 *
 * @param role changed in one place only, {@code Draft.become}
 * @param term this node's claim while it is master, else the highest seen
 * @param sync of the replication under {@code syncTerm}
 * @param mirrorOf the node mirrored under {@code syncTerm}, 0: none
 * @param gate this node's own gate
 * @param inherited the kernel may still hold an open gate and addresses of an earlier life of this node
 * @param lateNs the sum of all lateness: what awake time is behind real time
 * @param holdUntilNs after a late loop, nobody is dead before this
 * @param holds how often the hold was set since a heartbeat was heard
 * @param pendingLateNs lateness noticed since the last tick
 * @param roundsSinceNs when the addresses were first announced
 * @param nextRound the announcement due next; as many as there are: none
 * @param notice a CLAIMED or REFUSE to be carried by heartbeats until {@code noticeUntilNs}
 * @param lastAskSession session of the request that a peer made last
 * @param lastAskToken its token
 * @param steppedNs when the last step was
 * @param probeSentNs when the addresses were last probed
 * @param probeAnsweredNs when somebody else last answered for the addresses
 */
public record RoleState(
        Role role,
        long roleSinceNs,
        long roleSinceAwakeNs,
        long term,
        boolean masterKnown,
        Sync sync,
        long syncTerm,
        int mirrorOf,
        Gate gate,
        long gateToken,
        boolean vipsHeld,
        long vipsToken,
        long retryAtNs,
        boolean inherited,
        long lateNs,
        long holdUntilNs,
        int holds,
        long pendingLateNs,
        long nextHeartbeatNs,
        List<PeerView> peers,
        List<Boolean> pathsUp,
        Work work,
        long roundsSinceNs,
        int nextRound,
        Handover notice,
        long noticeUntilNs,
        long lastAskSession,
        long lastAskToken,
        boolean stopping,
        long nextToken,
        long probeSentNs,
        long probeAnsweredNs,
        boolean probeAlarmed,
        Takeover lastTakeover,
        long steppedNs,
        long wakeAtNs) {
    /** Whether this node's gate is open at {@code nowNs}, for all it knows. */
    public boolean gateOpen(long nowNs) {
        return gate.open(nowNs);
    }

    /** Whether {@code peer} counts as alive: heard within the dead time, this node's own lateness not counted. */
    public boolean alive(PeerView peer, long nowNs, RoleConfig config) {
        return peer.heard()
                && nowNs - lateNs - peer.heardAwakeNs() < config.timing().deadNs();
    }
}
