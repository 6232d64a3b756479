/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.journal.Evidence;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What the role protocol tells people: transitions, takeovers and alarms in the log, in counters and, the last of them, for
 * status pages; answers to askers; transitions to the hooks, the rest to the alerts; and all of it to the journal. Written
 * by the role agent's thread, read by any.
 */
final class RoleJournal {
    private static final Logger LOG = System.getLogger("twinwall.role");

    /** Transitions kept for status pages. */
    static final int TRANSITIONS_MAX = 20;

    /** Takeovers kept for status pages. */
    static final int TAKEOVERS_MAX = 8;

    /** Whoever tells people elsewhere. Called on the role agent's thread: it must not wait. */
    interface Listener {
        void onAlarm(RoleEffect.Alarm alarm);

        void onTakeover(Takeover takeover);

        /** Kernel events were lost for {@code lengthNs}, and what they said has been learnt again. */
        void onLossWindow(long lengthNs, long flowsRepaired);
    }

    /** A transition, and when it was. */
    record Changed(RoleEffect.Transition transition, long atNs) {}

    /** The last alarm of its kind, and when it was raised. */
    record Raised(RoleEffect.Alarm alarm, long atNs) {}

    private final NanoClock clock;
    private final Consumer<HookRunner.Occasion> hooks;
    private final Listener listener;
    private final Optional<JournalKeeper> kept;
    private final ArrayDeque<Changed> changes = new ArrayDeque<>();
    private final Map<AlarmCode, Raised> raised = new EnumMap<>(AlarmCode.class);
    private final ArrayDeque<Takeover> takeovers = new ArrayDeque<>();
    private final RoleCounters numbers;
    private final AtomicReference<CompletableFuture<RoleEffect.Answer>> asker = new AtomicReference<>();

    /** {@code kept}: what is kept on the disk, too. */
    RoleJournal(
            Counters counters,
            NanoClock clock,
            Consumer<HookRunner.Occasion> hooks,
            Listener listener,
            Optional<JournalKeeper> kept) {
        this.clock = clock;
        this.hooks = hooks;
        this.listener = listener;
        this.kept = kept;
        numbers = new RoleCounters(counters);
    }

    /** The last transitions, newest first. */
    synchronized List<Changed> changes() {
        return List.copyOf(changes);
    }

    /** The last takeovers that this node made, newest first. */
    synchronized List<Takeover> takeovers() {
        return List.copyOf(takeovers);
    }

    /** The last alarm of each kind that was raised, newest first. */
    synchronized List<Raised> alarms() {
        return raised.values().stream()
                .sorted(Comparator.comparingLong(Raised::atNs).reversed())
                .toList();
    }

    /** Whoever asked for something waits for this; false when another is waiting already. */
    boolean expectAnswer(CompletableFuture<RoleEffect.Answer> future) {
        return asker.compareAndSet(null, future);
    }

    void answer(RoleEffect.Answer answer) {
        CompletableFuture<RoleEffect.Answer> waiting = asker.getAndSet(null);
        numbers.answer(answer.accepted());
        LOG.log(
                Level.INFO,
                "the operator''s request is {0}: {1}",
                answer.accepted() ? "met" : "refused",
                answer.reason());
        kept.ifPresent(keeper -> keeper.order(answer));
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    void transition(RoleEffect.Transition transition, Evidence evidence) {
        numbers.transition(transition);
        keep(transition);
        kept.ifPresent(keeper -> keeper.transition(transition, evidence));
        LOG.log(
                Level.INFO,
                "{0} -> {1}: {2} (term {3})",
                transition.from(),
                transition.to(),
                transition.reason(),
                Long.toString(transition.term()));
        hooks.accept(new HookRunner.Occasion(
                when(transition.to()), when(transition.from()), transition.term(), transition.reason()));
    }

    private synchronized void keep(RoleEffect.Transition transition) {
        if (changes.size() == TRANSITIONS_MAX) {
            changes.removeLast();
        }
        changes.addFirst(new Changed(transition, clock.nanoTime()));
    }

    private synchronized void keep(Takeover takeover) {
        if (takeovers.size() == TAKEOVERS_MAX) {
            takeovers.removeLast();
        }
        takeovers.addFirst(takeover);
    }

    private static Config.When when(Role role) {
        return switch (role) {
            case INIT -> Config.When.INIT;
            case BACKUP -> Config.When.BACKUP;
            case MASTER -> Config.When.MASTER;
            case FAULT -> Config.When.FAULT;
            case MAINTENANCE -> Config.When.MAINTENANCE;
        };
    }

    void alarm(RoleEffect.Alarm alarm) {
        numbers.alarm(alarm.code());
        synchronized (this) {
            raised.put(alarm.code(), new Raised(alarm, clock.nanoTime()));
        }
        kept.ifPresent(keeper -> keeper.alarm(alarm.code().name(), alarm.text()));
        LOG.log(Level.WARNING, "alarm {0}: {1}", alarm.code(), alarm.text());
        listener.onAlarm(alarm);
    }

    void takeover(Takeover takeover) {
        numbers.takeover(takeover);
        keep(takeover);
        kept.ifPresent(keeper -> keeper.takeover(takeover));
        StringBuilder phases = new StringBuilder();
        for (Takeover.PhaseDone phase : takeover.phases()) {
            phases.append(String.format(Locale.ROOT, " %s %.3f ms", phase.phase(), phase.tookNs() / 1e6));
            if (!phase.ok()) {
                phases.append(" FAILED (").append(phase.detail()).append(')');
            }
        }
        LOG.log(
                Level.INFO,
                "took over ({0}) in {1} ms, term {2}:{3}; {4} flows mirrored, {5} installed, {6} refused",
                takeover.reason(),
                String.format(Locale.ROOT, "%.3f", takeover.totalNs() / 1e6),
                Long.toString(takeover.term()),
                phases,
                Long.toString(takeover.counts().mirrored()),
                Long.toString(takeover.counts().installed()),
                Long.toString(takeover.counts().refused()));
        listener.onTakeover(takeover);
    }

    void lossWindow(SyncReport.LossWindowClosed loss) {
        kept.ifPresent(keeper -> keeper.lossWindow(loss));
        LOG.log(
                Level.WARNING,
                "kernel events were lost for {0} ms; the table was audited and {1} deltas repair the peer",
                loss.lengthNs() / 1_000_000,
                loss.flowsRepaired());
        listener.onLossWindow(loss.lengthNs(), loss.flowsRepaired());
    }
}
