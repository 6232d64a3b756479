/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** What the role protocol tells people: transitions, takeovers and alarms in the log and in counters; answers to askers. */
final class RoleJournal {
    private static final Logger LOG = System.getLogger("twinwall.role");

    private final Counter role;
    private final Counter term;
    private final Counter transitions;
    private final Counter takeovers;
    private final Map<AlarmCode, Counter> alarms = new EnumMap<>(AlarmCode.class);
    private final AtomicReference<CompletableFuture<RoleEffect.Answer>> asker = new AtomicReference<>();

    RoleJournal(Counters counters) {
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

    /** Whoever asked for a switchover waits for this; empty handed when another is waiting already. */
    boolean expectAnswer(CompletableFuture<RoleEffect.Answer> future) {
        return asker.compareAndSet(null, future);
    }

    void answer(RoleEffect.Answer answer) {
        CompletableFuture<RoleEffect.Answer> waiting = asker.getAndSet(null);
        LOG.log(Level.INFO, "switchover {0}: {1}", answer.accepted() ? "made" : "refused", answer.reason());
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
        LOG.log(
                Level.INFO,
                "{0} -> {1}: {2} (term {3})",
                transition.from(),
                transition.to(),
                transition.reason(),
                Long.toString(transition.term()));
    }

    void alarm(RoleEffect.Alarm alarm) {
        alarms.get(alarm.code()).increment();
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
