/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes to its journal and is killed in the midst of it, again and again. */
@Timeout(600)
class JournalKillIT {
    private static final int KILLS = 50;
    private static final int ACKNOWLEDGED_MAX = 3_000;
    private static final long BYTES_MAX = 4L << 30;
    private static final int SPOOL_BYTES = 20_000;
    private static final long AGE_MS = TimeUnit.DAYS.toMillis(90);

    /** Journals, each with a process of its own: as many as their starts have cores to run on. */
    private static final int JOURNALS = 2;

    @TempDir
    private Path directory;

    @Test
    void shouldOpenAfterEachKillAndHaveAllThatWasAcknowledged() throws Exception {
        long seed = Seeds.seed("journal kills");
        List<Future<Long>> records = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(JOURNALS)) {
            for (int i = 0; i < JOURNALS; i++) {
                Path own = Files.createDirectory(directory.resolve("journal-" + i));
                SeededRandom random = new SeededRandom(seed + i);
                records.add(threads.submit(() -> killAgainAndAgain(own, random)));
            }
        }
        long all = 0;
        for (Future<Long> each : records) {
            all += each.get();
        }
        System.out.println(KILLS + " kills, " + all + " records");
    }

    private static long killAgainAndAgain(Path own, SeededRandom random) throws Exception {
        long before = 0;
        for (int kill = 1; kill <= KILLS / JOURNALS; kill++) {
            long acknowledged = writeAndKill(own, random);
            String about = "kill " + kill + " in " + own.getFileName() + ": ";
            assertTrue(acknowledged > before, about + "nothing was written");
            before = check(own, about, before, acknowledged);
        }
        return before;
    }

    /** Returns the last number that the child said is kept. */
    private static long writeAndKill(Path directory, SeededRandom random) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Scribe.class.getName(),
                directory.toString()));
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long last = 0;
        int killAfter = 1 + random.nextInt(ACKNOWLEDGED_MAX);
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
            String line = said.readLine();
            for (int i = 1; line != null; i++) {
                if (i == killAfter) {
                    // The process' own would close the pipe, with what is still in it.
                    child.toHandle().destroyForcibly();
                }
                // A last line may be cut, and reads as less than was acknowledged.
                last = line.isEmpty() ? last : Math.max(last, Long.parseLong(line));
                line = said.readLine();
            }
        } finally {
            child.destroyForcibly();
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
        }
        assertEquals(128 + 9, child.exitValue(), "the child ended by itself");
        return last;
    }

    /** All from {@code before} on must be there, once each, and be what was written; returns the last. */
    private static long check(Path directory, String which, long before, long acknowledged) throws IOException {
        try (Journal journal = Journal.open(config(directory), Pages.UNTOUCHED)) {
            long last = journal.lastNumber();
            String about = which + acknowledged + " acknowledged, " + last + " there";
            // One may be written and not acknowledged any more.
            assertTrue(last == acknowledged || last == acknowledged + 1, about);
            long expected = last;
            while (expected > before) {
                JournalPage page = journal.page(
                        new JournalQuery(Long.MIN_VALUE, Long.MAX_VALUE, expected + 1, JournalQuery.LIMIT_MAX));
                assertTrue(!page.entries().isEmpty(), about + ", not " + expected);
                for (int i = page.entries().size() - 1; i >= 0 && expected > before; i--) {
                    JournalEntry entry = page.entries().get(i);
                    assertEquals(expected, entry.number(), about);
                    assertEquals(RecordText.of(Scribe.record(expected)), entry.json(), about);
                    expected--;
                }
            }
            return last;
        }
    }

    /** Records are moved all the time, so that half of the kills come while they are. */
    private static JournalConfig config(Path directory) {
        return new JournalConfig(directory, BYTES_MAX, AGE_MS, SPOOL_BYTES);
    }

    /** The process that is killed. */
    static final class Scribe {
        private static final int CHARS_MAX = 1_000;

        private Scribe() {}

        public static void main(String[] args) throws IOException {
            OutputStream out = System.out;
            try (Journal journal = Journal.open(config(Path.of(args[0])), Pages.UNTOUCHED)) {
                while (true) {
                    long number = journal.append(System.currentTimeMillis(), record(journal.lastNumber() + 1));
                    // In one write, so that a line is said whole.
                    out.write((number + "\n").getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
            }
        }

        /** Follows from its number alone, so that whoever reads it knows what it must be. */
        static JournalRecord record(long number) {
            int length = (int) Long.remainderUnsigned(SeededRandom.mix(number), CHARS_MAX);
            return new JournalRecord.Alarm("LATE", number + " " + "x".repeat(length));
        }
    }
}
