/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal on a real disk. */
@Timeout(120)
class JournalIT {
    private static final long NOON = 1_795_262_400_000L;
    private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);
    private static final long AGE_MS = 90 * DAY_MS;

    /** Each record is moved into the queue when the next one comes, or none is. */
    private static final int MOVED = 0;

    private static final int SPOOLED = 1 << 20;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {MOVED, 10_000, SPOOLED})
    void shouldNumberRecordsThroughRestartsAndReadThemBack(int spool) throws IOException {
        for (int life = 0; life < 3; life++) {
            try (Journal journal = open(64, spool)) {
                assertEquals(life * (long) Samples.ALL.size(), journal.lastNumber());
                for (JournalRecord record : Samples.ALL) {
                    journal.append(NOON + journal.lastNumber(), record);
                }
            }
        }
        try (Journal journal = open(64, spool)) {
            List<JournalEntry> all = journal.page(JournalQuery.last(500)).entries();
            assertEquals(numbers(1, 27), numbers(all));
            for (int i = 0; i < all.size(); i++) {
                JournalRecord record = Samples.ALL.get(i % Samples.ALL.size());
                assertEquals(RecordText.of(record), all.get(i).json());
                assertEquals(record.kind().word(), all.get(i).kind());
                assertEquals(NOON + i, all.get(i).atMs());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MOVED, 1_000, SPOOLED})
    void shouldFindByTimeNumberAndAcrossFiles(int spool) throws IOException {
        try (Journal journal = open(64, spool)) {
            for (int day = 0; day < 5; day++) {
                for (int i = 0; i < 10; i++) {
                    journal.append(NOON + day * 3L * DAY_MS + i * 1_000L, Samples.alarm(day * 10L + i + 1));
                }
            }
            JournalPage last = journal.page(JournalQuery.last(15));
            assertEquals(numbers(36, 50), numbers(last.entries()));
            assertTrue(last.more());
            JournalPage before = journal.page(new JournalQuery(Long.MIN_VALUE, Long.MAX_VALUE, 36, 100));
            assertEquals(numbers(1, 35), numbers(before.entries()));
            assertFalse(before.more());
            JournalPage since = journal.page(
                    new JournalQuery(NOON + 6 * DAY_MS + 5_000, NOON + 9 * DAY_MS + 4_000, Long.MAX_VALUE, 100));
            assertEquals(numbers(26, 35), numbers(since.entries()));
            JournalStory story = journal.story(33).orElseThrow();
            assertEquals(33, story.entry().number());
            assertEquals(numbers(31, 40), numbers(story.around()));
            assertTrue(journal.story(51).isEmpty());
            assertTrue(journal.story(0).isEmpty());
        }
        try (JournalReader reader = JournalReader.open(directory)) {
            assertEquals(
                    numbers(1, 50), numbers(reader.page(JournalQuery.last(100)).entries()));
            assertEquals(7, reader.story(7).orElseThrow().entry().number());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MOVED, SPOOLED})
    void shouldBeReadWhileItIsWritten(int spool) throws IOException {
        try (Journal journal = open(64, spool)) {
            journal.append(NOON, Samples.alarm(1));
            try (JournalReader reader = JournalReader.open(directory)) {
                assertEquals(
                        numbers(1, 1), numbers(reader.page(JournalQuery.last(9)).entries()));
                journal.append(NOON + 1, Samples.alarm(2));
            }
            try (JournalReader reader = JournalReader.open(directory)) {
                assertEquals(
                        numbers(1, 2), numbers(reader.page(JournalQuery.last(9)).entries()));
            }
        }
    }

    @Test
    void shouldStayUnderItsSizeAndLoseTheOldest() throws IOException {
        JournalRecord large = new JournalRecord.Configuration("0", List.of(), "", "x".repeat(12_000));
        try (Journal journal = open(4)) {
            for (int i = 0; i < 2_000; i++) {
                journal.append(NOON, large);
                assertTrue(journal.bytes() <= 4 << 20, journal.bytes() + " bytes after " + journal.lastNumber());
            }
            assertTrue(journal.story(1).isEmpty());
            List<JournalEntry> kept = journal.page(JournalQuery.last(50)).entries();
            assertEquals(numbers(1_951, 2_000), numbers(kept));
        }
        try (Journal journal = open(4)) {
            assertEquals(2_000, journal.lastNumber());
            assertEquals(2_001, journal.append(NOON, Samples.alarm(1)));
        }
    }

    @Test
    void shouldForgetWhatIsOldButNotTheFileThatIsWritten() throws IOException {
        try (Journal journal = open(64, MOVED)) {
            for (int day = 0; day < 4; day++) {
                journal.append(NOON + day * DAY_MS, Samples.alarm(day));
            }
            for (Path file : files()) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(NOON));
            }
            journal.retain(NOON + AGE_MS - 1);
            assertEquals(
                    numbers(1, 4), numbers(journal.page(JournalQuery.last(9)).entries()));
            journal.retain(NOON + AGE_MS + 1);
            assertEquals(
                    numbers(3, 4), numbers(journal.page(JournalQuery.last(9)).entries()));
            assertEquals(5, journal.append(NOON + 4 * DAY_MS, Samples.alarm(4)));
        }
    }

    @Test
    void shouldForgetWhatIsOldInTheSpoolAndGoOnCounting() throws IOException {
        try (Journal journal = open(64)) {
            journal.append(NOON, Samples.alarm(1));
            journal.append(NOON + DAY_MS, Samples.alarm(2));
            journal.retain(NOON + AGE_MS + 1);
            assertEquals(
                    numbers(2, 2), numbers(journal.page(JournalQuery.last(9)).entries()));
            journal.retain(NOON + 2 * AGE_MS);
            assertEquals(List.of(), journal.page(JournalQuery.last(9)).entries());
        }
        try (Journal journal = open(64)) {
            assertEquals(3, journal.append(NOON, Samples.alarm(3)));
            assertFalse(Files.exists(Journal.records(directory)), "the queue was not wanted");
        }
    }

    @Test
    void shouldGoOnWhenTheHostsClockGoesBack() throws IOException {
        try (Journal journal = open(64, MOVED)) {
            journal.append(NOON, Samples.alarm(1));
            journal.append(NOON - 5 * DAY_MS, Samples.alarm(2));
        }
        try (Journal journal = open(64, MOVED)) {
            journal.append(NOON - 4 * DAY_MS, Samples.alarm(3));
            journal.append(NOON + DAY_MS, Samples.alarm(4));
            List<JournalEntry> all = journal.page(JournalQuery.last(9)).entries();
            assertEquals(numbers(1, 4), numbers(all));
            assertEquals(NOON - 5 * DAY_MS, all.get(1).atMs());
        }
    }

    @Test
    void shouldBeReadByNobodyElse() throws IOException {
        Path own = directory.resolve("j");
        JournalConfig config = new JournalConfig(own, 64L << 20, AGE_MS, MOVED);
        for (int life = 0; life < 2; life++) {
            try (Journal journal = Journal.open(config, Pages.UNTOUCHED)) {
                assertModes(own, false);
                journal.append(NOON, Samples.alarm(1));
                journal.append(NOON, Samples.alarm(2));
                // Chronicle's own files have the modes of the umask, behind a directory that is closed.
                assertModes(own, false);
            }
            // As a version before made them.
            try (Stream<Path> all = Files.walk(own)) {
                for (Path each : all.toList()) {
                    String mode = Files.isDirectory(each) ? "rwxr-xr-x" : "rw-r--r--";
                    Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(mode));
                }
            }
        }
        Files.createDirectories(DeltaJournal.deltas(own));
        Files.write(DeltaJournal.deltas(own).resolve("20261122-11F.cq4"), new byte[1]);
        Journal.open(config, Pages.UNTOUCHED).close();
        assertModes(own, true);
    }

    private static void assertModes(Path own, boolean chroniclesToo) throws IOException {
        try (Stream<Path> all = Files.walk(own)) {
            for (Path each : all.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(each));
                if (Files.isDirectory(each)) {
                    assertEquals("rwx------", mode, each::toString);
                } else if (chroniclesToo || each.getParent().equals(own)) {
                    assertEquals("rw-------", mode, each::toString);
                }
            }
        }
    }

    @Test
    void shouldForceANewSpoolAndItsNameToTheDisk() throws IOException {
        Path own = directory.resolve("j");
        Path dump = directory.resolve("jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withThreshold(Duration.ZERO);
            recording.start();
            Journal.open(new JournalConfig(own, 64L << 20, AGE_MS, SPOOLED), Pages.UNTOUCHED)
                    .close();
            recording.stop();
            recording.dump(dump);
        }
        List<String> forced = RecordingFile.readAllEvents(dump).stream()
                .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                .map(event -> event.getString("path"))
                .toList();
        assertEquals(List.of(own.resolve("spool.new").toString(), own.toString()), forced);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100})
    void shouldSetADamagedSpoolAsideAndGoOn(int bytes) throws IOException {
        try (Journal journal = open(64, MOVED)) {
            for (int i = 1; i <= 3; i++) {
                journal.append(NOON, Samples.alarm(i));
            }
            assertEquals("", journal.lost());
        }
        for (int damage = 1; damage <= 6; damage++) {
            Files.write(Journal.spool(directory), new byte[bytes]);
            Files.setLastModifiedTime(Journal.spool(directory), FileTime.fromMillis(NOON + damage));
            try (Journal journal = open(64)) {
                String aside = "spool.damaged." + (damage <= 4 ? damage : damage - 4);
                assertTrue(journal.lost().contains(aside), journal.lost());
                assertTrue(journal.lost().endsWith("all behind number 2, are lost"), journal.lost());
                assertEquals(bytes, Files.size(directory.resolve(aside)));
                assertEquals(3, journal.append(NOON, Samples.alarm(3)));
                assertEquals(
                        numbers(1, 3),
                        numbers(journal.page(JournalQuery.last(9)).entries()));
            }
        }
        assertEquals(4, damaged());
        try (Journal journal = open(64)) {
            assertTrue(journal.bytes() >= 4L * bytes, "they count");
            journal.retain(NOON + 5 + AGE_MS);
            assertEquals(2, damaged(), "those of damages 3 and 4 are over");
        }
    }

    /** What is damaged stays in its place until there is another: the next try tells of it as this one would have. */
    @Test
    void shouldTellOfADamagedSpoolThoughTheDiskWasFullAtFirst() throws IOException {
        Files.write(Journal.spool(directory), new byte[100]);
        Path inTheWay = Files.createDirectory(directory.resolve("spool.new"));
        assertThrows(IOException.class, () -> open(64));
        assertEquals(0, damaged());
        Files.delete(inTheWay);
        try (Journal journal = open(64)) {
            assertTrue(journal.lost().contains("spool.damaged.1"), journal.lost());
        }
    }

    private long damaged() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().contains("damaged")).count();
        }
    }

    @Test
    void shouldRefuseASecondWriter() throws IOException {
        try (Journal journal = open(64)) {
            assertTrue(
                    assertThrows(IOException.class, () -> open(64)).getMessage().contains("another agent"));
            journal.append(NOON, Samples.alarm(1));
        }
        open(64).close();
    }

    @Test
    void shouldClearAwayWhatAKilledProcessLeft() throws IOException {
        try (Journal journal = open(64, MOVED)) {
            journal.append(NOON, Samples.alarm(1));
            journal.append(NOON, Samples.alarm(2));
        }
        Path records = Journal.records(directory);
        // A file that was made and not begun, one begun and not complete, and notes of the same kind.
        Files.write(records.resolve("20261122F.cq4"), new byte[1 << 16]);
        Files.write(records.resolve("20261123F.cq4"), new byte[] {0, 0, 0, (byte) 0x80, 1, 2, 3});
        Files.write(records.resolve("20261124F.precreated"), new byte[100]);
        Files.write(records.resolve(RollFiles.METADATA), new byte[1000]);
        try (FileChannel channel = FileChannel.open(Journal.spool(directory), StandardOpenOption.APPEND)) {
            channel.write(ByteBuffer.wrap(new byte[] {0, 0, 0, 100, 1, 2, 3}));
        }
        try (Journal journal = open(64, MOVED)) {
            assertEquals(2, journal.lastNumber());
            assertEquals(3, journal.append(NOON, Samples.alarm(3)));
            assertEquals(
                    numbers(1, 3), numbers(journal.page(JournalQuery.last(9)).entries()));
        }
    }

    @Test
    void shouldHaveNothingTwiceThatWasMovedAndNotYetForgotten() throws IOException {
        try (Journal journal = open(64)) {
            journal.append(NOON, Samples.alarm(1));
            journal.append(NOON, Samples.alarm(2));
        }
        byte[] before = Files.readAllBytes(Journal.spool(directory));
        try (Journal journal = open(64, MOVED)) {
            journal.append(NOON, Samples.alarm(3));
        }
        // As if it had been killed after it had moved the first two.
        Files.write(Journal.spool(directory), before);
        for (int spool : new int[] {SPOOLED, MOVED, SPOOLED}) {
            try (Journal journal = open(64, spool)) {
                journal.append(NOON, Samples.alarm(journal.lastNumber() + 1));
                List<Long> all = numbers(journal.page(JournalQuery.last(9)).entries());
                assertEquals(numbers(1, journal.lastNumber()), all);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {MOVED, SPOOLED})
    void shouldPassOverADocumentThatThePowerFailedIn(int spool) throws IOException {
        try (Journal journal = open(64, spool)) {
            for (int i = 1; i <= 4; i++) {
                journal.append(NOON, Samples.alarm(i));
            }
        }
        Path file = spool == MOVED ? files().getFirst() : Journal.spool(directory);
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        int at = content.indexOf("alarm 2");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[3]), at);
        }
        try (Journal journal = open(64, spool)) {
            assertEquals(
                    List.of(1L, 3L, 4L),
                    numbers(journal.page(JournalQuery.last(9)).entries()));
            assertEquals(5, journal.append(NOON, Samples.alarm(5)));
        }
    }

    private Journal open(int mb) throws IOException {
        return open(mb, SPOOLED);
    }

    private Journal open(int mb, int spool) throws IOException {
        return Journal.open(new JournalConfig(directory, (long) mb << 20, AGE_MS, spool), Pages.UNTOUCHED);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Journal.records(directory))) {
            return files.filter(file -> file.toString().endsWith(RollFiles.SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    private static List<Long> numbers(List<JournalEntry> entries) {
        return entries.stream().map(JournalEntry::number).toList();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }
}
