/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a hook's command: no shell, no input, no output, no environment but what it is given, and an end: at the
 * deadline it and its descendants are killed. Used by one thread, which waits; {@link #kill} is for any.
 */
final class HookProcess {
    /** The environment is made anew; the daemon's own may hold what a hook must not depend on. */
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** While a tree is killed it may still grow; a few passes catch what was born meanwhile. */
    private static final int KILL_PASSES = 5;

    /** How it ended. */
    sealed interface End {
        /** By itself, with this status. */
        record Exited(int status) implements End {}

        /** At the deadline, or because the program ends. */
        record Killed() implements End {}

        /** It never ran. */
        record NotStarted(String reason) implements End {}
    }

    private final List<String> command;
    private final Map<String, String> environment;
    private volatile Process process;
    private volatile boolean killed;

    HookProcess(List<String> command, Map<String, String> environment) {
        this.command = command;
        this.environment = environment;
    }

    /** Runs it for at most {@code limitNs}. Blocks that long and not longer. */
    End run(long limitNs) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().put("PATH", SEARCH_PATH);
        builder.environment().putAll(environment);
        if (killed) {
            return new End.Killed();
        }
        try {
            process = builder.start();
        } catch (IOException e) {
            return new End.NotStarted(String.valueOf(e.getMessage()));
        }
        if (killed) {
            // Between the check above and the start.
            kill();
        }
        try {
            if (process.waitFor(limitNs, TimeUnit.NANOSECONDS) && !killed) {
                return new End.Exited(process.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
        return new End.Killed();
    }

    /** Ends it, or keeps it from starting. */
    void kill() {
        killed = true;
        Process running = process;
        if (running == null) {
            return;
        }
        for (int pass = 0; pass < KILL_PASSES; pass++) {
            // The list first: once the parent is gone, its children are init's and no longer found.
            List<ProcessHandle> tree = running.descendants().toList();
            running.destroyForcibly();
            tree.forEach(handle -> {
                handle.descendants().forEach(ProcessHandle::destroyForcibly);
                handle.destroyForcibly();
            });
            if (tree.isEmpty() && !running.isAlive()) {
                return;
            }
        }
    }
}
