/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The journal beside a program that does not wait for it. */
@Timeout(60)
class JournalAgentIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private final Words words = new Words();
    private final AtomicLong nowNs = new AtomicLong(1);
    private JournalAgent agent;

    @AfterEach
    void close() {
        words.goesOn.countDown();
        if (agent != null) {
            agent.close();
        }
    }

    @Test
    void shouldKeepWhatItIsGivenAndAnswerQuestions() throws IOException {
        start(directory.resolve("j"));
        for (JournalRecord record : Samples.ALL) {
            agent.append(record);
        }
        words.goesOn.countDown();
        assertEquals(
                Samples.ALL.size(),
                agent.ask(journal ->
                                journal.page(JournalQuery.last(50)).entries().size())
                        .join());
        assertEquals(Samples.ALL.size(), counters.value("journal_records_total"));
        assertEquals(0, counters.value("journal_failed"));
        assertTrue(counters.value("journal_bytes") > 0);
        agent.append(Samples.alarm(1));
        agent.close();
        // What came just before the end is there, too; what comes after it is not, and is told of.
        agent.append(Samples.alarm(2));
        assertEquals(1, counters.value("journal_dropped_total"));
        assertThrows(CompletionException.class, () -> agent.ask(journal -> 1).join());
        try (JournalReader reader = JournalReader.open(directory.resolve("j"))) {
            assertEquals(10, reader.page(JournalQuery.last(50)).entries().size());
        }
    }

    @Test
    void shouldHoldNobodyWhileTheDiskStandsStill() {
        start(directory.resolve("j"));
        agent.append(Samples.alarm(0));
        Await.until("the first is written", SOON, () -> !words.kept.isEmpty());
        for (int i = 1; i <= JournalAgent.RECORDS_MAX + 7; i++) {
            agent.append(Samples.alarm(i));
        }
        assertEquals(7, counters.value("journal_dropped_total"));
        words.goesOn.countDown();
        Await.until("the others", SOON, () -> words.kept.size() == JournalAgent.RECORDS_MAX + 1);
    }

    @Test
    void shouldGoOnWithoutAJournalAndTellOfTheGapAfterwards() throws IOException {
        words.goesOn.countDown();
        Path inTheWay = Files.writeString(directory.resolve("j"), "no directory");
        start(inTheWay);
        for (int i = 1; i <= JournalAgent.RECORDS_MAX + 2; i++) {
            agent.append(Samples.alarm(i));
        }
        Await.until("it is off", SOON, () -> words.told.size() == 1);
        assertEquals(1, counters.value("journal_failed"));
        assertThrows(CompletionException.class, () -> agent.ask(journal -> 1).join());
        Files.delete(inTheWay);
        nowNs.addAndGet(Duration.ofHours(1).toNanos());
        // Wakes it; there may be room for it by now or not.
        agent.append(Samples.alarm(0));
        Await.until("it is on again", SOON, () -> words.told.size() == 2);
        assertEquals(0, counters.value("journal_failed"));
        Await.until("what had waited", SOON, () -> words.kept.size() >= JournalAgent.RECORDS_MAX);
        List<JournalEntry> first = agent.ask(
                        journal -> journal.page(new JournalQuery(Long.MIN_VALUE, Long.MAX_VALUE, 3, 10)))
                .join()
                .entries();
        assertEquals("gap", first.getFirst().kind());
        assertEquals("{\"code\":\"LATE\",\"text\":\"alarm 1\"}", first.get(1).json());
    }

    @Test
    void shouldOutliveABugAndALackOfMemory() {
        words.goesOn.countDown();
        start(directory.resolve("j"));
        List<Error> errors = List.of(new BugError("a bug"), new OutOfMemoryError("no memory"));
        for (int i = 0; i < errors.size(); i++) {
            Error error = errors.get(i);
            CompletableFuture<Object> answer = agent.ask(journal -> {
                throw error;
            });
            Await.until("it is answered", SOON, answer::isDone);
            assertTrue(answer.isCompletedExceptionally());
            assertEquals(error.getMessage(), words.told.getLast());
            assertEquals(1, counters.value("journal_failed"));
            nowNs.addAndGet(Duration.ofHours(1).toNanos());
            agent.append(Samples.alarm(i));
            int told = 2 * i + 2;
            Await.until("it is on again", SOON, () -> words.told.size() == told);
        }
        Await.until("the records", SOON, () -> words.kept.size() == errors.size());
    }

    @Test
    void shouldSayHowManyBytesThereAreNow() {
        words.goesOn.countDown();
        Path own = directory.resolve("j");
        start(own);
        for (int i = 1; i <= 3; i++) {
            agent.append(Samples.alarm(i));
            int kept = i;
            Await.until("it is kept", SOON, () -> words.kept.size() == kept);
            Await.until("its bytes are counted", SOON, () -> {
                try {
                    return counters.value("journal_bytes") == Files.size(own.resolve("spool"));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    @Test
    void shouldTellOfADamagedSpoolInARecord() throws IOException {
        words.goesOn.countDown();
        Path own = Files.createDirectory(directory.resolve("j"));
        Files.write(own.resolve("spool"), new byte[0]);
        start(own);
        agent.append(Samples.alarm(1));
        List<JournalEntry> all = agent.ask(
                        journal -> journal.page(JournalQuery.last(9)).entries())
                .join();
        assertEquals(
                List.of("gap", "alarm"), all.stream().map(JournalEntry::kind).toList());
        assertTrue(all.getFirst().json().contains("kept as spool.damaged.1"), all.getFirst()::json);
        assertEquals(List.of(), words.told);
        assertEquals(2, counters.value("journal_records_total"));
    }

    private void start(Path where) {
        agent = new JournalAgent(
                new JournalConfig(where, 16L << 20, Duration.ofDays(30).toMillis()),
                Pages.UNTOUCHED,
                words,
                nowNs::get,
                System::currentTimeMillis,
                counters);
    }

    /** Stands still at the first record until it is told to go on. */
    private static final class Words implements JournalAgent.Listener {
        private final CountDownLatch goesOn = new CountDownLatch(1);
        private final List<Long> kept = new CopyOnWriteArrayList<>();
        private final List<String> told = new CopyOnWriteArrayList<>();

        @Override
        public void kept(long number, JournalRecord record) {
            kept.add(number);
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void off(String reason) {
            told.add(reason);
        }

        @Override
        public void on(long dropped) {
            told.add("on");
        }
    }
}
