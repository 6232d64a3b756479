/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Fence;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.Sync;
import java.util.HashMap;
import java.util.Map;

/** Carries out what the protocol decides, on the fake host and the real sync agent, as the program's executor does. */
final class Effects {
    private static final long DISK_NS = 3 * World.MS;
    private static final long PROBE_NS = 2 * World.MS;
    private static final long HOOKS_NS = 20 * World.MS;

    private final World world;
    private final Node node;
    private final Host host;
    private final Map<Long, EffectKind> asked = new HashMap<>();

    Effects(World world, Node node) {
        this.world = world;
        this.node = node;
        host = node.host;
    }

    /** The sync agent's report as the protocol's event; null when it is not one. */
    RoleEvent translate(SyncReport report) {
        return switch (report) {
            case SyncReport.Done done -> {
                EffectKind kind = asked.remove(done.token());
                if (kind == null) {
                    yield null;
                }
                world.checks.takeovers.answered(node, kind, done.ok());
                SyncReport.Tally tally = done.tally();
                yield new RoleEvent.EffectDone(
                        done.token(),
                        kind,
                        done.ok(),
                        done.detail(),
                        new Counts(tally.mirrored(), tally.installed(), tally.refused()));
            }
            case SyncReport.Changed changed -> {
                node.delivered = changed;
                yield new RoleEvent.SyncChanged(
                        changed.term(),
                        new Sync(
                                world.bug == Bug.READY_FORGED ? Readiness.READY : readiness(changed.readiness()),
                                changed.lagDeltas(),
                                changed.lagNs(),
                                changed.equal(),
                                changed.refused()));
            }
            case SyncReport.LossWindowClosed loss -> null;
        };
    }

    private static Readiness readiness(SyncReport.Readiness readiness) {
        return switch (readiness) {
            case COLD -> Readiness.COLD;
            case SYNCING -> Readiness.SYNCING;
            case READY -> Readiness.READY;
        };
    }

    void carryOut(RoleEffect effect) {
        switch (effect) {
            case RoleEffect.SendHeartbeat e -> send(e.heartbeat());
            case RoleEffect.RenewLease e -> {
                if (inTime(e.notAfterNs()) && !open(e.armed()).isEmpty()) {
                    node.answer(new RoleEvent.LeaseLost("broken"));
                }
            }
            case RoleEffect.OpenGate e ->
                done(e.token(), EffectKind.OPEN_GATE, inTime(e.notAfterNs()) ? open(e.armed()) : "too late");
            case RoleEffect.ReleaseLease e -> {
                if (world.bug != Bug.RELEASE_IGNORED) {
                    host.closeGate();
                }
            }
            case RoleEffect.DrainInjector e -> drain(e);
            case RoleEffect.BecomeSource e -> {
                if (world.bug == Bug.FLOW_FORGOTTEN && world.traffic.on() != host) {
                    world.traffic.forget(host, world.random.nextInt(Traffic.KEYS));
                }
                ask(e.token(), EffectKind.BECOME_SOURCE, new SyncCommand.BecomeSource(e.token(), e.term()));
            }
            case RoleEffect.BecomeMirror e -> {
                world.checks.terms.follows(node);
                node.delivered = null;
                ask(e.token(), EffectKind.BECOME_MIRROR, new SyncCommand.BecomeMirror(e.token(), e.term()));
            }
            case RoleEffect.AddVips e -> done(e.token(), EffectKind.ADD_VIPS, addVips(e.armed()));
            // As the program does: what went missing is put back.
            case RoleEffect.RefreshVips e -> done(e.token(), EffectKind.REFRESH_VIPS, addVips(e.armed()));
            case RoleEffect.BeforeHooks e -> hooks(e);
            case RoleEffect.PersistMaintenance e -> {
                boolean fails = node.condition.broken(EffectKind.PERSIST_MAINTENANCE);
                host.storedMaintenance = fails ? host.storedMaintenance : e.on();
                done(e.token(), EffectKind.PERSIST_MAINTENANCE, problem(EffectKind.PERSIST_MAINTENANCE));
            }
            case RoleEffect.RemoveVips e -> {
                if (world.bug != Bug.VIPS_NOT_REMOVED) {
                    host.removeVips();
                }
                done(e.token(), EffectKind.REMOVE_VIPS, "");
            }
            case RoleEffect.AnnounceVips e ->
                done(e.token(), EffectKind.ANNOUNCE_VIPS, problem(EffectKind.ANNOUNCE_VIPS));
            case RoleEffect.CorrectTimeouts e ->
                ask(e.token(), EffectKind.CORRECT_TIMEOUTS, new SyncCommand.CorrectTimeouts(e.token()));
            case RoleEffect.SendBarrier e -> barrier(e.token());
            case RoleEffect.PersistTerm e -> persist(e.token(), e.term());
            case RoleEffect.ProbeVips e -> probe();
            case RoleEffect.AskReach e -> node.condition.ask(node);
            case RoleEffect.ReportTakeover e ->
                world.trace.mix(world.now(), node.number, 30, e.takeover().term());
            case RoleEffect.Transition e -> world.checks.takeovers.transition(node, e);
            case RoleEffect.Alarm e -> alarm(e.code().name());
            case RoleEffect.Answer e -> world.trace.mix(world.now(), node.number, 32, e.accepted() ? 1 : 0);
            case RoleEffect.Stopped e -> {
                if (world.bug != Bug.STOP_UNHEARD) {
                    node.stopped();
                }
            }
        }
    }

    private void alarm(String code) {
        long number = code.hashCode();
        world.trace.mix(world.now(), node.number, 31, number);
    }

    private boolean inTime(long notAfterNs) {
        return node.mono() <= notAfterNs || world.bug == Bug.RENEWED_TOO_LATE;
    }

    private String problem(EffectKind kind) {
        return node.condition.broken(kind) ? "broken" : "";
    }

    private String addVips(boolean armed) {
        if (!node.condition.broken(EffectKind.ADD_VIPS)) {
            host.addVips(armed);
        }
        return problem(EffectKind.ADD_VIPS);
    }

    /** Broken ones fail, or hang until they are killed. */
    private void hooks(RoleEffect.BeforeHooks e) {
        boolean fails = node.condition.broken(EffectKind.BEFORE_HOOKS);
        boolean hangs = fails && world.random.chance(3);
        if (hangs) {
            node.condition.hangsUntilNs = world.now() + e.limitNs();
        }
        node.postIn(
                hangs ? e.limitNs() : world.between(0, HOOKS_NS),
                new RoleEvent.EffectDone(
                        e.token(), EffectKind.BEFORE_HOOKS, !fails, problem(EffectKind.BEFORE_HOOKS), Counts.NONE));
    }

    /** What went wrong, or "". */
    private String open(boolean armed) {
        if (node.condition.broken(EffectKind.OPEN_GATE)) {
            node.condition.gateFailedNs = world.now();
            return "broken";
        }
        if (world.bug == Bug.OPENED_IN_WORDS && node.number == 2) {
            return "";
        }
        boolean was = host.gateOpen();
        boolean arm = armed && node.config.fence() != Fence.OFF && world.bug != Bug.NEVER_ARMED;
        host.openGate(arm, node.config.timing().leaseNs());
        world.checks.gates.renewed(node);
        world.checks.fences.renewed(node);
        if (!was) {
            world.checks.gates.opened(node);
        }
        return "";
    }

    private void send(Heartbeat heartbeat) {
        node.said = heartbeat;
        boolean lower = world.bug == Bug.TERM_NOT_RAISED && heartbeat.role() == Role.MASTER;
        Heartbeat said = lower ? Forgery.with(heartbeat, heartbeat.peerCounter(), heartbeat.term() - 1) : heartbeat;
        world.checks.terms.said(node, said);
        world.network.send(node, node.sessions.send(said, world.now(), node.sentHeardNs));
    }

    private void drain(RoleEffect.DrainInjector e) {
        if (world.bug == Bug.GATE_BEFORE_DRAIN) {
            open(true);
        }
        ask(e.token(), EffectKind.DRAIN_INJECTOR, new SyncCommand.DrainInjector(e.token(), node.mono() + e.limitNs()));
    }

    private void barrier(long token) {
        world.checks.takeovers.barrierAsked(node);
        if (world.bug == Bug.BARRIER_SKIPPED) {
            world.checks.takeovers.answered(node, EffectKind.SEND_BARRIER, true);
            done(token, EffectKind.SEND_BARRIER, "");
            return;
        }
        long limitNs = node.config.limits().barrierNs();
        ask(token, EffectKind.SEND_BARRIER, new SyncCommand.Barrier(token, node.mono() + limitNs));
    }

    private void persist(long token, long term) {
        long takesNs = world.between(0, DISK_NS) + world.between(0, 1 + node.answerLateNs);
        int life = node.life();
        String problem = problem(EffectKind.PERSIST_TERM);
        world.in(takesNs, () -> {
            if (node.life() == life && problem.isEmpty()) {
                if (world.bug != Bug.TERM_LOST) {
                    host.storedTerm = Math.max(host.storedTerm, term);
                }
                world.checks.terms.stored(node, term);
            }
        });
        node.postIn(
                takesNs,
                new RoleEvent.EffectDone(token, EffectKind.PERSIST_TERM, problem.isEmpty(), problem, Counts.NONE));
    }

    private void probe() {
        Host other = world.other(node).host;
        world.in(world.between(0, PROBE_NS / 2), () -> {
            boolean answers = other.gateOpen() && other.vips() && world.network.lanWorks();
            if (answers && world.bug != Bug.PROBE_IGNORED) {
                node.postIn(world.between(0, PROBE_NS / 2), new RoleEvent.VipAnswered("02:00:00:00:00:01"));
            }
        });
    }

    private void ask(long token, EffectKind kind, SyncCommand command) {
        asked.put(token, kind);
        node.sync.offer(command);
    }

    private void done(long token, EffectKind kind, String problem) {
        node.answer(new RoleEvent.EffectDone(token, kind, problem.isEmpty(), problem, Counts.NONE));
    }
}
