/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that let go of what they start. */
class CommandTreeIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static final long LOOK_NS = 10_000_000;

    @TempDir
    private Path directory;

    @Test
    void shouldKillAllThatItStartedAndNothingElse() throws Exception {
        Path pids = directory.resolve("pids");
        String note = "echo $$ >> " + pids + "; exec sleep 600";
        ProcessBuilder builder = shell("(setsid sh -c '" + note + "' &); env -i /bin/sh -c '" + note + "' & (sh -c '"
                + note + "' & ); sh -c '" + note + "'");
        CommandTree tree = new CommandTree(builder);
        ProcessBuilder otherBuilder = shell("exec sleep 600");
        CommandTree other = new CommandTree(otherBuilder);
        Process stranger = otherBuilder.start();
        Process root = builder.start();
        try {
            until("all run", () -> lines(pids).size() == 4);
            tree.kill(root);
            assertTrue(CommandTree.awaitKilled(SOON.toMillis()));
            until("all are gone", () -> lines(pids).stream().noneMatch(CommandTreeIT::lives));
            assertEquals(137, root.waitFor());
            assertTrue(stranger.isAlive());
        } finally {
            other.kill(stranger);
            assertEquals(137, stranger.waitFor());
        }
    }

    @Test
    void shouldFindWhatWasStartedThoughNobodyKnowsIt() throws Exception {
        ProcessBuilder builder = shell("exec sleep 600");
        CommandTree tree = new CommandTree(builder);
        Process unknown = builder.start();
        tree.kill(null);
        assertEquals(137, unknown.waitFor());
    }

    private static ProcessBuilder shell(String script) {
        return new ProcessBuilder("/bin/sh", "-c", script);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static void until(String what, BooleanSupplier holds) {
        long sinceNs = System.nanoTime();
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() - sinceNs < SOON.toNanos(), "not in time: " + what);
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    /** A zombie that init has not reaped yet lives no more. */
    private static boolean lives(String pid) {
        try {
            String stat = Files.readString(Path.of("/proc", pid, "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }
}
