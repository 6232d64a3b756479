/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.linux.CommandTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a hook's command: no shell, no input, no output, no environment but what it is given, and an end: at the
 * deadline it is killed with all that it started. Used by one thread, which waits; {@link #kill} is for any.
 */
final class HookProcess {
    /** The environment is made anew; the daemon's own may hold what a hook must not depend on. */
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

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
    private volatile CommandTree tree;
    private volatile boolean killed;

    HookProcess(List<String> command, Map<String, String> environment) {
        this.command = command;
        this.environment = environment;
    }

    /** Runs it for at most {@code limitNs}. Blocks that long and not longer. */
    End run(long limitNs) {
        try {
            if (!start()) {
                return new End.Killed();
            }
        } catch (IOException | RuntimeException e) {
            return new End.NotStarted(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) {
            // Where the host allows no more threads; then it may run, and Java not know of it.
            kill();
            return new End.NotStarted(String.valueOf(e.getMessage()));
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

    /** False when it was killed before. */
    private boolean start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().put("PATH", SEARCH_PATH);
        builder.environment().putAll(environment);
        tree = new CommandTree(builder);
        if (killed) {
            return false;
        }
        process = builder.start();
        if (killed) {
            // Between the check above and the start.
            kill();
        }
        return true;
    }

    /** Ends it with all that it started, or keeps it from starting. Does not wait. */
    void kill() {
        killed = true;
        CommandTree marked = tree;
        if (marked != null) {
            marked.kill(process);
        }
    }
}
