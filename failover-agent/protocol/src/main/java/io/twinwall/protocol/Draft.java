/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.base.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * The state while one step changes it, and the effects of the step. Lives inside {@link RoleProtocol#step} only; the rules
 * (Hearing, Takeovers, Handovers, Leases, Silence and so on) work on it. The role is written by {@link #become} alone.
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
    final List<PeerView> peers;
    final List<Boolean> pathsUp;
    long nextHeartbeatNs;
    Work work;
    boolean stopping;
    private long nextToken;
    Takeover lastTakeover;
    // Replica
    Sync sync;
    long syncTerm;
    int mirrorOf;
    // Grip
    Gate gate;
    long gateToken;
    long renewedNs;
    long failingSinceNs;
    long failedNs;
    int failures;
    boolean failingAlarmed;
    boolean inherited;
    // Addresses
    boolean vipsHeld;
    long vipsToken;
    boolean vipsArmed;
    long refreshAtNs;
    long retryAtNs;
    long roundsSinceNs;
    int nextRound;
    int vipsFailures;
    boolean vipsMissing;
    List<String> vipsTold;
    // Lateness
    long lateNs;
    long holdUntilNs;
    int holds;
    long pendingLateNs;
    // Talk
    Handover notice;
    long noticeUntilNs;
    long storing;
    // Probing
    long probeSentNs;
    boolean probeLeaving;
    boolean probeBeforeInVain;
    long probeAnsweredNs;
    String probeAnsweredBy;
    boolean probeAlarmed;
    long conflictNs;
    // Enquiry
    long reachAskedNs;
    long reachBegunNs;
    long reachAnsweredNs;
    boolean reachNews;
    // Standing
    int penalty;
    String fault;
    String detail;
    Reach reach;
    boolean isolated;
    long restUntilNs;
    boolean news;
    boolean faultAlarmed;
    boolean isolationAlarmed;
    // Tempers
    List<Long> changesNs;
    long flapUntilNs;
    boolean told;
    long betterSinceNs;
    long needSinceNs;
    int tries;
    long moveAtNs;
    // Outset
    boolean forwarding;
    long linkNs;
    boolean blind;
    // Countdown
    long countdownNs;
    boolean vetoed;

    Draft(RoleState s, long nowNs, RoleConfig config) {
        this.config = config;
        this.nowNs = nowNs;
        role = s.role();
        roleSinceNs = s.roleSinceNs();
        roleSinceAwakeNs = s.roleSinceAwakeNs();
        term = s.term();
        masterKnown = s.masterKnown();
        peers = new ArrayList<>(s.peers());
        pathsUp = new ArrayList<>(s.pathsUp());
        nextHeartbeatNs = s.nextHeartbeatNs();
        work = s.work();
        stopping = s.stopping();
        nextToken = s.nextToken();
        lastTakeover = s.lastTakeover();
        take(s.replica());
        take(s.grip());
        take(s.addresses());
        take(s.lateness());
        take(s.talk());
        take(s.probing());
        take(s.enquiry());
        take(s.standing());
        take(s.tempers());
        take(s.outset());
        take(s.countdown());
    }

    private void take(Replica s) {
        sync = s.sync();
        syncTerm = s.term();
        mirrorOf = s.mirrorOf();
    }

    private void take(Grip s) {
        gate = s.gate();
        gateToken = s.gateToken();
        renewedNs = s.renewedNs();
        failingSinceNs = s.failingSinceNs();
        failedNs = s.failedNs();
        failures = s.failures();
        failingAlarmed = s.failingAlarmed();
        inherited = s.inherited();
    }

    private void take(Addresses s) {
        vipsHeld = s.held();
        vipsToken = s.token();
        vipsArmed = s.armed();
        refreshAtNs = s.refreshAtNs();
        retryAtNs = s.retryAtNs();
        roundsSinceNs = s.roundsSinceNs();
        nextRound = s.nextRound();
        vipsFailures = s.failures();
        vipsMissing = s.missing();
        vipsTold = new ArrayList<>(s.told());
    }

    private void take(Lateness s) {
        lateNs = s.totalNs();
        holdUntilNs = s.holdUntilNs();
        holds = s.holds();
        pendingLateNs = s.pendingNs();
    }

    private void take(Talk s) {
        notice = s.notice();
        noticeUntilNs = s.noticeUntilNs();
        storing = s.storing();
    }

    private void take(Probing s) {
        probeSentNs = s.sentNs();
        probeLeaving = s.leaving();
        probeBeforeInVain = s.beforeInVain();
        probeAnsweredNs = s.answeredNs();
        probeAnsweredBy = s.answeredBy();
        probeAlarmed = s.alarmed();
        conflictNs = s.conflictNs();
    }

    private void take(Enquiry s) {
        reachAskedNs = s.sentNs();
        reachBegunNs = s.begunNs();
        reachAnsweredNs = s.answeredNs();
        // Of the last step, and this is another.
        reachNews = false;
    }

    private void take(Standing s) {
        penalty = s.penalty();
        fault = s.fault();
        detail = s.detail();
        reach = s.reach();
        isolated = s.isolated();
        restUntilNs = s.restUntilNs();
        news = s.news();
        faultAlarmed = s.faultAlarmed();
        isolationAlarmed = s.isolationAlarmed();
    }

    private void take(Tempers s) {
        changesNs = s.changesNs();
        flapUntilNs = s.heldUntilNs();
        told = s.told();
        betterSinceNs = s.betterSinceNs();
        needSinceNs = s.needSinceNs();
        tries = s.tries();
        moveAtNs = s.retryAtNs();
    }

    private void take(Outset s) {
        forwarding = s.forwarding();
        linkNs = s.linkNs();
        blind = s.blind();
    }

    private void take(Countdown s) {
        countdownNs = s.untilNs();
        vetoed = s.vetoed();
    }

    Step finish() {
        long wakeAtNs = Wakes.next(this);
        RoleState next = new RoleState(
                role,
                roleSinceNs,
                roleSinceAwakeNs,
                term,
                masterKnown,
                new Replica(sync, syncTerm, mirrorOf),
                new Grip(gate, gateToken, renewedNs, failingSinceNs, failedNs, failures, failingAlarmed, inherited),
                new Addresses(
                        vipsHeld,
                        vipsToken,
                        vipsArmed,
                        refreshAtNs,
                        retryAtNs,
                        roundsSinceNs,
                        nextRound,
                        vipsFailures,
                        vipsMissing,
                        List.copyOf(vipsTold)),
                new Lateness(lateNs, holdUntilNs, holds, pendingLateNs),
                List.copyOf(peers),
                List.copyOf(pathsUp),
                nextHeartbeatNs,
                work,
                new Talk(notice, noticeUntilNs, storing),
                new Probing(
                        probeSentNs,
                        probeLeaving,
                        probeBeforeInVain,
                        probeAnsweredNs,
                        probeAnsweredBy,
                        probeAlarmed,
                        conflictNs),
                new Enquiry(reachAskedNs, reachBegunNs, reachAnsweredNs, reachNews),
                new Standing(
                        penalty, fault, detail, reach, isolated, restUntilNs, news, faultAlarmed, isolationAlarmed),
                new Tempers(List.copyOf(changesNs), flapUntilNs, told, betterSinceNs, needSinceNs, tries, moveAtNs),
                new Outset(forwarding, linkNs, blind),
                new Countdown(countdownNs, vetoed),
                stopping,
                nextToken,
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

    boolean idle() {
        return work instanceof Work.Idle;
    }

    /** The one place that changes the role. {@code asked}: by an operator, so that it is no flapping. */
    void become(Role next, String reason, boolean asked) {
        Check.that(next != role, "role change without a change");
        Check.that(role.mayBecome(next), "illegal role change");
        emit(new RoleEffect.Transition(role, next, term, reason));
        boolean moved = role == Role.MASTER || next == Role.MASTER;
        role = next;
        roleSinceNs = nowNs;
        roleSinceAwakeNs = awakeNs();
        peers.replaceAll(PeerView::unacknowledged);
        news = false;
        Leases.well(this);
        blind = false;
        Countdowns.over(this);
        Moves.begun(this);
        if (moved && !asked) {
            told = false;
            Moves.changed(this);
        }
    }

    void emit(RoleEffect effect) {
        effects.add(effect);
    }

    void alarm(AlarmCode code, String text) {
        emit(new RoleEffect.Alarm(code, text));
    }

    void answer(boolean accepted, String reason) {
        emit(new RoleEffect.Answer(accepted, reason));
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

    boolean anyAlive() {
        return peers.stream().anyMatch(this::alive);
    }

    /** The peer that is alive and says that it is master, of several that of the highest term; null when there is none. */
    PeerView liveMaster() {
        PeerView found = null;
        for (PeerView peer : peers) {
            boolean master = alive(peer) && peer.last().role() == Role.MASTER;
            if (master && (found == null || peer.last().term() > found.last().term())) {
                found = peer;
            }
        }
        return found;
    }

    /** The peer that may become active: alive, eligible, the readiest and healthiest of them. Null when there is none. */
    PeerView successor() {
        PeerView best = null;
        for (PeerView peer : peers) {
            if (mayFollow(peer) && (best == null || fitter(peer.last(), best.last()))) {
                best = peer;
            }
        }
        return best;
    }

    boolean mayFollow(PeerView peer) {
        return alive(peer) && peer.last().role() == Role.BACKUP;
    }

    private static boolean fitter(Heartbeat one, Heartbeat other) {
        int byReadiness = one.readiness().compareTo(other.readiness());
        return byReadiness != 0 ? byReadiness > 0 : one.priority() > other.priority();
    }
}
