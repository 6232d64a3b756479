/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.daemon.Config.When;
import io.twinwall.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hooks as real processes: their ends, their deadlines, and storms of transitions. */
@Timeout(60)
class HookRunnerIT {
    /** Of a hook that is to be killed at it: by then it must have started what it starts. */
    private static final int DEADLINE_MS = 3_000;

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private HookRunner runner;

    @AfterEach
    void close() {
        runner.close();
    }

    @Test
    void shouldTellAHookWhatHappenedAndSeeItsStatus() throws Exception {
        Path seen = directory.resolve("seen");
        start(
                hook("env | grep ^TWINWALL_ | grep -v ^TWINWALL_RUN= | sort > " + seen, 10_000, When.MASTER),
                hook("exit 3", 10_000, When.MASTER, When.FAULT),
                hook("exit 0", 10_000, When.BACKUP));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 7, "peer \"fw-b\" is dead; $(reboot)"));
        until("two hooks ended", () -> ended() == 2);
        assertEquals("""
                TWINWALL_NODE=fw-a
                TWINWALL_OLD_ROLE=BACKUP
                TWINWALL_PEER=fw-b
                TWINWALL_REASON=peer "fw-b" is dead; $(reboot)
                TWINWALL_ROLE=MASTER
                TWINWALL_TERM=7
                """, Files.readString(seen));
        assertEquals("exit status 0", runner.results().get(0).outcome());
        assertEquals("exit status 3", runner.results().get(1).outcome());
        assertTrue(!runner.results().get(1).ok());
        assertEquals(null, runner.results().get(2).outcome());
        assertEquals(2, counters.value("hooks_runs_total"));
        assertEquals(1, counters.value("hooks_failed_total"));
    }

    @Test
    void shouldKillAHangingHookWithItsChildrenAtItsDeadline() throws Exception {
        Path pids = directory.resolve("pids");
        start(hook(
                "sleep 600 & echo $! >> " + pids + "; (sleep 600; true) & echo $! >> " + pids + "; echo $$ >> " + pids
                        + "; wait",
                DEADLINE_MS,
                When.MASTER));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 1, ""));
        until("it is killed", () -> counters.value("hooks_killed_total") == 1);
        List<String> all = Files.readAllLines(pids);
        assertEquals(3, all.size());
        until("the whole tree is gone", () -> all.stream().noneMatch(HookRunnerIT::lives));
        assertTrue(runner.results().getFirst().outcome().matches("killed after \\d+ ms"));
        assertEquals(0, counters.value("hooks_running"));
    }

    @Test
    void shouldKillAtItsDeadlineWhatItsHookSetFree() throws Exception {
        Path pids = directory.resolve("pids");
        start(hook(
                "(setsid sh -c 'echo $$ >> " + pids + "; sleep 600; true' &); while :; do sleep 1; done",
                DEADLINE_MS,
                When.MASTER));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 1, ""));
        until("it is killed", () -> counters.value("hooks_killed_total") == 1);
        String free = Files.readString(pids).strip();
        until("what it set free is gone", () -> !lives(free));
    }

    @Test
    void shouldGoOnAfterAHookThatJavaWouldNotStart() throws Exception {
        start(hook("true", 5_000, When.MASTER), before("true", 5_000));
        // No variable of the environment may hold this, and ProcessBuilder says so by an exception that is none of the
        // system's.
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 1, "a\0b"));
        until("it could not be started", () -> counters.value("hooks_not_started_total") == 1);
        CompletableFuture<String> done = new CompletableFuture<>();
        runner.before(5_000_000_000L, done::complete);
        assertTrue(done.get(20, TimeUnit.SECONDS).contains("not started"));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 2, "fine"));
        until("it was run again", () -> runner.results().getFirst().ok());
        assertEquals(0, counters.value("hooks_running"));
    }

    @Test
    void shouldSayThatACommandIsMissing() {
        start(new Config.Hook(List.of(When.FAULT), List.of("/nonexistent/hook"), 1_000, false));
        runner.onTransition(new HookRunner.Occasion(When.FAULT, When.BACKUP, 1, "no carrier"));
        until("it could not be started", () -> counters.value("hooks_not_started_total") == 1);
        String outcome = runner.results().getFirst().outcome();
        assertTrue(outcome.startsWith("not started: ") && outcome.contains("/nonexistent/hook"), outcome);
    }

    @Test
    void shouldRunOnlyForTheNewestTransitionOfAStorm() throws Exception {
        Path log = directory.resolve("log");
        Path go = directory.resolve("go");
        start(hook(
                "echo $TWINWALL_TERM >> " + log + "; while [ ! -e " + go + " ]; do sleep 0.01; done",
                20_000,
                When.MASTER,
                When.BACKUP));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 0, ""));
        until("the first runs", () -> Files.exists(log));
        long beganNs = System.nanoTime();
        for (int term = 1; term <= 10_000; term++) {
            boolean even = term % 2 == 0;
            runner.onTransition(new HookRunner.Occasion(even ? When.MASTER : When.BACKUP, When.INIT, term, ""));
        }
        assertTrue(System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(5), "transitions wait for no hook");
        assertEquals(1, counters.value("hooks_running"));
        Files.writeString(go, "");
        until("the newest was run", () -> ended() == 2);
        assertEquals(List.of("0", "10000"), Files.readAllLines(log));
        assertEquals(9_999, counters.value("hooks_coalesced_total"));
    }

    @Test
    void shouldNotRunForARoleThatIsGoneAgain() throws Exception {
        Path log = directory.resolve("log");
        Path go = directory.resolve("go");
        start(hook(
                "echo $TWINWALL_TERM >> " + log + "; while [ ! -e " + go + " ]; do sleep 0.01; done",
                20_000,
                When.MASTER));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 1, ""));
        until("the first runs", () -> Files.exists(log));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 2, ""));
        runner.onTransition(new HookRunner.Occasion(When.BACKUP, When.MASTER, 2, ""));
        Files.writeString(go, "");
        until("it ended", () -> ended() == 1);
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 3, ""));
        until("it was run again", () -> ended() == 2);
        assertEquals(List.of("1", "3"), Files.readAllLines(log));
    }

    @Test
    void shouldNeverRunMoreProcessesThanItMay() {
        Config.Hook[] hooks = new Config.Hook[12];
        for (int i = 0; i < hooks.length; i++) {
            hooks[i] = hook("sleep 0." + (10 + i), 10_000, When.MASTER);
        }
        start(hooks);
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 1, ""));
        long most = 0;
        while (ended() < hooks.length) {
            most = Math.max(most, counters.value("hooks_running"));
            Thread.onSpinWait();
        }
        assertEquals(HookRunner.PROCESSES_MAX, most);
    }

    @Test
    void shouldKeepATakeoverWaitingOnlyForHooksBeforeAndNotBeyondTheirLimit() throws Exception {
        Path seen = directory.resolve("seen");
        start(
                before("echo $TWINWALL_ROLE > " + seen, 5_000),
                before("exit 4", 5_000),
                hook("sleep 600", 600_000, When.MASTER));
        runner.onTransition(new HookRunner.Occasion(When.MASTER, When.BACKUP, 2, ""));
        CompletableFuture<String> done = new CompletableFuture<>();
        runner.before(5_000_000_000L, done::complete);
        assertEquals("hook /bin/sh (MASTER, term 2): exit status 4", done.get(20, TimeUnit.SECONDS));
        assertEquals("MASTER\n", Files.readString(seen));
        assertTrue(runner.results().get(2).running(), "an ordinary hook is not waited for");

        runner.configure(List.of(before("sleep 600", 600_000)));
        CompletableFuture<String> late = new CompletableFuture<>();
        long beganNs = System.nanoTime();
        runner.before(200_000_000L, late::complete);
        assertTrue(late.get(20, TimeUnit.SECONDS).contains(": killed after "));
        assertTrue(System.nanoTime() - beganNs >= 200_000_000L);
        runner.configure(List.of());
        CompletableFuture<String> nothing = new CompletableFuture<>();
        runner.before(1, nothing::complete);
        assertEquals("", nothing.getNow(null));
    }

    @Test
    void shouldNotLetHangingHooksDelayThoseATakeoverWaitsFor() throws Exception {
        Config.Hook[] hooks = new Config.Hook[HookRunner.PROCESSES_MAX + 2];
        for (int i = 1; i < hooks.length; i++) {
            hooks[i] = hook("sleep 600; exit " + i, 600_000, When.BACKUP);
        }
        hooks[0] = before("true", 5_000);
        start(hooks);
        runner.onTransition(new HookRunner.Occasion(When.BACKUP, When.INIT, 1, ""));
        until("all threads hang", () -> counters.value("hooks_running") == HookRunner.PROCESSES_MAX);
        CompletableFuture<String> done = new CompletableFuture<>();
        runner.before(5_000_000_000L, done::complete);
        assertEquals("", done.get(20, TimeUnit.SECONDS));
    }

    @Test
    void shouldRunTheHooksOfAnOrderlyEndAndKillTheOthers() throws Exception {
        Path log = directory.resolve("log");
        Path pid = directory.resolve("pid");
        start(
                hook("echo end > " + log, 10_000, When.INIT),
                hook("echo $$ > " + pid + "; sleep 600", 600_000, When.INIT));
        runner.onTransition(new HookRunner.Occasion(When.INIT, When.BACKUP, 1, "stopped"));
        runner.close();
        assertEquals("end\n", Files.readString(log));
        String hanging = Files.readString(pid).strip();
        until("it is killed", () -> !lives(hanging));
    }

    private void start(Config.Hook... hooks) {
        runner = new HookRunner(List.of(hooks), "fw-a", "fw-b", counters, NanoClock.SYSTEM);
    }

    private long ended() {
        return counters.value("hooks_runs_total") - counters.value("hooks_running");
    }

    private static Config.Hook hook(String shell, int timeoutMs, When... on) {
        return new Config.Hook(List.of(on), List.of("/bin/sh", "-c", shell), timeoutMs, false);
    }

    private static Config.Hook before(String shell, int timeoutMs) {
        return new Config.Hook(List.of(When.MASTER), List.of("/bin/sh", "-c", shell), timeoutMs, true);
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

    private static void until(String what, java.util.function.BooleanSupplier holds) {
        Await.until(what, LIMIT, holds);
    }
}
