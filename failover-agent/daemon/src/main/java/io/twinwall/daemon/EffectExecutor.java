/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.journal.Evidence;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.Sync;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Carries out what the role protocol decides, in order, and collects the answers. Nothing here decides anything. On the
 * role agent's thread: what may take long (the disk, the sync agent's work, prolonging the addresses) is begun here and
 * answered later.
 */
final class EffectExecutor {
    private static final Logger LOG = System.getLogger("twinwall.role");
    private static final long BARRIER_NS = 2_000_000_000L;
    private static final long RECHECK_NS = 20_000_000L;
    /** The gate looks after itself once a second; this is how late it may. */
    private static final long LOOK_EVERY_NS = 100_000_000L;

    private static final long TELL_EVERY_NS = 10_000_000_000L;

    /** A send takes microseconds; much less than the slop that the protocol leaves between two gates. */
    private static final long SENT_WITHIN_NS = 1_000_000L;

    /** The sync agent's inbox, or nothing at all when synchronisation is off. */
    interface SyncPort {
        boolean offer(SyncCommand command);
    }

    private final HeartbeatPaths paths;
    private final PeerSession session;
    private final Gate gate;
    private final Presence presence;
    private final AddressKeeper addresses;
    private final HookRunner hooks;
    private final Optional<SyncPort> sync;
    private final StateFile memory;
    private final RoleJournal journal;
    private final Runnable askReach;
    private final Consumer<RoleEvent> later;
    private final NanoClock clock;
    private final ArrayDeque<RoleEvent> answers = new ArrayDeque<>();
    private final Map<Long, EffectKind> asked = new HashMap<>();

    private long syncTerm;
    private long recheckAtNs;
    private String damageTold = "";
    private long damageToldNs;
    private boolean stopped;
    private long lookedNs;

    /** {@code askReach}: has the test addresses asked, and returns at once; {@code later}: takes what is answered from other threads. */
    EffectExecutor(
            HeartbeatPaths paths,
            PeerSession session,
            Gate gate,
            Presence presence,
            AddressKeeper addresses,
            HookRunner hooks,
            Optional<SyncPort> sync,
            StateFile memory,
            RoleJournal journal,
            Runnable askReach,
            Consumer<RoleEvent> later,
            NanoClock clock) {
        this.paths = paths;
        this.session = session;
        this.gate = gate;
        this.presence = presence;
        this.addresses = addresses;
        this.hooks = hooks;
        this.sync = sync;
        this.memory = memory;
        this.journal = journal;
        this.askReach = askReach;
        this.later = later;
        this.clock = clock;
    }

    /** The next answer of an effect that was carried out at once, or null. */
    RoleEvent pollAnswer() {
        return answers.poll();
    }

    /**
     * Once a cycle: sees to the kernel's tables, to announcements under way, and to others who claim the addresses.
     *
     * @param readable one of the sockets that tell of these may have something to read
     */
    void work(boolean readable) {
        long nowNs = clock.nanoTime();
        recheck(nowNs);
        addresses.work(nowNs);
        report(nowNs);
        if (readable || gate.wantsLook() || presence.announcing() || nowNs - lookedNs >= LOOK_EVERY_NS) {
            lookedNs = nowNs;
            look(nowNs);
        }
    }

    /** Sends what of a report is due, when there is a path for it. */
    private void report(long nowNs) {
        if (!paths.takeMore()) {
            return;
        }
        for (int i = 0; i < PeerReports.AT_ONCE_MAX; i++) {
            int length = session.encodeReport(paths.buffer(), nowNs);
            if (length == 0) {
                return;
            }
            paths.sendAside(length, nowNs);
        }
    }

    private void look(long nowNs) {
        String damage = gate.check(nowNs);
        if (!damage.isEmpty()) {
            tell(damage, nowNs);
            answers.add(new RoleEvent.LeaseLost(damage));
        }
        hear(nowNs);
    }

    private void hear(long nowNs) {
        String claimant = presence.work(nowNs);
        if (claimant != null) {
            answers.add(new RoleEvent.VipAnswered(claimant));
        }
    }

    /** What came on the sockets on which probes are answered, of {@link #work}; {@code readable}: one of them is. */
    void hearProbes(boolean readable) {
        if (readable) {
            hear(clock.nanoTime());
        }
    }

    /** What lasts is found out again with each heartbeat. */
    private void tell(String damage, long nowNs) {
        if (!damage.equals(damageTold) || nowNs - damageToldNs >= TELL_EVERY_NS) {
            damageTold = damage;
            damageToldNs = nowNs;
            LOG.log(Level.WARNING, "{0}", damage);
        }
    }

    /** When {@link #work} is to be called again, if nothing happens before. */
    long workAtNs(long nowNs) {
        return presence.announcing() ? nowNs + Presence.PUMP_EVERY_NS : Long.MAX_VALUE;
    }

    /** A gate closed a moment ago is looked at again, since a renewal put off elsewhere may have opened it. */
    private void recheck(long nowNs) {
        if (recheckAtNs != 0 && nowNs - recheckAtNs >= 0) {
            recheckAtNs = 0;
            if (gate.installedAndOpen()) {
                closeGate();
            }
        }
    }

    /** True after the protocol said that everything is given up. */
    boolean stopped() {
        return stopped;
    }

    /** The sync agent's report as the protocol's event. */
    Optional<RoleEvent> translate(SyncReport report) {
        return switch (report) {
            case SyncReport.Done done -> {
                EffectKind kind = asked.remove(done.token());
                yield kind == null
                        ? Optional.empty()
                        : Optional.of(new RoleEvent.EffectDone(
                                done.token(),
                                kind,
                                done.ok(),
                                done.detail(),
                                new Counts(
                                        done.tally().mirrored(),
                                        done.tally().installed(),
                                        done.tally().refused())));
            }
            case SyncReport.Changed changed ->
                Optional.of(new RoleEvent.SyncChanged(
                        changed.term(),
                        new Sync(
                                readiness(changed.readiness()),
                                changed.lagDeltas(),
                                changed.lagNs(),
                                changed.equal(),
                                changed.refused())));
            case SyncReport.LossWindowClosed loss -> {
                journal.lossWindow(loss);
                yield Optional.empty();
            }
        };
    }

    private static Readiness readiness(SyncReport.Readiness readiness) {
        return switch (readiness) {
            case COLD -> Readiness.COLD;
            case SYNCING -> Readiness.SYNCING;
            case READY -> Readiness.READY;
        };
    }

    /** {@code evidence}: of a change of role among the effects of this step, else null. */
    void carryOut(RoleEffect effect, Evidence evidence) {
        switch (effect) {
            case RoleEffect.SendHeartbeat send -> heartbeat(send.heartbeat());
            case RoleEffect.RenewLease renew -> renewLease(renew);
            case RoleEffect.OpenGate open -> openGate(open);
            case RoleEffect.ReleaseLease release -> closeGate();
            case RoleEffect.DrainInjector drain ->
                ask(
                        drain.token(),
                        EffectKind.DRAIN_INJECTOR,
                        new SyncCommand.DrainInjector(drain.token(), clock.nanoTime() + drain.limitNs()));
            case RoleEffect.BecomeSource source -> {
                syncTerm = source.term();
                ask(
                        source.token(),
                        EffectKind.BECOME_SOURCE,
                        new SyncCommand.BecomeSource(source.token(), source.term()));
            }
            case RoleEffect.BecomeMirror mirror -> {
                syncTerm = mirror.term();
                ask(
                        mirror.token(),
                        EffectKind.BECOME_MIRROR,
                        new SyncCommand.BecomeMirror(mirror.token(), mirror.term()));
            }
            case RoleEffect.BeforeHooks before ->
                hooks.before(
                        before.limitNs(),
                        problem -> later.accept(done(before.token(), EffectKind.BEFORE_HOOKS, problem)));
            case RoleEffect.AddVips add ->
                addresses.add(
                        add.armed(),
                        problem -> answer(add.token(), EffectKind.ADD_VIPS, problem),
                        problem -> later.accept(done(add.token(), EffectKind.ADD_VIPS, problem)));
            case RoleEffect.RefreshVips refresh ->
                addresses.refresh(
                        refresh.armed(),
                        problem -> later.accept(done(refresh.token(), EffectKind.REFRESH_VIPS, problem)));
            case RoleEffect.RemoveVips remove -> answer(remove.token(), EffectKind.REMOVE_VIPS, addresses.remove());
            case RoleEffect.AnnounceVips announce ->
                answer(announce.token(), EffectKind.ANNOUNCE_VIPS, presence.announce(announce.round()));
            case RoleEffect.CorrectTimeouts correct ->
                ask(correct.token(), EffectKind.CORRECT_TIMEOUTS, new SyncCommand.CorrectTimeouts(correct.token()));
            case RoleEffect.SendBarrier barrier ->
                ask(
                        barrier.token(),
                        EffectKind.SEND_BARRIER,
                        new SyncCommand.Barrier(barrier.token(), clock.nanoTime() + BARRIER_NS));
            case RoleEffect.PersistTerm persist -> memory.storeTerm(persist.term(), persist.token());
            case RoleEffect.PersistMaintenance persist -> memory.storeMaintenance(persist.on(), persist.token());
            case RoleEffect.ProbeVips probe -> probe();
            case RoleEffect.AskReach ask -> askReach.run();
            case RoleEffect.ReportTakeover report -> journal.takeover(report.takeover());
            case RoleEffect.Transition transition -> journal.transition(transition, evidence);
            case RoleEffect.Alarm alarm -> journal.alarm(alarm);
            case RoleEffect.Answer reply -> journal.answer(reply);
            case RoleEffect.Stopped end -> stopped = true;
        }
    }

    private void heartbeat(Heartbeat heartbeat) {
        paths.send(session.encode(heartbeat, clock.nanoTime(), paths.buffer()));
    }

    private void renewLease(RoleEffect.RenewLease renew) {
        if (clock.nanoTime() > renew.notAfterNs()) {
            return;
        }
        String problem = inTime(gate.renew(renew.armed()), renew.notAfterNs());
        if (!problem.isEmpty()) {
            answers.add(new RoleEvent.LeaseLost(problem));
        }
    }

    private void openGate(RoleEffect.OpenGate open) {
        recheckAtNs = 0;
        String problem = gate.prepare();
        if (problem.isEmpty()) {
            problem = clock.nanoTime() > open.notAfterNs()
                    ? "too late"
                    : inTime(gate.grant(open.armed()), open.notAfterNs());
        }
        answer(open.token(), EffectKind.OPEN_GATE, problem);
    }

    private void closeGate() {
        gate.close();
        recheckAtNs = clock.nanoTime() + RECHECK_NS;
    }

    /** This thread may have stood still between its look at the clock and the send: then the gate is closed again. */
    private String inTime(String problem, long notAfterNs) {
        if (problem.isEmpty() && clock.nanoTime() - notAfterNs > SENT_WITHIN_NS) {
            closeGate();
            return "this node stood still while it opened or renewed its gate, which is closed again";
        }
        return problem;
    }

    /** Hands work to the sync agent; with synchronisation off there is nothing to do, and that is done at once. */
    private void ask(long token, EffectKind kind, SyncCommand command) {
        if (sync.isEmpty()) {
            answer(token, kind, "");
            if (kind == EffectKind.BECOME_SOURCE || kind == EffectKind.BECOME_MIRROR) {
                answers.add(new RoleEvent.SyncChanged(syncTerm, new Sync(Readiness.READY, 0, 0, true)));
            }
            return;
        }
        asked.put(token, kind);
        if (!sync.get().offer(command)) {
            asked.remove(token);
            answer(token, kind, "the sync agent does not keep up");
        }
    }

    private void answer(long token, EffectKind kind, String problem) {
        answers.add(done(token, kind, problem));
    }

    private static RoleEvent done(long token, EffectKind kind, String problem) {
        return new RoleEvent.EffectDone(token, kind, problem.isEmpty(), problem, Counts.NONE);
    }

    private void probe() {
        String problem = presence.ask();
        if (!problem.isEmpty()) {
            LOG.log(Level.WARNING, "the virtual addresses could not be asked for: {0}", problem);
        }
    }
}
