/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What the role protocol tells people: transitions, takeovers and alarms in the log, in counters and, the last of them, for
 * status pages; answers to askers; and transitions to the hooks. Written by the role agent's thread, read by any.
 */
final class RoleJournal {
    private static final Logger LOG = System.getLogger("twinwall.role");

    /** Transitions kept for status pages. */
    static final int TRANSITIONS_MAX = 20;

    /** A transition, and when it was. */
    record Changed(RoleEffect.Transition transition, long atNs) {}

    /** The last alarm of its kind, and when it was raised. */
    record Raised(RoleEffect.Alarm alarm, long atNs) {}

    private final NanoClock clock;
    private final Consumer<HookRunner.Occasion> hooks;
    private final ArrayDeque<Changed> changes = new ArrayDeque<>();
    private final Map<AlarmCode, Raised> raised = new EnumMap<>(AlarmCode.class);
    private final Counter role;
    private final Counter term;
    private final Counter transitions;
    private final Counter takeovers;
    private final Map<AlarmCode, Counter> alarms = new EnumMap<>(AlarmCode.class);
    private final AtomicReference<CompletableFuture<RoleEffect.Answer>> asker = new AtomicReference<>();

    RoleJournal(Counters counters, NanoClock clock, Consumer<HookRunner.Occasion> hooks) {
        this.clock = clock;
        this.hooks = hooks;
        role = counters.gauge("role", "0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT, 4 MAINTENANCE.");
        term = counters.gauge("term", "This node's claim while it is master, else the highest seen.");
        transitions = counters.counter("role_transitions_total", "Changes of role.");
        takeovers = counters.counter("takeovers_total", "Takeovers that this node made.");
        for (AlarmCode code : AlarmCode.values()) {
            String name = code.name().toLowerCase(Locale.ROOT);
            alarms.put(
                    code,
                    counters.counter("alarms_" + name + "_total", "Alarms raised: " + name.replace('_', ' ') + "."));
        }
    }

    /** The last transitions, newest first. */
    synchronized List<Changed> changes() {
        return List.copyOf(changes);
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
        LOG.log(
                Level.INFO,
                "the operator''s request is {0}: {1}",
                answer.accepted() ? "met" : "refused",
                answer.reason());
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    void transition(RoleEffect.Transition transition) {
        role.set(
                switch (transition.to()) {
                    case INIT -> 0;
                    case BACKUP -> 1;
                    case MASTER -> 2;
                    case FAULT -> 3;
                    case MAINTENANCE -> 4;
                });
        term.set(transition.term());
        transitions.increment();
        keep(transition);
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
        alarms.get(alarm.code()).increment();
        synchronized (this) {
            raised.put(alarm.code(), new Raised(alarm, clock.nanoTime()));
        }
        LOG.log(Level.WARNING, "alarm {0}: {1}", alarm.code(), alarm.text());
    }

    void takeover(Takeover takeover) {
        takeovers.increment();
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
    }
}
