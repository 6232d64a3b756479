/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.linux.Scheduling;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A script as a process of its own, with nothing on its standard input. A mark in its environment finds what it started
 * even after a parent in between has ended and the kernel no longer tells whose child it was.
 */
final class KernelScript implements ScriptRun {
    static final String MARK = "TWINWALL_TRACK";
    static final int OUTPUT_BYTES_MAX = 4096;

    private static final Logger LOG = System.getLogger("twinwall.trackers");
    private static final AtomicLong NEXT = new AtomicLong();
    private static final int ENVIRONMENT_BYTES_MAX = 256 * 1024;
    private static final int KILL_ROUNDS_MAX = 10;

    private final Process process;
    private final String mark;
    private final byte[] output = new byte[OUTPUT_BYTES_MAX];
    private byte[] rest;
    private int outputBytes;

    private KernelScript(Process process, String mark) {
        this.process = process;
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
        return new KernelScript(builder.start(), mark);
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
        try {
            InputStream in = process.getInputStream();
            int available;
            // One pipe's worth at most: a script that prints without end must not keep the other trackers waiting.
            for (int i = 0; i < 16 && (available = in.available()) > 0; i++) {
                any = true;
                int room = OUTPUT_BYTES_MAX - outputBytes;
                if (room > 0) {
                    outputBytes += Math.max(0, in.read(output, outputBytes, Math.min(room, available)));
                } else {
                    rest = rest == null ? new byte[OUTPUT_BYTES_MAX] : rest;
                    int skipped = in.read(rest, 0, Math.min(rest.length, available));
                    any = skipped > 0;
                }
            }
        } catch (IOException e) {
            // The pipe went with the process.
            return any;
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
        return new String(output, 0, outputBytes, StandardCharsets.UTF_8);
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
