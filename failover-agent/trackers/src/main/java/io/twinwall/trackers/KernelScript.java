/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.linux.Pipe;
import io.twinwall.linux.Scheduling;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A script as a process of its own, with nothing on its standard input. A mark in its environment finds what it started
 * even after a parent in between has ended and the kernel no longer tells whose child it was. It prints into a pipe of ours:
 * Java's own empties and closes its pipe from another thread when the script ends, and a read at that moment would wait for
 * whatever the script left behind.
 */
final class KernelScript implements ScriptRun {
    static final String MARK = "TWINWALL_TRACK";
    static final int OUTPUT_BYTES_MAX = 4096;

    private static final Logger LOG = System.getLogger("twinwall.trackers");
    private static final AtomicLong NEXT = new AtomicLong();
    private static final int ENVIRONMENT_BYTES_MAX = 256 * 1024;
    private static final int PIPE_BYTES = 64 * 1024;
    private static final int KILL_ROUNDS_MAX = 10;

    private final Process process;
    private final String mark;
    private final Pipe pipe;
    private final UnsafeBuffer output = Sockets.offHeap(OUTPUT_BYTES_MAX);
    private final UnsafeBuffer rest = Sockets.offHeap(OUTPUT_BYTES_MAX);
    private int outputBytes;

    private KernelScript(Process process, Pipe pipe, String mark) {
        this.process = process;
        this.pipe = pipe;
        this.mark = mark;
    }

    /** Starts {@code argv} in the calling thread's network namespace. */
    static KernelScript start(String name, List<String> argv) throws IOException {
        String mark = name + "." + ProcessHandle.current().pid() + "." + NEXT.incrementAndGet();
        ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .directory(new File("/"));
        builder.environment().put(MARK, mark);
        yieldToHeartbeats();
        Pipe pipe = new Pipe();
        try {
            Process process = builder.redirectOutput(new File(pipe.path())).start();
            pipe.closeWriteEnd();
            return new KernelScript(process, pipe, mark);
        } catch (IOException e) {
            pipe.close();
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

    /** Again until a round finds none: what is being killed may be starting another at that moment. */
    @Override
    public void kill() {
        Set<ProcessHandle> killed = new HashSet<>();
        int before;
        int round = 0;
        do {
            before = killed.size();
            process.descendants().forEach(child -> kill(child, killed));
            kill(process.toHandle(), killed);
            marked(killed);
        } while (killed.size() > before && ++round < KILL_ROUNDS_MAX);
        if (round == KILL_ROUNDS_MAX) {
            LOG.log(Level.WARNING, "{0} starts processes faster than they are killed", mark);
        }
    }

    @Override
    public void close() {
        pipe.close();
    }

    private void marked(Set<ProcessHandle> killed) {
        String entry = MARK + "=" + mark + "\0";
        for (int pid : new ProcFs().pids()) {
            if (ProcFs.text(Path.of("/proc/" + pid + "/environ"), ENVIRONMENT_BYTES_MAX)
                    .contains(entry)) {
                ProcessHandle.of(pid).ifPresent(found -> kill(found, killed));
            }
        }
    }

    private static void kill(ProcessHandle handle, Set<ProcessHandle> killed) {
        if (handle.isAlive() && killed.add(handle)) {
            handle.destroyForcibly();
        }
    }
}
