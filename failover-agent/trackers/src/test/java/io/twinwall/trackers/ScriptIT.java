/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Scheduling;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that end well, end badly, hang, and breed. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class ScriptIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    /** Patient: a shell takes its time on a busy machine. */
    private static final Timing CALM = Timing.of(Duration.ofMillis(1500), Duration.ofMillis(1400), 1, 1);

    @TempDir
    private Path directory;

    private String node;
    private Path note;

    @BeforeEach
    void prepare(TestNet net) {
        node = net.namespace();
        net.bridge(node, "inside0");
        note = directory.resolve("note");
    }

    /** A script of these lines, which may write to {@code $note}. */
    private TrackSpec script(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\nnote=" + note + "\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Specs.script(name, CALM, file.toString(), "argument");
    }

    private List<String> noted() {
        try {
            return Files.exists(note) ? Files.readAllLines(note) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String awaitNote(int lines) {
        Await.until(lines + " lines of notes", SOON, () -> noted().size() >= lines);
        return noted().getLast();
    }

    /** Those of {@code pids} that live. */
    private static List<String> alive(List<String> pids) {
        List<String> alive = new ArrayList<>(pids);
        alive.removeIf(pid -> !new ProcFs().lives(Integer.parseInt(pid)));
        return alive;
    }

    @Test
    void shouldGoByTheExitCode() throws Exception {
        Path fails = directory.resolve("fails");
        TrackSpec spec = script("code", "[ ! -e " + fails + " ] || { echo \"disk $1\" >&2; echo full; exit 3; }");
        try (Watch watch = Watch.in(node, spec)) {
            assertEquals("exit code 0", watch.await("code", Verdict.UP).detail());
            Files.createFile(fails);
            assertEquals(
                    "exit code 3: disk argument",
                    watch.await("code", Verdict.DOWN).detail());
            assertTrue(watch.trackers.health().fault().startsWith("code: exit code 3"));
            Files.delete(fails);
            watch.await("code", Verdict.UP);
        }
    }

    @Test
    void shouldRunInTheNamespaceWithNothingToReadAndAtNice0() throws Exception {
        TrackSpec spec = script(
                "where",
                "grep -q inside0 /proc/self/net/dev || exit 10",
                "[ -z \"$(cat)\" ] || exit 11",
                "[ \"$(pwd)\" = / ] || exit 12",
                // proc(5): field 19 is the nice value
                "cut -d' ' -f19 /proc/self/stat >> $note");
        String nice = NetNs.call(node, () -> {
            assertEquals(0, Scheduling.setpriority(0, -10));
            try (Watch watch = new Watch(List.of(), List.of(spec))) {
                assertEquals("exit code 0", watch.await("where", Verdict.UP).detail());
                return awaitNote(1);
            }
        });
        assertEquals("0", nice);
    }

    @Test
    void shouldKillWhatHangsWithAllThatItStarted() throws Exception {
        TrackSpec spec = script(
                "hangs",
                "echo $$ >> $note",
                "sleep 1000 & echo $! >> $note",
                "(sleep 1001 & echo $! >> $note)",
                "setsid sh -c 'trap \"\" TERM HUP; echo $$ >> '$note'; sleep 1002 & echo $! >> '$note'; wait' &",
                "echo waiting",
                "wait");
        try (Watch watch = Watch.in(node, spec)) {
            awaitNote(5);
            assertEquals(
                    "killed after 1400 ms: waiting",
                    watch.await("hangs", Verdict.DOWN).detail());
            List<String> first = noted().subList(0, 5);
            Await.until(
                    "all of them to end: " + alive(first),
                    SOON,
                    () -> alive(first).isEmpty());
            awaitNote(10);
        }
        List<String> all = noted();
        Await.until("what ran at the end to be killed", SOON, () -> alive(all).isEmpty());
    }

    @Test
    void shouldNotWaitForWhatAScriptLeavesBehind() throws Exception {
        TrackSpec spec = script("leaves", "sleep 1000 & echo $! >> $note; echo bye");
        try (Watch watch = Watch.in(node, spec)) {
            assertEquals("exit code 0", watch.await("leaves", Verdict.UP).detail());
            assertEquals(1, alive(noted().subList(0, 1)).size(), "it may have started a service");
        } finally {
            noted().forEach(pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
        }
    }

    @Test
    void shouldSayWhyItCannotStart() throws Exception {
        String plain = Files.writeString(directory.resolve("plain"), "text").toString();
        try (Watch watch = Watch.in(
                node,
                Specs.script("missing", CALM, directory.resolve("nothing").toString()),
                Specs.script("plain", CALM, plain))) {
            String missing = watch.await("missing", Verdict.DOWN).detail();
            assertTrue(missing.contains("/nothing") && missing.contains("No such file"), missing);
            String denied = watch.await("plain", Verdict.DOWN).detail();
            assertTrue(denied.contains("/plain") && denied.contains("Permission denied"), denied);
        }
    }

    @Test
    void shouldReadAllThatAScriptPrintsAndKeepTheBegin() throws Exception {
        TrackSpec spec = script("prints", "echo first", "head -c 3000000 /dev/zero | tr '\\\\0' x", "exit 5");
        try (Watch watch = Watch.in(node, spec, Specs.link("inside", 1, "inside0"))) {
            assertEquals(
                    "exit code 5: first", watch.await("prints", Verdict.DOWN).detail());
        }
    }

    @Test
    void shouldKillSeveralThatPrintWithoutEnd() throws Exception {
        try (Watch watch =
                Watch.in(node, script("yes-a", "exec yes"), script("yes-b", "exec yes"), script("fine", "exit 0"))) {
            watch.await("fine", Verdict.UP);
            assertEquals(
                    "killed after 1400 ms: y",
                    watch.await("yes-a", Verdict.DOWN).detail());
            watch.await("yes-b", Verdict.DOWN);
        }
    }
}
