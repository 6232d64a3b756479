/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
        try (var out = Files.newOutputStream(disk.resolve("filler"))) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    out.write(new byte[4096]);
                }
            });
        }
        assertThrows(IOException.class, () -> open().append(NOON, LARGE));
        Files.delete(disk.resolve("filler"));
        try (Journal journal = open()) {
            assertEquals(1, journal.append(NOON, LARGE));
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
        return Journal.open(
                new JournalConfig(disk.resolve("j"), 64L << 20, TimeUnit.DAYS.toMillis(90), 100_000), Pages.UNTOUCHED);
    }
}
