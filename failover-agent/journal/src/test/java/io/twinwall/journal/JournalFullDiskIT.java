/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system with no room left, which is memory here and would be a fault of the program's own there. */
@RequireRoot
@Timeout(60)
class JournalFullDiskIT {
    private static final long NOON = 1_795_262_400_000L;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int TRIES = 20;
    private static final int FILLER_BYTES = 1 << 20;
    private static final JournalRecord LARGE = new JournalRecord.Configuration("0", List.of(), "", "x".repeat(12_000));

    @TempDir
    private Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws IOException {
        disk = Files.createDirectory(directory.resolve("disk"));
        Cmd.run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString());
    }

    @AfterEach
    void unmount() {
        Cmd.run("umount", disk.toString());
    }

    @Test
    void shouldRefuseWhatHasNoRoomAndLoseNothingElse() throws IOException {
        Path filler = Files.write(disk.resolve("filler"), new byte[FILLER_BYTES]);
        long kept;
        try (Journal journal = open()) {
            kept = fill(journal);
        }
        // Nor does another try harm what is there, whether there is room for its notes or not.
        for (int i = 0; i < 3; i++) {
            try (Journal journal = open()) {
                assertEquals(kept, journal.lastNumber());
                assertThrows(IOException.class, () -> journal.append(NOON, LARGE));
            }
        }
        Files.delete(filler);
        try (Journal journal = open()) {
            assertEquals(kept + 1, journal.append(NOON, LARGE));
            for (long number = 1; number <= kept + 1; number += kept / 5) {
                assertEquals(
                        RecordText.of(LARGE),
                        journal.story(number).orElseThrow().entry().json());
            }
        }
    }

    @Test
    void shouldNotBeginWhereThereIsNoRoomAtAll() throws IOException {
        fill(disk.resolve("filler"));
        assertThrows(IOException.class, () -> open().append(NOON, LARGE));
        Files.delete(disk.resolve("filler"));
        try (Journal journal = open()) {
            assertEquals(1, journal.append(NOON, LARGE));
        }
    }

    /** There is room for the word of a gap long before there is for what waits. */
    @Test
    void shouldNotGoOnBeforeWhatWaitedIsWritten() throws IOException {
        Path filler = Files.write(disk.resolve("filler"), new byte[FILLER_BYTES]);
        AtomicLong nowNs = new AtomicLong(1);
        Told told = new Told();
        Counters counters = new Counters();
        JournalConfig config = config();
        try (JournalAgent agent =
                new JournalAgent(config, Pages.UNTOUCHED, told, nowNs::get, System::currentTimeMillis, counters)) {
            for (int i = 1; told.words.isEmpty(); i++) {
                agent.append(LARGE);
                int given = i;
                Await.until("kept, or off", SOON, () -> told.kept.get() == given || !told.words.isEmpty());
            }
            // What the journal gave back when it was closed; a retry may yet make room by moving what is in the spool.
            fill(disk.resolve("rest"));
            for (int tries = 1; tries <= TRIES; tries++) {
                nowNs.addAndGet(TimeUnit.HOURS.toNanos(1));
                agent.append(LARGE);
                CompletableFuture<Integer> answered = agent.ask(journal -> 1);
                Await.until("it has tried", SOON, answered::isDone);
            }
            Files.delete(filler);
            Files.delete(disk.resolve("rest"));
            nowNs.addAndGet(TimeUnit.HOURS.toNanos(4));
            agent.append(LARGE);
            Await.until("it goes on", SOON, () -> told.words.getLast().startsWith("on "));
            assertEquals(List.of(), told.hasty, told.words::toString);
            assertTrue(told.words.size() < 2 * TRIES, told.words::toString);
            assertEquals(0, counters.value("journal_failed"));
        }
        try (JournalReader reader = JournalReader.open(config.directory())) {
            assertEquals(
                    "configuration",
                    reader.page(JournalQuery.last(1)).entries().getFirst().kind());
        }
    }

    private static void fill(Path file) throws IOException {
        try (var out = Files.newOutputStream(file)) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    out.write(new byte[4096]);
                }
            });
        }
    }

    private static final class Told implements JournalAgent.Listener {
        private final AtomicLong kept = new AtomicLong();
        private final List<String> words = new CopyOnWriteArrayList<>();

        /** That it goes on though nothing was kept since it was off. */
        private final List<String> hasty = new CopyOnWriteArrayList<>();

        private volatile long keptAtOff;

        @Override
        public void kept(long number, JournalRecord record) {
            kept.incrementAndGet();
        }

        @Override
        public void off(String reason) {
            keptAtOff = kept.get();
            words.add("off: " + reason);
        }

        @Override
        public void on(long dropped) {
            words.add("on after " + dropped);
            if (kept.get() == keptAtOff) {
                hasty.add(words.toString());
            }
        }
    }

    /** Appends until there is no room; returns the last number. */
    private static long fill(Journal journal) {
        long[] kept = {0};
        assertThrows(IOException.class, () -> {
            while (true) {
                kept[0] = journal.append(NOON, LARGE);
            }
        });
        assertTrue(kept[0] > 10, kept[0] + " records");
        return kept[0];
    }

    private Journal open() throws IOException {
        return Journal.open(config(), Pages.UNTOUCHED);
    }

    private JournalConfig config() {
        return new JournalConfig(disk.resolve("j"), 64L << 20, TimeUnit.DAYS.toMillis(90), 100_000);
    }
}
