/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Move.Origin;

/**
 * The planned switchover.
 *
 * <pre>
 *   active                                    passive
 *     | &lt;---------- ASK (if it was asked) -------|
 *     |  check: alive, ready, lag              |
 *     |  barrier: all flows are over there     |
 *     |----------- GRANT term+1 -------------&gt; |
 *     |                                        |  drain, source, gate, addresses, announce
 *     | &lt;---------- CLAIMED term+1 ------------|
 *     |  addresses down, linger, close         |
 * </pre>
 *
 * Until the claim nothing is closed here, so that giving up at any point leaves the active what it was.
 */
final class Handovers {
    private static final long REFUSAL_TOLD_NS = 1_000_000_000L;

    private Handovers() {}

    /** The operator's request, on either node. */
    static void asked(Draft d, boolean force) {
        if (d.master()) {
            offer(d, Move.by(Origin.OPERATOR, force), d.successor());
        } else if (d.role() != Role.BACKUP || d.liveMaster() == null) {
            answer(d, Refusal.NOT_ACTIVE);
        } else if (d.idle() || (d.work instanceof Work.Asking asking && !asking.byOperator())) {
            ask(d, force ? Handover.FORCED : 0);
        } else {
            answer(d, Refusal.BUSY);
        }
    }

    /** On the passive: tell the active, again and again, that this node wants to follow it. */
    static void ask(Draft d, int reason) {
        RoleConfig.Limits limits = d.config.limits();
        d.work = new Work.Asking(d.token(), reason, d.nowNs + limits.barrierNs() + limits.grantNs());
        Beats.all(d);
    }

    /** A master's first step, for whoever wants it. {@code heir} may be null. */
    static void offer(Draft d, Move move, PeerView heir) {
        Refusal refusal = refusal(d, heir, move.force());
        if (refusal != null) {
            refuse(d, move, refusal);
            return;
        }
        long token = d.token();
        d.work = new Work.Draining(
                heir.node(), move, token, d.nowNs + d.config.limits().barrierNs());
        d.emit(new RoleEffect.SendBarrier(token, heir.node()));
    }

    static Refusal refusal(Draft d, PeerView heir, boolean force) {
        if (!d.idle()) {
            return Refusal.BUSY;
        }
        if (heir == null) {
            return Refusal.NO_PEER;
        }
        if (!force && heir.last().readiness() != Readiness.READY) {
            return Refusal.NOT_READY;
        }
        return !force && d.sync.lagDeltas() > d.config.limits().lagDeltasMax() ? Refusal.LAGGING : null;
    }

    /** The barrier's answer. */
    static void drained(Draft d, Work.Draining work, boolean ok, String detail) {
        if (!ok && !work.move().force()) {
            d.alarm(AlarmCode.STEP_FAILED, "switchover, barrier: " + detail);
            refuse(d, work.move(), Refusal.BARRIER_FAILED);
            return;
        }
        RoleConfig.Limits limits = d.config.limits();
        long hooksNs = d.config.beforeHooks() ? limits.beforeHooksNs() : 0;
        d.work = new Work.Granting(work.peer(), work.move(), d.term + 1, false, d.nowNs + limits.grantNs() + hooksNs);
        Beats.all(d);
    }

    /** A master with a higher term than ours is heard: true when it is the heir we granted it to, and dealt with here. */
    static boolean claimHeard(Draft d, PeerView peer) {
        Heartbeat heartbeat = peer.last();
        if (!(d.work instanceof Work.Granting work)
                || work.peer() != peer.node()
                || heartbeat.term() != work.grantedTerm()) {
            return false;
        }
        if (finished(d, heartbeat)) {
            if (work.move().origin() == Origin.OPERATOR) {
                d.answer(true, peer.name() + " is active, term " + heartbeat.term());
            }
            StepDowns.handedOver(d, peer, heartbeat.term(), work.move().origin());
            if (work.move().origin() == Origin.MAINTENANCE) {
                Orders.entered(d);
            }
        } else if (!work.claimSeen()) {
            d.work = new Work.Granting(work.peer(), work.move(), work.grantedTerm(), true, work.deadlineNs());
        }
        return true;
    }

    /** It forwards, and says so; or it has been active for a while, having missed the grant and taken over by itself. */
    private static boolean finished(Draft d, Heartbeat heir) {
        long halfLeaseMs = d.config.timing().leaseNs() / 2_000_000;
        // It may still be telling of an earlier claim.
        boolean claimed = heir.handover().kind() == Handover.Kind.CLAIMED
                && heir.handover().term() == heir.term();
        return heir.gateOpen() && (claimed || heir.tenureMs() >= halfLeaseMs);
    }

    /** A heartbeat's handover part, on the passive. */
    static void answerHeard(Draft d, PeerView peer) {
        Handover handover = peer.last().handover();
        boolean fromMaster = peer.last().role() == Role.MASTER;
        if (d.role() != Role.BACKUP || d.stopping || !fromMaster || d.work instanceof Work.Lingering) {
            return;
        }
        // It may have been meant for an earlier life of this node, whose copy was complete.
        boolean fit = handover.forcedGrant() || d.sync.readiness() == Readiness.READY;
        if (handover.kind() == Handover.Kind.GRANT && handover.term() > d.term && fit) {
            boolean asked = d.work instanceof Work.Asking asking && asking.byOperator();
            Takeovers.planned(d, handover.term(), peer.name(), Origin.of(handover.reason()), asked);
        } else if (handover.kind() == Handover.Kind.REFUSE
                && d.work instanceof Work.Asking work
                && handover.token() == work.token()) {
            refuseAsked(d, Refusal.of(handover.reason()));
        }
    }

    /** A heartbeat's ASK. */
    static void askHeard(Draft d, PeerView peer) {
        Handover ask = peer.last().handover();
        boolean answered =
                peer.asked().session() == peer.session() && peer.asked().token() == ask.token();
        if (ask.kind() == Handover.Kind.ASK && d.master() && !answered) {
            d.peers.set(d.indexOf(peer.node()), peer.asking(Asked.of(peer)));
            boolean failBack = ask.reason() == Handover.FAIL_BACK;
            Origin origin = failBack ? Origin.FAIL_BACK : Origin.PEER;
            Move move = new Move(origin, ask.reason() == Handover.FORCED, ask.token(), peer.node());
            // Beside a move or a takeover it is refused for that, which goes on.
            if (failBack && d.idle() && (Moves.held(d) || d.told)) {
                refuse(d, move, d.told ? Refusal.TOLD : Refusal.FLAPPING);
            } else {
                offer(d, move, d.mayFollow(peer) ? peer : null);
            }
        }
    }

    /** Our own request comes to nothing. */
    static void refuseAsked(Draft d, Refusal refusal) {
        boolean byOperator = d.work instanceof Work.Asking asking && asking.byOperator();
        d.work = new Work.Idle();
        if (byOperator) {
            answer(d, refusal);
        } else {
            Moves.failed(d);
        }
    }

    /** A tick: what has had its time. */
    static void timeOut(Draft d) {
        if (d.work instanceof Work.Asking work && d.nowNs >= work.deadlineNs()) {
            refuseAsked(d, Refusal.NO_ANSWER);
        } else if (d.work instanceof Work.Draining work && d.nowNs >= work.deadlineNs()) {
            drained(d, work, false, "no answer from the passive");
        } else if (d.work instanceof Work.Granting work && d.nowNs >= work.deadlineNs()) {
            expire(d, work);
        }
    }

    /**
     * A peer that is not master knows a term above ours. When it is the heir, and the term the granted one, it claimed and
     * gave up: the grant is over, else we would wait with a closed gate for a claim that is older than our next one.
     */
    static void heirGaveUp(Draft d, PeerView peer) {
        if (d.work instanceof Work.Granting work
                && work.peer() == peer.node()
                && peer.last().term() >= work.grantedTerm()) {
            refuse(d, work.move(), Refusal.NOT_CLAIMED);
        }
    }

    private static void expire(Draft d, Work.Granting work) {
        PeerView peer = d.peer(work.peer());
        if (work.claimSeen() && d.alive(peer) && peer.last().gateOpen()) {
            StepDowns.atOnce(d, peer, work.grantedTerm(), peer.name() + " claimed but did not finish");
            return;
        }
        if (work.claimSeen()) {
            d.raiseTerm(work.grantedTerm());
        }
        refuse(d, work.move(), Refusal.NOT_CLAIMED);
        if (work.claimSeen() && d.master()) {
            Hearing.reclaim(d, work.grantedTerm());
        }
    }

    /** A switchover under way has lost its ground. */
    static void answerAbandoned(Draft d, String why) {
        boolean operators = switch (d.work) {
            case Work.Draining w -> here(w.move());
            case Work.Granting w -> here(w.move());
            case Work.TakingOver w -> w.asked();
            case Work.Idle w -> false;
            case Work.Asking w -> false;
            case Work.Lingering w -> false;
            case Work.Ended w -> false;
        };
        if (operators) {
            d.answer(false, why);
        }
    }

    /** An operator at this node waits for the outcome. */
    private static boolean here(Move move) {
        return move.origin() == Origin.OPERATOR || move.origin() == Origin.MAINTENANCE;
    }

    /** The heir is not configured any more. */
    static void withdraw(Draft d, Move move) {
        refuse(d, move, Refusal.WITHDRAWN);
    }

    private static void refuse(Draft d, Move move, Refusal refusal) {
        // A refusal for being busy leaves what is under way alone.
        if (refusal != Refusal.BUSY) {
            d.work = new Work.Idle();
        }
        switch (move.origin()) {
            case OPERATOR, MAINTENANCE -> answer(d, refusal);
            case PEER, FAIL_BACK -> {
                refuseAsker(d, move, refusal);
                Beats.all(d);
            }
            case STOP -> StepDowns.end(d);
            case HEALTH, FAULT -> Moves.failed(d);
            case GATE -> {
                // It does not forward: whoever follows loses nothing more by it.
                StepDowns.rest(d);
                StepDowns.giveUp(d, Healths.out(d));
            }
        }
        if (d.stopping && d.idle() && move.origin() != Origin.STOP) {
            // It was to end with this move.
            StepDowns.stop(d);
        }
    }

    private static void refuseAsker(Draft d, Move move, Refusal refusal) {
        int index = d.indexOf(move.asker());
        if (index >= 0) {
            PeerView asker = d.peers.get(index);
            Handover said = Handover.refuse(move.askToken(), refusal);
            d.peers.set(index, asker.asking(asker.asked().refused(said, d.nowNs + REFUSAL_TOLD_NS)));
        }
    }

    private static void answer(Draft d, Refusal refusal) {
        d.answer(false, refusal.text());
    }

    static void tell(Draft d, Handover notice, long forNs) {
        d.notice = notice;
        d.noticeUntilNs = d.nowNs + forNs;
    }

    /** What the heartbeat to {@code peer} says of switchovers. */
    static Handover said(Draft d, PeerView peer) {
        if (d.work instanceof Work.Granting work && work.peer() == peer.node()) {
            return Handover.grant(
                    work.grantedTerm(),
                    work.move().origin().number(),
                    work.move().force());
        }
        if (d.work instanceof Work.Asking work) {
            return Handover.ask(work.token(), work.reason());
        }
        Asked asked = peer.asked();
        if (d.nowNs < asked.untilNs() && asked.session() == peer.session()) {
            return asked.refusal();
        }
        return d.nowNs < d.noticeUntilNs ? d.notice : Handover.NONE;
    }
}
