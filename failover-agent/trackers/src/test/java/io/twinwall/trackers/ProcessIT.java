/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Processes that end and are started again. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class ProcessIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private final List<Process> started = new ArrayList<>();
    private String node;
    private Path program;
    private Path pidFile;

    @BeforeEach
    void prepare(TestNet net) throws IOException {
        node = net.namespace();
        // A name that no other test that runs at this moment uses; 15 bytes at most.
        program = directory.resolve("tw-p" + ProcessHandle.current().pid() + "x");
        Files.copy(Path.of("/bin/sleep"), program);
        pidFile = directory.resolve("pid");
    }

    @AfterEach
    void kill() {
        started.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
    }

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        started.add(process);
        return process;
    }

    private Process startProgram() throws IOException {
        return start(program.toString(), "1000");
    }

    private static String lives(Process process) {
        return "process " + process.pid() + " lives";
    }

    @Test
    void shouldFindAProcessByItsName() throws IOException {
        String name = program.getFileName().toString();
        try (Watch watch = Watch.in(node, Specs.comm("comm", name))) {
            assertEquals(
                    "no process named " + name,
                    watch.await("comm", Verdict.DOWN).detail());
            Process first = startProgram();
            assertEquals(lives(first), watch.await("comm", Verdict.UP).detail());
            Process second = startProgram();
            first.destroyForcibly();
            watch.awaitDetail("comm", lives(second));
            assertEquals(Verdict.UP, watch.verdict("comm"), "the other one lives");
            started.forEach(Process::destroyForcibly);
            watch.await("comm", Verdict.DOWN);
        }
    }

    @Test
    void shouldFindAProcessByItsPidFile() throws IOException {
        try (Watch watch = Watch.in(node, Specs.pidFile("file", pidFile))) {
            assertEquals(
                    "no process number in " + pidFile,
                    watch.await("file", Verdict.DOWN).detail());
            Process first = startProgram();
            Files.writeString(pidFile, first.pid() + "\n");
            assertEquals(lives(first), watch.await("file", Verdict.UP).detail());
            first.destroyForcibly();
            assertEquals(
                    "process " + first.pid() + " of " + pidFile + " does not live",
                    watch.await("file", Verdict.DOWN).detail());
            Process second = startProgram();
            assertNotEquals(first.pid(), second.pid());
            Files.writeString(pidFile, "  " + second.pid());
            assertEquals(lives(second), watch.await("file", Verdict.UP).detail());
            Files.writeString(pidFile, "soon\n");
            watch.awaitDetail("file", "no process number in " + pidFile);
            Files.delete(pidFile);
            watch.await("file", Verdict.DOWN);
        }
    }

    @Test
    void shouldNotCountAProcessThatOnlyWaitsForItsParent() throws IOException {
        String name = program.getFileName().toString();
        try (Watch watch = Watch.in(node, Specs.comm("comm", name))) {
            // The shell becomes a sleep, which never asks how its child ended.
            Process parent = start("/bin/sh", "-c", program + " 1000 & exec sleep 1000");
            watch.await("comm", Verdict.UP);
            ProcessHandle child = parent.children().findFirst().orElseThrow();
            child.destroyForcibly();
            watch.await("comm", Verdict.DOWN);
            String stat = "/proc/" + child.pid() + "/stat";
            Await.until(
                    "the control: a zombie",
                    SOON,
                    () -> ProcFs.text(Path.of(stat), 512).contains(") Z "));
        }
    }
}
