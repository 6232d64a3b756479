/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.linux.CommandOutput;
import io.twinwall.linux.CommandTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of an operator's command: no shell, no input, no environment but what it is given, and an end: at the deadline it is
 * killed with all that it started. Its output goes nowhere, or its beginning is kept. Used by one thread, which waits; {@link
 * #kill} is for any.
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

    /** How often what it prints is taken over. */
    private static final long DRAIN_NS = 20_000_000L;

    private final List<String> command;
    private final Map<String, String> environment;
    private final boolean listening;
    private String said = "";
    private CommandOutput output;
    private volatile Process process;
    private volatile CommandTree tree;
    private volatile boolean killed;

    /** Its output goes nowhere. */
    HookProcess(List<String> command, Map<String, String> environment) {
        this(command, environment, false);
    }

    /** @param listening {@link #said} is to tell what it printed */
    HookProcess(List<String> command, Map<String, String> environment, boolean listening) {
        this.command = command;
        this.environment = environment;
        this.listening = listening;
    }

    /** Runs it for at most {@code limitNs}. Blocks that long and not longer. */
    End run(long limitNs) {
        try {
            return runs(limitNs);
        } finally {
            if (output != null) {
                said = output.text();
                output.close();
            }
        }
    }

    /** The beginning of what it printed, once it has run. */
    String said() {
        return said;
    }

    private End runs(long limitNs) {
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
            if (ends(limitNs) && !killed) {
                return new End.Exited(process.exitValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
        return new End.Killed();
    }

    private boolean ends(long limitNs) throws InterruptedException {
        if (output == null) {
            return process.waitFor(limitNs, TimeUnit.NANOSECONDS);
        }
        long beganNs = System.nanoTime();
        boolean ended = false;
        for (long leftNs = limitNs; !ended && leftNs > 0; leftNs = limitNs - (System.nanoTime() - beganNs)) {
            ended = process.waitFor(Math.min(leftNs, DRAIN_NS), TimeUnit.NANOSECONDS);
            output.drain();
        }
        return ended;
    }

    /** False when it was killed before. */
    private boolean start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", SEARCH_PATH);
        builder.environment().putAll(environment);
        tree = new CommandTree(builder);
        if (killed) {
            return false;
        }
        if (listening) {
            output = new CommandOutput();
            builder.redirectOutput(output.file());
        }
        process = builder.start();
        if (listening) {
            output.started();
        }
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
