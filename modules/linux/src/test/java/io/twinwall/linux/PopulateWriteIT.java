/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.BufferUtil;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hole of a file that is mapped, on a disk with room and without. */
class PopulateWriteIT {
    private static final int BYTES = 64 << 10;

    @TempDir
    private Path directory;

    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        FreshNetNs.exec("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        FreshNetNs.exec("umount", disk.toString());
    }

    @Test
    void shouldSayBeforehandWhetherThereIsRoomForAPage() throws IOException {
        Path file = disk.resolve("file");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(BYTES);
            MappedByteBuffer mapped = sparse.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, BYTES);
            try {
                long address = BufferUtil.address(mapped);
                assertEquals(0, Posix.populateWrite(address + 100, 1));
                mapped.put(100, (byte) 1);
                fill();
                assertEquals(0, Posix.populateWrite(address, 200), "the page is there");
                assertEquals(-Errno.EFAULT, Posix.populateWrite(address + 4095, 2), "the one behind it is not");
                Files.delete(disk.resolve("filler"));
                assertEquals(0, Posix.populateWrite(address, BYTES));
            } finally {
                IoUtil.unmap(mapped);
            }
        }
    }

    private void fill() throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            assertThrows(IOException.class, () -> {
                while (true) {
                    filler.write(new byte[4096]);
                }
            });
        }
    }
}
