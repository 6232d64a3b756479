/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.linux.CommandOutput;
import io.twinwall.linux.CommandTree;
import io.twinwall.linux.Scheduling;
import java.io.File;
import java.io.IOException;
import java.util.List;

/** A script as a process of its own, with nothing on its standard input. */
final class KernelScript implements ScriptRun {
    private final Process process;
    private final CommandTree tree;
    private final CommandOutput output;

    private KernelScript(Process process, CommandTree tree, CommandOutput output) {
        this.process = process;
        this.tree = tree;
        this.output = output;
    }

    /** Starts {@code argv} in the calling thread's network namespace. */
    static KernelScript start(List<String> argv) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .directory(new File("/"));
        CommandTree tree = new CommandTree(builder);
        yieldToHeartbeats();
        CommandOutput output = new CommandOutput();
        try {
            Process process = builder.redirectOutput(output.file()).start();
            output.started();
            return new KernelScript(process, tree, output);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            output.close();
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
        return output.drain();
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
        return output.text();
    }

    @Override
    public void kill() {
        tree.kill(process);
    }

    @Override
    public void close() {
        output.close();
    }
}
