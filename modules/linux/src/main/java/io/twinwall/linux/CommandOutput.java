/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a command prints: its first bytes, and the rest thrown away, so that it never waits for a reader. It prints
 * into a pipe of ours: Java's own empties and closes its pipe from another thread when the command ends, and a read
 * at that moment would wait for whatever the command left behind. One thread at a time.
 */
public final class CommandOutput implements AutoCloseable {
    /** What is kept. */
    public static final int BYTES_MAX = 4096;

    private static final int PIPE_BYTES = 64 * 1024;

    private final Pipe pipe = new Pipe();
    private final UnsafeBuffer output = new UnsafeBuffer(ByteBuffer.allocateDirect(BYTES_MAX));
    private final UnsafeBuffer rest = new UnsafeBuffer(ByteBuffer.allocateDirect(BYTES_MAX));
    private int outputBytes;

    /** What the command is to print to. */
    public File file() {
        return new File(pipe.path());
    }

    /** To be called once the command was started. */
    public void started() {
        pipe.closeWriteEnd();
    }

    /** Takes over what was printed since; true when there was something. Does not wait. */
    public boolean drain() {
        boolean any = false;
        // A pipe's worth at most: a command that prints without end must not keep others waiting.
        for (int i = 0; i < PIPE_BYTES / BYTES_MAX; i++) {
            int room = BYTES_MAX - outputBytes;
            int read = room > 0 ? pipe.read(output, outputBytes, room) : pipe.read(rest, 0, BYTES_MAX);
            if (read <= 0) {
                return any;
            }
            any = true;
            outputBytes += Math.min(read, room);
        }
        return any;
    }

    /** What is kept, as text. */
    public String text() {
        byte[] bytes = new byte[outputBytes];
        output.getBytes(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        pipe.close();
    }
}
