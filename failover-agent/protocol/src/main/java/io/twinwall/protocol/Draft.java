/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.base.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * The state while one step changes it, and the effects of the step. Lives inside {@link RoleProtocol#step} only; the rules
 * (Hearing, Takeovers, Handovers, Leases, Silence) work on it. The role is written by {@link #become} alone.
 */
final class Draft {
    final RoleConfig config;
    final long nowNs;
    private final List<RoleEffect> effects = new ArrayList<>();

    private Role role;
    private long roleSinceNs;
    private long roleSinceAwakeNs;
    long term;
    boolean masterKnown;
    Sync sync;
    long syncTerm;
    int mirrorOf;
    Gate gate;
    long gateToken;
    boolean vipsHeld;
    long vipsToken;
    long retryAtNs;
    boolean inherited;
    long lateNs;
    long holdUntilNs;
    int holds;
    long pendingLateNs;
    long nextHeartbeatNs;
    final List<PeerView> peers;
    final List<Boolean> pathsUp;
    Work work;
    long roundsSinceNs;
    int nextRound;
    Handover notice;
    long noticeUntilNs;
    long lastAskSession;
    long lastAskToken;
    boolean stopping;
    private long nextToken;
    long probeSentNs;
    long probeAnsweredNs;
    boolean probeAlarmed;
    Takeover lastTakeover;

    Draft(RoleState s, long nowNs, RoleConfig config) {
        this.config = config;
        this.nowNs = nowNs;
        role = s.role();
        roleSinceNs = s.roleSinceNs();
        roleSinceAwakeNs = s.roleSinceAwakeNs();
        term = s.term();
        masterKnown = s.masterKnown();
        sync = s.sync();
        syncTerm = s.syncTerm();
        mirrorOf = s.mirrorOf();
        gate = s.gate();
        gateToken = s.gateToken();
        vipsHeld = s.vipsHeld();
        vipsToken = s.vipsToken();
        retryAtNs = s.retryAtNs();
        inherited = s.inherited();
        lateNs = s.lateNs();
        holdUntilNs = s.holdUntilNs();
        holds = s.holds();
        pendingLateNs = s.pendingLateNs();
        nextHeartbeatNs = s.nextHeartbeatNs();
        peers = new ArrayList<>(s.peers());
        pathsUp = new ArrayList<>(s.pathsUp());
        work = s.work();
        roundsSinceNs = s.roundsSinceNs();
        nextRound = s.nextRound();
        notice = s.notice();
        noticeUntilNs = s.noticeUntilNs();
        lastAskSession = s.lastAskSession();
        lastAskToken = s.lastAskToken();
        stopping = s.stopping();
        nextToken = s.nextToken();
        probeSentNs = s.probeSentNs();
        probeAnsweredNs = s.probeAnsweredNs();
        probeAlarmed = s.probeAlarmed();
        lastTakeover = s.lastTakeover();
    }

    Step finish() {
        long wakeAtNs = Wakes.next(this);
        RoleState next = new RoleState(
                role,
                roleSinceNs,
                roleSinceAwakeNs,
                term,
                masterKnown,
                sync,
                syncTerm,
                mirrorOf,
                gate,
                gateToken,
                vipsHeld,
                vipsToken,
                retryAtNs,
                inherited,
                lateNs,
                holdUntilNs,
                holds,
                pendingLateNs,
                nextHeartbeatNs,
                List.copyOf(peers),
                List.copyOf(pathsUp),
                work,
                roundsSinceNs,
                nextRound,
                notice,
                noticeUntilNs,
                lastAskSession,
                lastAskToken,
                stopping,
                nextToken,
                probeSentNs,
                probeAnsweredNs,
                probeAlarmed,
                lastTakeover,
                nowNs,
                wakeAtNs);
        return new Step(next, List.copyOf(effects), wakeAtNs);
    }

    Role role() {
        return role;
    }

    long roleSinceNs() {
        return roleSinceNs;
    }

    long roleSinceAwakeNs() {
        return roleSinceAwakeNs;
    }

    boolean master() {
        return role == Role.MASTER;
    }

    /** The one place that changes the role. */
    void become(Role next, String reason) {
        Check.that(next != role, "role change without a change");
        Check.that(role.mayBecome(next), "illegal role change");
        emit(new RoleEffect.Transition(role, next, term, reason));
        role = next;
        roleSinceNs = nowNs;
        roleSinceAwakeNs = awakeNs();
        peers.replaceAll(PeerView::unacknowledged);
    }

    void emit(RoleEffect effect) {
        effects.add(effect);
    }

    void alarm(AlarmCode code, String text) {
        emit(new RoleEffect.Alarm(code, text));
    }

    long token() {
        return nextToken++;
    }

    long awakeNs() {
        return nowNs - lateNs;
    }

    /** Raises the term to one seen or claimed, and has it stored. */
    void raiseTerm(long seen) {
        if (seen > term) {
            term = seen;
            emit(new RoleEffect.PersistTerm(token(), seen));
        }
    }

    int indexOf(int node) {
        for (int i = 0; i < peers.size(); i++) {
            if (peers.get(i).node() == node) {
                return i;
            }
        }
        return -1;
    }

    PeerView peer(int node) {
        return peers.get(indexOf(node));
    }

    boolean alive(PeerView peer) {
        return peer.heard() && awakeNs() - peer.heardAwakeNs() < config.timing().deadNs();
    }

    /** The peer that may become active: alive, eligible, the readiest of them. Null when there is none. */
    PeerView successor() {
        PeerView best = null;
        for (PeerView peer : peers) {
            boolean may = alive(peer) && peer.last().role() == Role.BACKUP;
            if (may
                    && (best == null
                            || peer.last().readiness().compareTo(best.last().readiness()) > 0)) {
                best = peer;
            }
        }
        return best;
    }
}
