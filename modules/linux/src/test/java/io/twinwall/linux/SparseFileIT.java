/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Holes in a file in memory. */
class SparseFileIT {
    private static final int PAGE = 4096;

    private Path file;

    @BeforeEach
    void create() throws IOException {
        file = Files.createTempFile(Path.of("/dev/shm"), "twinwall", "sparse");
    }

    @AfterEach
    void delete() throws IOException {
        Files.delete(file);
    }

    @Test
    void shouldGiveBackPagesOfZerosAndKeepTheRest() throws IOException {
        byte[] content = new byte[10 * PAGE + 100];
        content[3 * PAGE] = 1;
        content[6 * PAGE - 1] = 2;
        Files.write(file, content);
        assertEquals(8 * PAGE + 100, SparseFile.giveZerosBack(file));
        assertArrayEquals(content, Files.readAllBytes(file));
        assertEquals(8 * PAGE + 100, SparseFile.giveZerosBack(file), "a hole reads as zeros");
        content[9 * PAGE] = 3;
        content[10 * PAGE] = 4;
        Files.write(file, content);
        assertEquals(7 * PAGE, SparseFile.giveZerosBack(file));
        assertArrayEquals(content, Files.readAllBytes(file));
    }

    @Test
    void shouldLeaveAMappingAsItIs() throws IOException {
        Files.write(file, new byte[4 * PAGE]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4 * PAGE);
            mapped.put(PAGE, (byte) 7);
            assertEquals(3 * PAGE, SparseFile.giveZerosBack(file));
            assertEquals(7, mapped.get(PAGE));
            assertEquals(0, mapped.get(2 * PAGE));
            mapped.put(2 * PAGE, (byte) 8);
            assertEquals(2 * PAGE, SparseFile.giveZerosBack(file));
            assertEquals(8, Files.readAllBytes(file)[2 * PAGE]);
        }
    }

    @Test
    void shouldSayWhichFileIsNotThere() {
        IOException e =
                assertThrows(IOException.class, () -> SparseFile.giveZerosBack(file.resolveSibling("twinwall-absent")));
        assertEquals("/dev/shm/twinwall-absent: " + Errno.text(Errno.ENOENT), e.getMessage());
    }
}
