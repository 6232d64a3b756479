/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.base.Series;
import io.twinwall.conntracksync.DeltaSink;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.journal.DeltaJournal;
import io.twinwall.journal.Evidence;
import io.twinwall.journal.JournalAgent;
import io.twinwall.journal.JournalConfig;
import io.twinwall.journal.JournalRecord;
import io.twinwall.journal.Pages;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.Takeover;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;

/**
 * What happens to this node, in the words of the journal. Any thread tells it, and none waits. Without a journal it
 * does nothing; when the journal cannot be written, it says so as an alarm and the rest goes on.
 */
final class JournalKeeper {
    private static final Logger LOG = System.getLogger("twinwall.journal");

    /** Of the size, what records have beside deltas. */
    private static final int RECORDS_PART = 8;

    /** So many, with the changes between them, are to be in the journal however busy the host is. */
    private static final int SNAPSHOTS = 4;

    private final Config.JournalFiles config;
    private final NanoClock clock;
    private final EpochClock hostClock;
    private final Counters counters;
    private final Counter alarms;
    private final Optional<JournalAgent> agent;
    private final Teller records =
            new Teller("nothing is journalled: ", "the journal goes on; {0} records are not in it");
    private final Teller changes =
            new Teller("no changes of flows are journalled: ", "changes of flows are journalled again");
    private DeltaJournal deltas;

    private record Off(long sinceNs, String text) {}

    JournalKeeper(Config.JournalFiles config, NanoClock clock, EpochClock hostClock, Counters counters) {
        this.config = config;
        this.clock = clock;
        this.hostClock = hostClock;
        this.counters = counters;
        alarms = counters.counter(
                "alarms_journal_off_total",
                "Alarms raised: journal off.",
                Series.of("alarms_total", "Alarms raised, by kind.").with("code", "journal_off"));
        agent = config.enabled()
                ? Optional.of(new JournalAgent(
                        config(config.deltas() ? config.sizeMb() / RECORDS_PART : config.sizeMb()),
                        JournalKeeper.pages(),
                        records,
                        clock,
                        hostClock,
                        counters))
                : Optional.empty();
    }

    private JournalConfig config(int mb) {
        return new JournalConfig(config.directory(), (long) mb << 20, TimeUnit.DAYS.toMillis(config.ageDays()));
    }

    /** Where changes of flows go, when they are wanted; asked for once, before the first. */
    Optional<DeltaSink> deltas() {
        if (!config.enabled() || !config.deltas()) {
            return Optional.empty();
        }
        JournalConfig own = config(config.sizeMb() - config.sizeMb() / RECORDS_PART);
        deltas = new DeltaJournal(own, JournalKeeper.pages(), changes, clock, hostClock, counters);
        return Optional.of(new Sink(deltas, own.bytesMax() / SNAPSHOTS));
    }

    private record Sink(DeltaJournal journal, long snapshotBytes) implements DeltaSink {
        @Override
        public boolean offer(DirectBuffer buffer, int length) {
            return journal.offer(buffer, length);
        }

        @Override
        public boolean hasRoom() {
            return journal.hasRoom();
        }

        @Override
        public boolean takeRestart() {
            return journal.takeRestart();
        }
    }

    private static Pages pages() {
        // Whatever else it answers, the write is tried: an older kernel does not know the question.
        return (address, bytes) -> Posix.populateWrite(address, bytes) != -Errno.EFAULT;
    }

    /** Since when one of the journals is off, and why; told on its thread. */
    private final class Teller implements JournalAgent.Listener {
        private final String what;
        private final String again;
        private volatile Off off;

        Teller(String what, String again) {
            this.what = what;
            this.again = again;
        }

        @Override
        public void off(String reason) {
            String text = what + reason;
            off = new Off(clock.nanoTime(), text);
            countAlarm();
            LOG.log(Level.WARNING, "alarm {0}: {1}", AlarmHelp.JOURNAL_OFF, text);
            if (this == changes) {
                // The records may have room.
                alarm(AlarmHelp.JOURNAL_OFF, text);
            }
        }

        @Override
        public void on(long dropped) {
            off = null;
            LOG.log(Level.INFO, again, Long.toString(dropped));
        }
    }

    /** On the thread of either journal, and a counter has one writer at a time. */
    void countAlarm() {
        synchronized (alarms) {
            alarms.increment();
        }
    }

    /** Who answers questions, if there is a journal. */
    Optional<JournalAgent> agent() {
        return agent;
    }

    /** The alarm, while it holds. */
    List<CliStatus.Alarm> alarms(long nowNs) {
        return Stream.of(records.off, changes.off)
                .filter(Objects::nonNull)
                .map(off -> CliStatus.Alarm.of(AlarmHelp.JOURNAL_OFF, off.text(), Ago.ms(nowNs, off.sinceNs()), true))
                .toList();
    }

    void started(Config config) {
        String version = JournalKeeper.class.getPackage().getImplementationVersion();
        append(new JournalRecord.Started(
                config.node().name(),
                version == null ? "" : version,
                ProcessHandle.current().pid()));
        configuration(config, Set.of(), "");
    }

    void stopped(boolean orderly) {
        append(new JournalRecord.Stopped(orderly, orderly ? "" : "a part failed; the log says which"));
    }

    void configuration(Config config, Set<ConfigChange.Part> parts, String problem) {
        // Of all of it: a webhook's new path is a new configuration.
        String digest = ConfigDigest.of(config);
        Set<String> words = new TreeSet<>();
        parts.forEach(part -> words.add(part.text()));
        append(new JournalRecord.Configuration(
                digest, List.copyOf(words), problem, ConfigText.tomlWithoutSecrets(config)));
    }

    void transition(RoleEffect.Transition t, Evidence evidence) {
        append(new JournalRecord.Transition(t.from().name(), t.to().name(), t.term(), t.reason(), evidence));
    }

    void takeover(Takeover t) {
        append(new JournalRecord.Takeover(
                t.reason(),
                t.planned(),
                t.ready(),
                t.term(),
                t.detectNs(),
                t.totalNs(),
                clock.nanoTime() - t.decidedNs(),
                t.phases().stream().map(JournalKeeper::phase).toList(),
                t.counts().mirrored(),
                t.counts().installed(),
                t.counts().refused()));
    }

    private static JournalRecord.Takeover.Phase phase(Takeover.PhaseDone done) {
        return new JournalRecord.Takeover.Phase(done.phase().name(), done.tookNs(), done.ok(), done.detail());
    }

    void alarm(String code, String text) {
        append(new JournalRecord.Alarm(code, text));
    }

    void order(RoleEffect.Answer answer) {
        append(new JournalRecord.Order(answer.accepted(), answer.reason()));
    }

    void lossWindow(SyncReport.LossWindowClosed loss) {
        append(new JournalRecord.LossWindow(loss.lengthNs(), loss.flowsRepaired()));
    }

    private void append(JournalRecord record) {
        agent.ifPresent(journal -> journal.append(record));
    }

    /** The last thing of all; bounded. */
    void close() {
        agent.ifPresent(JournalAgent::close);
        if (deltas != null) {
            deltas.close();
        }
    }
}
