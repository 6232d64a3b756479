/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Move.Origin;
import io.twinwall.protocol.Takeover.Phase;
import io.twinwall.protocol.Takeover.PhaseDone;
import java.util.List;

/**
 * Becoming active, in order: flows in the kernel, kernel events subscribed (a flow made in the first moment must be seen),
 * gate open, addresses up, announced; then timeouts corrected and the report. Each step begins when the one before was
 * answered, or had its time: a step that fails is alarmed and reported, and the takeover goes on, since half an active node
 * is better than none. But a planned one whose gate cannot be opened is given up while the other is still active.
 */
final class Takeovers {
    private static final long[] ROUNDS_NS = {0, 10_000_000L, 100_000_000L, 1_000_000_000L};
    /** How long a claim is repeated for one who has not seen it. */
    private static final long CLAIM_TOLD_NS = 1_000_000_000L;

    private Takeovers() {}

    /** A backup's tick: take over if nobody else is active. */
    static void consider(Draft d) {
        Probes.probe(d);
        Enquiries.ask(d);
        boolean due = !(d.work instanceof Work.Lingering) && d.nowNs >= Silence.takeoverDueNs(d);
        if (!due || Isolation.forbids(d) || !Probes.inVain(d)) {
            return;
        }
        PeerView last = Silence.lastMaster(d);
        if (d.work instanceof Work.Asking) {
            Handovers.refuseAsked(d, Refusal.NOT_ACTIVE);
        }
        if (last == null) {
            String nobody = d.masterKnown ? "no peer is heard" : "no peer at start";
            begin(d, d.term + 1, d.anyAlive() ? "nobody is active" : nobody, 0, null);
            return;
        }
        long silentNs = d.nowNs - (last.masterAwakeNs() + d.lateNs);
        String reason = "no heartbeat from " + last.name() + " for " + RoleConfig.millis(silentNs);
        if (d.alive(last)) {
            boolean hinted = last.last().role() == Role.MASTER;
            reason = hinted ? "the agent of " + last.name() + " is gone" : last.name() + " is not active any more";
        }
        if (Countdowns.waits(d, reason)) {
            return;
        }
        begin(d, d.term + 1, reason, silentNs, last);
    }

    private static void begin(Draft d, long term, String reason, long detectNs, PeerView lost) {
        if (d.sync.readiness() != Readiness.READY && lost != null) {
            d.alarm(
                    AlarmCode.UNREADY_TAKEOVER,
                    "taking over although not ready (" + d.sync.readiness() + "): flows will be lost");
        }
        if (lost != null && lost.last().role() == Role.MASTER && lost.last().alone()) {
            d.alarm(
                    AlarmCode.UNFENCED_PEER,
                    "the lease of " + lost.name() + " was not armed: it still forwards if only its agent died");
        }
        start(d, new Begin(term, reason, false, detectNs, false, false));
    }

    /** The active granted us its place; {@code asked}: an operator at this node waits for it. */
    static void planned(Draft d, long term, String from, Origin origin, boolean asked) {
        String reason = "planned: handed over by " + from + origin.because();
        start(d, new Begin(term, reason, true, 0, asked, origin.byOperator()));
        d.told = origin.told();
    }

    /** An operator ordered it. */
    static void ordered(Draft d, String reason) {
        Handovers.tell(d, Handover.claimed(d.term + 1, true), CLAIM_TOLD_NS);
        start(d, new Begin(d.term + 1, reason, false, 0, true, true));
        d.told = true;
    }

    /** How a takeover begins; {@code answer}: to an operator at this node; {@code ordered}: some operator wanted it. */
    private record Begin(long term, String reason, boolean planned, long detectNs, boolean answer, boolean ordered) {}

    private static void start(Draft d, Begin begin) {
        long term = begin.term();
        d.raiseTerm(term);
        d.masterKnown = true;
        // A refusal of an earlier term would hide the claim of this one.
        d.peers.replaceAll(peer -> peer.asking(peer.asked().refused(Handover.NONE, Moments.NEVER)));
        boolean blind = !begin.planned() && !begin.ordered() && Outsets.blind(d);
        d.inherited = false;
        d.probeAlarmed = false;
        d.work = new Work.Idle();
        if (d.notice.term() != term) {
            d.noticeUntilNs = Moments.NEVER;
        }
        d.gate = Gate.CLOSED;
        Vips.begin(d);
        d.nextRound = ROUNDS_NS.length;
        boolean ready = d.sync.readiness() == Readiness.READY;
        d.become(Role.MASTER, begin.reason(), begin.ordered());
        d.blind = blind;
        Takeover begun = new Takeover(
                begin.reason(), begin.planned(), ready, term, d.nowNs, begin.detectNs(), 0, List.of(), Counts.NONE);
        Beats.all(d);
        Phase first = d.config.beforeHooks() ? Phase.HOOKS : Phase.DRAIN;
        run(d, new Work.TakingOver(begun, first, 0, d.nowNs, 0, begin.answer(), Moments.NEVER), first);
    }

    private static void run(Draft d, Work.TakingOver work, Phase phase) {
        long token = d.token();
        RoleConfig.Limits limits = d.config.limits();
        long limitNs = limits.effectNs();
        switch (phase) {
            case HOOKS -> {
                limitNs = limits.beforeHooksNs();
                d.emit(new RoleEffect.BeforeHooks(token, limitNs));
            }
            case DRAIN -> {
                limitNs = limits.drainNs();
                d.emit(new RoleEffect.DrainInjector(token, limitNs));
            }
            case SOURCE -> {
                d.syncTerm = d.term;
                d.mirrorOf = 0;
                d.sync = Sync.SOURCE;
                d.emit(new RoleEffect.BecomeSource(token, d.term));
            }
            case GATE -> {
                if (work.outdated()) {
                    d.work = work.at(phase, 0, d.nowNs, Math.max(work.lookNs(), d.nowNs));
                    return;
                }
                boolean armed = Leases.armed(d);
                d.gateToken = token;
                d.gate = new Gate(armed, Moments.NEVER);
                d.emit(new RoleEffect.OpenGate(
                        token, armed, d.nowNs + d.config.timing().leaseNs()));
            }
            case VIPS -> Vips.add(d, token);
            case ANNOUNCE -> d.emit(new RoleEffect.AnnounceVips(token, 0));
            case TIMEOUTS -> {
                limitNs = limits.timeoutsNs();
                d.emit(new RoleEffect.CorrectTimeouts(token));
            }
        }
        d.work = work.at(phase, token, d.nowNs, d.nowNs + limitNs);
    }

    /** The answer to the step that is waited for. */
    static void done(Draft d, Work.TakingOver work, boolean ok, String detail, Counts counts) {
        Phase phase = work.phase();
        if (!ok && phase == Phase.GATE && work.outdated()) {
            // It came too late, as it should have: look again.
            run(d, work, phase);
            return;
        }
        if (phase == Phase.VIPS) {
            Vips.added(d, ok, detail);
        }
        if (!ok) {
            d.alarm(AlarmCode.STEP_FAILED, "takeover, step " + phase + ": " + detail);
            if (phase == Phase.GATE && work.soFar().planned() && Probes.otherForwards(d)) {
                // The other still forwards: nothing is lost by leaving it so.
                StepDowns.abandon(d, "its gate cannot be opened");
                return;
            }
            if (phase == Phase.GATE) {
                Leases.failed(d);
            }
        }
        Work.TakingOver next = work.with(new PhaseDone(phase, d.nowNs - work.sinceNs(), ok, detail), counts);
        switch (phase) {
            case HOOKS -> run(d, next, Phase.DRAIN);
            case DRAIN -> run(d, next, Phase.SOURCE);
            case SOURCE -> run(d, next, Phase.GATE);
            case GATE -> {
                if (ok) {
                    Leases.opened(d, d.gate.armed(), work.sinceNs());
                }
                run(d, next, Phase.VIPS);
            }
            case VIPS -> run(d, next, Phase.ANNOUNCE);
            case ANNOUNCE -> {
                startRounds(d);
                d.nextRound = 1;
                if (next.soFar().planned()) {
                    Handovers.tell(d, Handover.claimed(d.term, false), CLAIM_TOLD_NS);
                    Beats.all(d);
                }
                run(d, next, Phase.TIMEOUTS);
            }
            case TIMEOUTS -> report(d, next);
        }
    }

    private static void report(Draft d, Work.TakingOver work) {
        d.work = new Work.Idle();
        d.lastTakeover = work.soFar();
        d.emit(new RoleEffect.ReportTakeover(work.soFar()));
        if (work.asked()) {
            d.answer(true, d.config.name() + " is active, term " + d.term);
        }
    }

    /** A tick: a step that gave no answer in its time is taken for failed. */
    static void timeOut(Draft d) {
        if (!(d.work instanceof Work.TakingOver work)) {
            return;
        }
        if (work.phase() == Phase.GATE && work.outdated() && work.token() == 0) {
            lookAgain(d, work);
        } else if (d.nowNs >= work.deadlineNs()) {
            done(d, work, false, "no answer for " + RoleConfig.millis(d.nowNs - work.sinceNs()), Counts.NONE);
        }
    }

    /**
     * This node stood still for a lease or more before its gate was open, and nobody was alive: it goes on, but another may have
     * become active meanwhile. So the gate waits until all that was sent to this node is heard and, with probes, one was in vain.
     */
    static void stoodStill(Draft d) {
        if (d.work instanceof Work.TakingOver work && work.phase().beforeGateOpen()) {
            RoleConfig.Timing t = d.config.timing();
            d.work = work.looking(d.nowNs + t.heartbeatNs() + t.slopNs());
            d.probeSentNs = Moments.NEVER;
        }
    }

    private static void lookAgain(Draft d, Work.TakingOver work) {
        if (Probes.contradicted(d)) {
            StepDowns.abandon(d, "somebody answers for the virtual addresses");
        } else if (Probes.mayGoOn(d) && d.nowNs >= work.lookNs()) {
            run(d, work.looking(Moments.NEVER), Phase.GATE);
        } else {
            long againNs = d.nowNs + d.config.timing().heartbeatNs() / 4;
            d.work = work.at(Phase.GATE, 0, work.sinceNs(), Math.max(work.lookNs(), againNs));
        }
    }

    static void startRounds(Draft d) {
        d.roundsSinceNs = d.nowNs;
        d.nextRound = 0;
    }

    /** A tick: announce again what is due. */
    static void announce(Draft d) {
        if (d.nowNs >= roundDueNs(d)) {
            d.emit(new RoleEffect.AnnounceVips(d.token(), d.nextRound));
            d.nextRound++;
        }
    }

    static long roundDueNs(Draft d) {
        boolean due = d.master() && d.nextRound < ROUNDS_NS.length;
        return due ? d.roundsSinceNs + ROUNDS_NS[d.nextRound] : Moments.FAR;
    }
}
