/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.base.Check;
import java.util.Collections;
import java.util.List;

/**
 * The role protocol: a pure function of state, event and time. No clock, no I/O, no thread, no logging, no randomness. One
 * caller at a time; allocation is nothing to worry about at some tens of steps a second.
 *
 * <p>The executor's part: drain the heartbeat sockets before every tick, and those that probes are answered on before orders, read
 * the clock anew for every step, carry out effects in order, answer those that carry a token.
 */
public final class RoleProtocol {
    private RoleProtocol() {}

    /** The state before {@link RoleEvent.Started}. */
    public static RoleState initial(RoleConfig config, long nowNs) {
        List<String> problems = config.problems();
        Check.that(problems.isEmpty(), String.join("; ", problems));
        return new RoleState(
                Role.INIT,
                nowNs,
                nowNs,
                0,
                false,
                Replica.NONE,
                Grip.NONE,
                Addresses.NONE,
                Lateness.NONE,
                config.peers().stream().map(p -> PeerView.of(p, config.paths())).toList(),
                Collections.nCopies(config.paths(), true),
                nowNs,
                new Work.Idle(),
                Talk.NONE,
                Probing.NONE,
                Enquiry.NONE,
                Standing.WELL,
                Tempers.NONE,
                Outset.NONE,
                Countdown.NONE,
                false,
                1,
                null,
                nowNs,
                Moments.FAR);
    }

    /** Takes {@code event}, at {@code nowNs} on a monotonic clock, into account. */
    public static Step step(RoleState state, RoleEvent event, long nowNs, RoleConfig config) {
        Draft d = new Draft(state, nowNs, config);
        Silence.notice(d, state);
        if (d.work instanceof Work.Ended) {
            return d.finish();
        }
        happened(d, event);
        if (d.role() != Role.INIT && !d.stopping) {
            Healths.settle(d);
            Moves.consider(d);
        }
        return d.finish();
    }

    private static void happened(Draft d, RoleEvent event) {
        switch (event) {
            case RoleEvent.Started e -> started(d, e);
            case RoleEvent.Tick e -> tick(d, e);
            case RoleEvent.HeartbeatHeard e -> Hearing.heartbeat(d, e);
            case RoleEvent.SyncChanged e -> {
                if (e.term() == d.syncTerm && (d.master() || d.mirrorOf != 0)) {
                    d.sync = e.sync();
                }
            }
            case RoleEvent.EffectDone e -> effectDone(d, e);
            case RoleEvent.SwitchoverAsked e -> Handovers.asked(d, e.force());
            case RoleEvent.LeaseLost e -> leaseLost(d, e);
            case RoleEvent.HealthChanged e -> Healths.changed(d, e);
            case RoleEvent.ReachChanged e -> Isolation.reached(d, e.reach());
            case RoleEvent.ReachAnswered e -> Enquiries.answered(d, e);
            case RoleEvent.PeerAgentGone e -> Hearing.gone(d, e.peer());
            case RoleEvent.PathChanged e -> Outsets.pathChanged(d, e);
            case RoleEvent.VipAnswered e -> Probes.answered(d, e.detail());
            case RoleEvent.PromoteAsked e -> Orders.promote(d, e.force());
            case RoleEvent.MaintenanceAsked e -> Orders.maintenance(d, e.on());
            case RoleEvent.VetoAsked e -> Countdowns.veto(d);
            case RoleEvent.Reconfigured e -> Reloads.apply(d);
            case RoleEvent.StopAsked e -> stop(d);
        }
    }

    /** What an operator should know before he asks for {@code action} at this node. */
    public static Precheck precheck(RoleState state, long nowNs, RoleConfig config, Action action) {
        return Prechecks.of(new Draft(state, nowNs, config), action);
    }

    private static void started(Draft d, RoleEvent.Started e) {
        Check.that(d.role() == Role.INIT, "started twice");
        d.term = e.persistedTerm();
        d.forwarding = e.gateOpen();
        if (e.maintenance()) {
            d.become(Role.MAINTENANCE, "told to stay out", true);
            StepDowns.cleanInherited(d);
        } else {
            d.become(Role.BACKUP, "started", true);
        }
        Beats.all(d);
    }

    private static void tick(Draft d, RoleEvent.Tick e) {
        Silence.account(d, e.loopLateNs());
        if (d.role() == Role.INIT) {
            return;
        }
        Silence.alarmLost(d);
        Watch.peers(d);
        Isolation.watch(d);
        Takeovers.timeOut(d);
        Handovers.timeOut(d);
        StepDowns.timeOut(d);
        if (d.role() == Role.BACKUP) {
            Takeovers.consider(d);
        }
        boolean due = d.nowNs >= d.nextHeartbeatNs;
        if (due || Leases.overdue(d)) {
            Leases.onBeat(d);
        }
        Takeovers.announce(d);
        if (due && !(d.work instanceof Work.Ended)) {
            Beats.due(d);
        }
        Beats.urgent(d);
    }

    private static void effectDone(Draft d, RoleEvent.EffectDone e) {
        if (d.work instanceof Work.TakingOver work && work.token() == e.token()) {
            Takeovers.done(d, work, e.ok(), e.detail(), e.counts());
            return;
        }
        if (d.work instanceof Work.Draining work && work.token() == e.token()) {
            Handovers.drained(d, work, e.ok(), e.detail());
            return;
        }
        if (e.kind() == EffectKind.PERSIST_MAINTENANCE && e.token() == d.storing) {
            Orders.stored(d, e.ok(), e.detail());
        }
        boolean news = !d.master() || news(d, e);
        if (!e.ok() && news) {
            d.alarm(AlarmCode.STEP_FAILED, e.kind() + ": " + e.detail());
        }
    }

    /** What a master learns of its gate and addresses. False when it need not be alarmed. */
    private static boolean news(Draft d, RoleEvent.EffectDone e) {
        if (e.kind() == EffectKind.OPEN_GATE && e.token() == d.gateToken) {
            if (e.ok()) {
                Leases.opened(d, d.gate.armed());
            }
            return !e.ok() && Leases.failed(d);
        }
        if (e.kind() == EffectKind.ADD_VIPS && e.token() == d.vipsToken) {
            return Vips.added(d, e.ok(), e.detail());
        }
        return e.kind() != EffectKind.REFRESH_VIPS || Vips.refreshed(d, e.ok(), e.detail());
    }

    private static void leaseLost(Draft d, RoleEvent.LeaseLost e) {
        if (d.master() && d.gate.open(d.nowNs)) {
            if (Leases.failed(d)) {
                d.alarm(AlarmCode.GATE_LOST, e.detail());
            }
            d.gate = Gate.CLOSED;
            Leases.onBeat(d);
        }
    }

    private static void stop(Draft d) {
        if (d.stopping) {
            return;
        }
        d.stopping = true;
        switch (d.work) {
            case Work.Asking w -> {
                Handovers.refuseAsked(d, Refusal.STOPPING);
                StepDowns.end(d);
            }
            case Work.Idle w -> StepDowns.stop(d);
            case Work.TakingOver w -> {
                Handovers.answerAbandoned(d, Refusal.STOPPING.text());
                StepDowns.end(d);
            }
            case Work.Draining w -> await();
            case Work.Granting w -> await();
            case Work.Lingering w -> await();
            case Work.Ended w -> await();
        }
    }

    /** What is under way ends in stopping by itself. */
    private static void await() {}
}
