/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Files that were filled with zeros and need not be: in memory (tmpfs), each such page is one that the host lacks. */
public final class SparseFile {
    private static final int PAGE_BYTES = 4096;

    private SparseFile() {}

    /**
     * Gives back the pages of {@code file} that hold nothing but zeros; it reads as before, also where it is mapped. Nobody
     * may write to it meanwhile. Returns the bytes given back, 0 where the file system cannot.
     */
    public static long giveZerosBack(Path file) throws IOException {
        int fd = Posix.open(file.toString(), Const.O_RDWR);
        if (fd < 0) {
            throw new IOException(file + ": " + Errno.text(-fd));
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return punch(fd, channel);
        } finally {
            Posix.close(fd);
        }
    }

    private static long punch(int fd, FileChannel channel) throws IOException {
        ByteBuffer page = ByteBuffer.allocateDirect(PAGE_BYTES);
        ByteBuffer zeros = ByteBuffer.allocateDirect(PAGE_BYTES);
        long given = 0;
        long holeFrom = 0;
        long size = channel.size();
        for (long at = 0; at < size; at += PAGE_BYTES) {
            page.clear();
            int length = channel.read(page, at);
            page.flip();
            boolean zero = length > 0 && page.mismatch(zeros.clear().limit(length)) < 0;
            long end = zero ? at + length : at;
            if (end > holeFrom && (!zero || end >= size)) {
                if (Posix.punchHole(fd, holeFrom, end - holeFrom) < 0) {
                    return given;
                }
                given += end - holeFrom;
            }
            holeFrom = zero ? holeFrom : at + PAGE_BYTES;
        }
        return given;
    }
}
