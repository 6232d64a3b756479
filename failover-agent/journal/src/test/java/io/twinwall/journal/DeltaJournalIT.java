/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Numbered messages, which are to come back in order, and what is missing told of. */
@Timeout(120)
class DeltaJournalIT {
    private static final long NOON = 1_795_262_400_000L;
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int MESSAGE_BYTES = 1_000;
    private static final long GAP = -1;

    @TempDir
    private Path directory;

    private final AtomicLong nowNs = new AtomicLong(1);
    private final AtomicLong nowMs = new AtomicLong(NOON);
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[MESSAGE_BYTES]);
    private DeltaJournal journal;
    private Counters counters;
    private long last;

    @AfterEach
    void close() {
        if (journal != null) {
            journal.close();
        }
    }

    @Test
    void shouldGiveBackWhatItTookInOrder() throws IOException {
        assertThrows(NoSuchFileException.class, () -> DeltaReader.open(directory));
        for (int life = 0; life < 3; life++) {
            open(directory, 64);
            offer(500);
            nowMs.addAndGet(Duration.ofHours(1).toMillis());
            offer(500);
            awaitLast();
            assertFalse(journal.takeRestart());
            journal.close();
        }
        assertEquals(numbers(1, 3_000), read(Integer.MAX_VALUE, Long.MAX_VALUE));
        assertEquals(numbers(1, 1_700), read(Integer.MAX_VALUE, 1_700), "until the reader has enough");
        List<Long> newest = read(1, Long.MAX_VALUE);
        assertEquals(numbers(newest.getFirst(), 3_000), newest);
        assertTrue(newest.size() < 3_000, newest.size() + " in the newest file");
    }

    @Test
    void shouldReadWhileItIsWritten() throws IOException {
        open(directory, 64);
        for (int i = 0; i < 3; i++) {
            offer(100);
            awaitLast();
            assertEquals(numbers(1, last), read(Integer.MAX_VALUE, Long.MAX_VALUE));
        }
    }

    private void awaitLast() {
        Await.until("all is written", SOON, () -> {
            try {
                List<Long> written = read(1, Long.MAX_VALUE);
                return !written.isEmpty() && written.getLast() == last;
            } catch (NoSuchFileException e) {
                return false;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void shouldKeepNoMoreThanItMay() throws IOException {
        open(directory, 4);
        for (int i = 0; i < 12; i++) {
            offer(1_000);
            Await.until("there is room", SOON, journal::hasRoom);
        }
        awaitLast();
        journal.close();
        assertTrue(bytes() <= 5 << 20, bytes() + " bytes");
        List<Long> kept = read(Integer.MAX_VALUE, Long.MAX_VALUE);
        assertEquals(numbers(kept.getFirst(), 12_000), kept);
        assertTrue(kept.size() > 1_000, kept.size() + " messages");
        // And nothing that is too old.
        nowMs.set(System.currentTimeMillis() + Duration.ofDays(31).toMillis());
        open(directory, 4);
        offer(1);
        awaitLast();
        journal.close();
        assertTrue(read(Integer.MAX_VALUE, Long.MAX_VALUE).size() < kept.size());
    }

    @Test
    void shouldRefuseWhatHasNoRoomAndSayAfterwardsThatSomethingIsMissing() throws IOException {
        Path inTheWay = Files.writeString(directory.resolve("file"), "no directory");
        open(inTheWay, 64);
        Await.until("it is off", SOON, () -> told.size() == 1);
        int taken = 0;
        while (journal.offer(numbered(1), MESSAGE_BYTES)) {
            taken++;
        }
        assertTrue(taken > 4_000, taken + " messages");
        assertFalse(journal.hasRoom());
        Files.delete(inTheWay);
        nowNs.addAndGet(Duration.ofMinutes(1).toNanos());
        Await.until("it is on again", SOON, () -> told.size() == 2);
        assertTrue(journal.takeRestart());
        assertFalse(journal.takeRestart());
        Await.until("there is room", SOON, journal::hasRoom);
        journal.close();
        try (DeltaReader reader = DeltaReader.open(inTheWay)) {
            assertEquals(GAP, numbers(reader, 1, Long.MAX_VALUE).getFirst());
        }
    }

    @Test
    void shouldOutliveABugAndALackOfMemory() {
        AtomicReference<Error> error = new AtomicReference<>(new BugError("a bug"));
        open(directory, 64, (address, bytes) -> {
            Error thrown = error.getAndSet(null);
            if (thrown != null) {
                throw thrown;
            }
            return true;
        });
        // Pages are looked at from the second document on.
        offerUntilTold("a bug");
        nowNs.addAndGet(Duration.ofMinutes(1).toNanos());
        offerUntilTold("on");
        error.set(new OutOfMemoryError("no memory"));
        offerUntilTold("no memory");
        nowNs.addAndGet(Duration.ofMinutes(1).toNanos());
        offerUntilTold("on");
    }

    private void offerUntilTold(String what) {
        Await.until(what, SOON, () -> {
            journal.offer(numbered(1), MESSAGE_BYTES);
            return !told.isEmpty() && told.getLast().equals(what);
        });
    }

    @Test
    void shouldSayEachMinuteHowManyBytesThereAre() throws IOException {
        open(directory, 64);
        offer(1_000);
        awaitLast();
        nowNs.addAndGet(Duration.ofSeconds(61).toNanos());
        long bytes = bytes();
        Await.until("they are counted", SOON, () -> counters.value("journal_deltas_bytes") == bytes);
    }

    @Test
    void shouldTellOfADamagedDocument() throws IOException {
        open(directory, 64);
        offer(10);
        awaitLast();
        journal.close();
        Path file;
        try (Stream<Path> files = Files.list(DeltaJournal.deltas(directory))) {
            file = files.filter(each -> each.toString().endsWith(RollFiles.SUFFIX))
                    .findFirst()
                    .orElseThrow();
        }
        int at = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf("zzzz");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'y'}), at);
        }
        assertTrue(read(1, Long.MAX_VALUE).contains(GAP));
    }

    private void open(Path where, int mb) {
        open(where, mb, Pages.UNTOUCHED);
    }

    private void open(Path where, int mb, Pages pages) {
        counters = new Counters();
        journal = new DeltaJournal(
                new JournalConfig(where, (long) mb << 20, Duration.ofDays(30).toMillis()),
                pages,
                new Words(),
                nowNs::get,
                nowMs::get,
                counters);
    }

    /** More of them, each with its number. */
    private void offer(int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(journal.offer(numbered(++last), MESSAGE_BYTES), "message " + last);
        }
    }

    private UnsafeBuffer numbered(long number) {
        message.setMemory(0, MESSAGE_BYTES, (byte) 'z');
        message.putLong(0, number);
        return message;
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private List<Long> read(int files, long until) throws IOException {
        try (DeltaReader reader = DeltaReader.open(directory)) {
            return numbers(reader, files, until);
        }
    }

    private static List<Long> numbers(DeltaReader reader, int files, long until) throws IOException {
        List<Long> numbers = new ArrayList<>();
        reader.read(files, (buffer, offset, length) -> {
            if (buffer == null) {
                numbers.add(GAP);
                return true;
            }
            assertEquals(MESSAGE_BYTES, length);
            numbers.add(buffer.getLong(offset));
            return numbers.getLast() < until;
        });
        return numbers;
    }

    private long bytes() throws IOException {
        long sum = 0;
        try (Stream<Path> files = Files.list(DeltaJournal.deltas(directory))) {
            for (Path file : files.toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    private final class Words implements JournalAgent.Listener {
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
