/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** What children print, read without waiting for any of them. */
class PipeIT {
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));

    private static Process start(Pipe pipe, String command) throws Exception {
        return new ProcessBuilder("/bin/sh", "-c", command)
                .redirectErrorStream(true)
                .redirectOutput(new File(pipe.path()))
                .start();
    }

    private String read(Pipe pipe) {
        int read = pipe.read(buffer, 0, buffer.capacity());
        byte[] bytes = new byte[Math.max(0, read)];
        buffer.getBytes(0, bytes);
        return read < 0 ? Errno.name(read) : new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void shouldReadWhatAChildPrintedAndTellItsEnd() throws Exception {
        try (Pipe pipe = new Pipe()) {
            assertEquals("EAGAIN", read(pipe));
            Process child = start(pipe, "echo out; echo err >&2");
            pipe.closeWriteEnd();
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            assertEquals("out\nerr\n", read(pipe));
            assertEquals("", read(pipe), "nobody is left who could write");
        }
    }

    @Test
    void shouldNotWaitForAWriterThatOutlivesItsParent() throws Exception {
        try (Pipe pipe = new Pipe()) {
            Process child = start(pipe, "sleep 1000 & echo $!");
            pipe.closeWriteEnd();
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            String pid = read(pipe).strip();
            assertEquals("EAGAIN", read(pipe));
            assertEquals(0, Posix.kill(Integer.parseInt(pid), 9));
        }
    }

    @Test
    void shouldLetAWriterWaitWhileItIsFull() throws Exception {
        try (Pipe pipe = new Pipe()) {
            Process child = start(pipe, "head -c 1000000 /dev/zero");
            pipe.closeWriteEnd();
            long total = 0;
            try (PollSet poll = new PollSet(1)) {
                poll.set(0, pipe.fd(), Const.POLLIN);
                int read = -Errno.EAGAIN;
                while (read != 0) {
                    assertEquals(1, poll.await(TimeUnit.SECONDS.toNanos(10)));
                    read = pipe.read(buffer, 0, buffer.capacity());
                    total += Math.max(0, read);
                }
            }
            assertEquals(1_000_000, total);
            assertTrue(child.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, child.exitValue());
        }
    }

    @Test
    void shouldGiveBothEndsBack() {
        int before = descriptors();
        for (int i = 0; i < 500; i++) {
            try (Pipe pipe = new Pipe()) {
                assertTrue(Files.exists(Path.of(pipe.path())));
            }
        }
        assertTrue(descriptors() < before + 100, "Java itself may have opened some");
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }
}
