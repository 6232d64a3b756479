/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.linux.CommandTree;
import io.twinwall.linux.Pipe;
import io.twinwall.linux.Scheduling;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A script as a process of its own, with nothing on its standard input. It prints into a pipe of ours: Java's own empties and
 * closes its pipe from another thread when the script ends, and a read at that moment would wait for whatever the script left
 * behind.
 */
final class KernelScript implements ScriptRun {
    static final int OUTPUT_BYTES_MAX = 4096;

    private static final int PIPE_BYTES = 64 * 1024;

    private final Process process;
    private final CommandTree tree;
    private final Pipe pipe;
    private final UnsafeBuffer output = Sockets.offHeap(OUTPUT_BYTES_MAX);
    private final UnsafeBuffer rest = Sockets.offHeap(OUTPUT_BYTES_MAX);
    private int outputBytes;

    private KernelScript(Process process, CommandTree tree, Pipe pipe) {
        this.process = process;
        this.tree = tree;
        this.pipe = pipe;
    }

    /** Starts {@code argv} in the calling thread's network namespace. */
    static KernelScript start(List<String> argv) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .directory(new File("/"));
        CommandTree tree = new CommandTree(builder);
        yieldToHeartbeats();
        Pipe pipe = new Pipe();
        try {
            Process process = builder.redirectOutput(new File(pipe.path())).start();
            pipe.closeWriteEnd();
            return new KernelScript(process, tree, pipe);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            pipe.close();
            if (e instanceof OutOfMemoryError) {
                // For want of a thread; then it may run, and Java not know of it.
                tree.kill(null);
            }
            throw e;
        }
    }

    /**
     * A child takes its nice value from the thread that makes it, and a script must not compete with heartbeats. The calling thread
     * stays at 0 as well: it reads what the kernel kept before it calls anything late, so that being late does not make it wrong.
     * Whoever may not change it was not raised either.
     */
    private static void yieldToHeartbeats() {
        int ignored = Scheduling.setpriority(0, 0);
    }

    @Override
    public boolean drain() {
        boolean any = false;
        // A pipe's worth at most: a script that prints without end must not keep the other trackers waiting.
        for (int i = 0; i < PIPE_BYTES / OUTPUT_BYTES_MAX; i++) {
            int room = OUTPUT_BYTES_MAX - outputBytes;
            int read = room > 0 ? pipe.read(output, outputBytes, room) : pipe.read(rest, 0, OUTPUT_BYTES_MAX);
            if (read <= 0) {
                return any;
            }
            any = true;
            outputBytes += Math.min(read, room);
        }
        return any;
    }

    @Override
    public boolean ended() {
        return !process.isAlive();
    }

    @Override
    public int exitCode() {
        return process.exitValue();
    }

    @Override
    public String output() {
        byte[] bytes = new byte[outputBytes];
        output.getBytes(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void kill() {
        tree.kill(process);
    }

    @Override
    public void close() {
        pipe.close();
    }
}
