/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A command of the operator's, and all that it starts: to be killed together. A mark in the environment finds even those whose
 * parent has ended, of which the kernel no longer tells whose they were (a double fork, {@code setsid}).
 *
 * <p>To find them is to read the environment of every process of the host, some times over, which takes as long as the host has
 * processes. So one thread does it for the whole program, and whoever wants it done goes on.
 */
public final class CommandTree {
    /** The mark's name in the environment. */
    public static final String MARK = "TWINWALL_RUN";

    private static final Logger LOG = System.getLogger("twinwall.processes");

    /** What was started by an earlier life, under the same process number, is not ours to kill. */
    private static final String LIFE = ProcessHandle.current().pid() + "." + System.nanoTime() + ".";

    private static final AtomicLong NEXT = new AtomicLong();
    private static final int ENVIRONMENT_BYTES_MAX = 256 * 1024;
    private static final int ROUNDS_MAX = 10;
    private static final ThreadPoolExecutor KILLER = killer();

    private final List<String> command;
    private final String mark = LIFE + NEXT.incrementAndGet();

    /** Marks {@code builder}'s command, which is to be started at most once. */
    public CommandTree(ProcessBuilder builder) {
        command = List.copyOf(builder.command());
        Map<String, String> environment = builder.environment();
        environment.put(MARK, mark);
    }

    /**
     * Has everything killed, and does not wait for it.
     *
     * @param root what was started, or null when that is not known
     */
    public void kill(Process root) {
        try {
            KILLER.execute(() -> sweep(root));
        } catch (OutOfMemoryError e) {
            // No thread to be had; then a moment is lost here.
            sweep(root);
        }
    }

    /** Waits until everything asked for so far is killed, for at most {@code limitMs}; false when it is not. */
    public static boolean awaitKilled(long limitMs) {
        if (KILLER.getPoolSize() == 0) {
            return true;
        }
        try {
            KILLER.submit(() -> {}).get(limitMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Again until a round finds none: what is being killed may be starting another at that moment. */
    private void sweep(Process root) {
        Set<ProcessHandle> killed = new HashSet<>();
        for (int round = 0; round < ROUNDS_MAX; round++) {
            int before = killed.size();
            if (root != null) {
                // The list first: once a parent is gone, its children are init's.
                List<ProcessHandle> tree = root.descendants().toList();
                kill(root.toHandle(), killed);
                tree.forEach(child -> kill(child, killed));
            }
            ProcessHandle.allProcesses().filter(this::marked).forEach(found -> {
                List<ProcessHandle> tree =
                        killed.contains(found) ? List.of() : found.descendants().toList();
                kill(found, killed);
                tree.forEach(child -> kill(child, killed));
            });
            if (killed.size() == before) {
                return;
            }
        }
        LOG.log(Level.WARNING, "{0} starts processes faster than they are killed", command.getFirst());
    }

    private boolean marked(ProcessHandle process) {
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + process.pid() + "/environ"))) {
            return new String(in.readNBytes(ENVIRONMENT_BYTES_MAX), StandardCharsets.ISO_8859_1)
                    .contains(MARK + "=" + mark + "\0");
        } catch (IOException e) {
            // It ended.
            return false;
        }
    }

    private static void kill(ProcessHandle process, Set<ProcessHandle> killed) {
        if (process.isAlive() && killed.add(process)) {
            process.destroyForcibly();
        }
    }

    private static ThreadPoolExecutor killer() {
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform().name("twinwall-killer").daemon().unstarted(task));
        one.allowCoreThreadTimeOut(true);
        return one;
    }
}
