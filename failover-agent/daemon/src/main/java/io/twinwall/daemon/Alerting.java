/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.alerts.AlertFact;
import io.twinwall.alerts.AlertStatus;
import io.twinwall.alerts.AlertTest;
import io.twinwall.alerts.Alerts;
import io.twinwall.alerts.Origin;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.Counts;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Takeover;
import io.twinwall.wire.PathsLink;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The alerts, as the daemon knows them: fed by the journal, shown to people, changed by a reload. */
final class Alerting implements RoleJournal.Listener, AutoCloseable {
    private final Alerts alerts;
    private final String node;
    private final NanoClock clock;

    /** @param origin this node as it is now */
    Alerting(Config config, Supplier<Origin> origin, Counters counters, NanoClock clock) {
        node = config.node().name();
        this.clock = clock;
        alerts = new Alerts(origin, AlertScript::new, clock, System::currentTimeMillis, counters);
        configure(config);
    }

    /** What is looked at. */
    private record Running(
            RoleAgent agent,
            Supplier<Config> current,
            RoleJournal journal,
            JournalKeeper history,
            Optional<PathsLink> syncPaths,
            PairLikeness pair)
            implements AlertLook.Sources {
        @Override
        public RoleState state() {
            return agent.state();
        }

        @Override
        public RoleConfig roles() {
            return agent.config();
        }

        @Override
        public Config config() {
            return current.get();
        }

        @Override
        public List<RoleJournal.Raised> alarms() {
            return journal.alarms();
        }

        @Override
        public List<RoleJournal.Changed> changes() {
            return journal.changes();
        }

        @Override
        public Optional<PairLikeness.Compared> likeness() {
            return pair.compared();
        }

        @Override
        public List<CliStatus.Alarm> journalAlarms(long nowNs) {
            return history.alarms(nowNs);
        }
    }

    /** Nobody is told anything before this. {@code current}: what runs now, which a reload changes. */
    void start(
            RoleAgent agent,
            Supplier<Config> current,
            RoleJournal journal,
            JournalKeeper history,
            Optional<PathsLink> syncPaths,
            PairLikeness pair,
            Counters counters) {
        Running running = new Running(agent, current, journal, history, syncPaths, pair);
        alerts.start(new AlertLook(running, counters, alerts::tell, clock.nanoTime()));
    }

    /** Other receivers from now on. Not on the role agent's thread. */
    void configure(Config next) {
        if (!next.alerts().isEmpty()) {
            rehearse();
        }
        alerts.configure(next.alerts());
    }

    /** Code that never ran would be loaded by the role agent's thread, with the first alarm of a takeover. */
    private void rehearse() {
        for (AlarmCode code : AlarmCode.values()) {
            AlertFact ignored = AlertFacts.of(new RoleEffect.Alarm(code, "rehearsed"));
        }
        Takeover nothing = new Takeover("rehearsed", false, true, 0, 0, 0, 0, List.of(), Counts.NONE);
        AlertFact ignored = AlertFacts.of(nothing, node);
    }

    @Override
    public void onAlarm(RoleEffect.Alarm alarm) {
        if (alerts.listening()) {
            alerts.tell(AlertFacts.of(alarm));
        }
    }

    @Override
    public void onTakeover(Takeover takeover) {
        if (alerts.listening()) {
            alerts.tell(AlertFacts.of(takeover, node));
        }
    }

    @Override
    public void onLossWindow(long lengthNs, long flowsRepaired) {
        if (alerts.listening()) {
            alerts.tell(AlertFacts.lossWindow(lengthNs, flowsRepaired));
        }
    }

    /** Begins a test of {@code name}, of all when it is null; null when there is none. */
    AlertTest test(String name) {
        return alerts.test(name);
    }

    /** Each receiver, in the configuration's order. Any thread. */
    List<CliStatus.Alert> status() {
        long nowNs = clock.nanoTime();
        return alerts.status().stream().map(one -> status(one, nowNs)).toList();
    }

    private CliStatus.Alert status(AlertStatus one, long nowNs) {
        boolean never = one.outcome() == null;
        return new CliStatus.Alert(
                one.name(),
                one.kind(),
                one.to(),
                one.open(),
                one.waiting(),
                one.sent(),
                one.failed(),
                one.lost(),
                alerts.broken()
                        ? "a bug ended the alerts; see the log"
                        : never ? null : one.outcome().detail(),
                !alerts.broken() && (never || one.outcome().ok()),
                never ? -1 : Ago.ms(nowNs, one.endedNs()));
    }

    /** Gives the last notices a moment. */
    @Override
    public void close() {
        alerts.close();
    }
}
