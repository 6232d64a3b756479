/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Namespaces, scheduling, signals and memory against the real kernel. */
class ProcessIT {
    private static final Path OWN_NETNS = Path.of("/proc/thread-self/ns/net");
    private static final int BLOCKS = 64;
    private static final int PAGE_BYTES = 4096;
    private static final Pattern RANGE = Pattern.compile("([0-9a-f]{8,16})-([0-9a-f]{8,16}) ");

    @Test
    void shouldMoveOnlyTheCallingThread() throws Exception {
        Path before = Files.readSymbolicLink(OWN_NETNS);
        FreshNetNs.run(() -> {
            Path fresh = Files.readSymbolicLink(OWN_NETNS);
            assertNotEquals(before, fresh);
            CompletableFuture<Path> child = new CompletableFuture<>();
            Thread.ofPlatform().start(() -> child.complete(ns())).join();
            assertEquals(fresh, child.get(), "threads inherit the namespace");
            NetNs.enter("/proc/self/ns/net"); // that of the main thread
            assertEquals(before, Files.readSymbolicLink(OWN_NETNS));
        });
        assertEquals(before, Files.readSymbolicLink(OWN_NETNS));
    }

    private static Path ns() {
        try {
            return Files.readSymbolicLink(OWN_NETNS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldRefuseVirtualThreads() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                NetNs.enter("/proc/self/ns/net");
                done.complete(null);
            } catch (Throwable t) {
                done.completeExceptionally(t);
            }
        });
        CompletionException thrown = assertThrows(
                CompletionException.class,
                () -> done.orTimeout(10, TimeUnit.SECONDS).join());
        assertInstanceOf(BugError.class, thrown.getCause());
    }

    @Test
    void shouldNameTheNamespaceThatIsAbsent() {
        Fatal fatal = assertThrows(Fatal.class, () -> NetNs.call("tw-absent", () -> 0));
        assertEquals(ExitCode.ENVIRONMENT, fatal.exitCode());
        assertTrue(fatal.getMessage().contains("/run/netns/tw-absent: ENOENT"), fatal.getMessage());
    }

    @Test
    void shouldScheduleOneThreadAsFifo() throws Exception {
        FreshNetNs.run(() -> {
            assertEquals(0, Posix.schedSetscheduler(0, Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK, 10));
            // proc(5): field 41 of stat is the policy, 39 fields after the name in parentheses
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            assertEquals(Const.SCHED_FIFO, Integer.parseInt(fields[41 - 3]));
            assertEquals(Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK, Scheduling.schedGetscheduler(0));
            assertEquals(0, Posix.schedSetscheduler(0, Const.SCHED_OTHER, 0));
            assertEquals(-Errno.EINVAL, Posix.schedSetscheduler(0, Const.SCHED_FIFO, 100));
        });
    }

    @Test
    void shouldNiceEveryThreadOfTheProcess() throws Exception {
        CompletableFuture<Void> end = new CompletableFuture<>();
        CompletableFuture<Path> other = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            other.complete(ownStat());
            end.join();
        });
        Path own = ownStat();
        Path others = other.get(10, TimeUnit.SECONDS);
        try {
            assertTrue(Scheduling.setpriorityOfAll(-3) >= 2);
            assertEquals(-3, nice(own));
            assertEquals(-3, nice(others));
            assertEquals(0, Scheduling.setpriority(0, -2));
            assertEquals(-2, nice(own));
            assertEquals(-3, nice(others));
        } finally {
            assertTrue(Scheduling.setpriorityOfAll(0) >= 2);
            end.complete(null);
            thread.join();
        }
        assertEquals(-Errno.ESRCH, Scheduling.setpriority(0x3ffffff, 0));
    }

    /** The calling thread's file in /proc, to be read by any thread. */
    private static Path ownStat() {
        try {
            return Path.of("/proc/thread-self/stat").toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** proc(5): field 19 of stat. */
    private static int nice(Path stat) throws IOException {
        String text = Files.readString(stat);
        return Integer.parseInt(text.substring(text.lastIndexOf(')') + 2).split(" ", -1)[19 - 3]);
    }

    @Test
    void shouldTellLimitsAndTakeTimerSlack() throws Exception {
        long limit = Posix.getrlimit(Const.RLIMIT_MEMLOCK);
        String line = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(l -> l.startsWith("Max locked memory"))
                .findFirst()
                .orElseThrow();
        assertEquals(
                line.substring(26).strip().split("\\s+", -1)[0],
                limit == Long.MAX_VALUE ? "unlimited" : Long.toString(limit));
        assertEquals(-Errno.EINVAL, Posix.getrlimit(1000));
        assertEquals(0, Scheduling.timerSlack(50_000));
    }

    @Test
    void shouldSignalProcesses() throws Exception {
        Process sleeper = new ProcessBuilder("sleep", "60").start();
        assertEquals(0, Posix.kill((int) sleeper.pid(), 0));
        assertEquals(0, Posix.kill((int) sleeper.pid(), Const.SIGKILL));
        assertTrue(sleeper.waitFor(10, TimeUnit.SECONDS));
        assertEquals(128 + Const.SIGKILL, sleeper.exitValue());
    }

    @Test
    void shouldMakeOnlyTouchedPagesResident() throws Exception {
        try (AnonymousMapping mapping = new AnonymousMapping()) {
            UnsafeBuffer buffer = mapping.map(1 << 30);
            long before = residentKib(buffer);
            for (int i = 0; i < 100; i++) {
                buffer.putByte(i * 10_000_000, (byte) 1);
            }
            assertEquals(100 * 4, residentKib(buffer) - before);
        }
    }

    /** What is resident of the mapping that holds {@code buffer}; the kernel may have merged it with a neighbour. */
    private static long residentKib(UnsafeBuffer buffer) throws Exception {
        boolean found = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            Matcher range = RANGE.matcher(line);
            if (range.lookingAt()) {
                found = Long.parseUnsignedLong(range.group(1), 16) <= buffer.addressOffset()
                        && Long.parseUnsignedLong(range.group(2), 16) > buffer.addressOffset();
            } else if (found && line.startsWith("Rss:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no mapping holds the buffer");
    }

    @Test
    void shouldLockAndUnlockMemory() throws IOException {
        // MCL_CURRENT with MCL_ONFAULT pins what is resident already and touches nothing more.
        assertEquals(0, Posix.mlockall(Const.MCL_CURRENT | Const.MCL_ONFAULT));
        assertEquals(-Errno.EINVAL, Posix.mlockall(Const.MCL_ONFAULT));
        assertTrue(lockedKib() > 0);
        assertEquals(0, Posix.munlockall());
        assertEquals(0, lockedKib());
        assertTrue(Posix.mallocTrim() >= 0);
    }

    @Test
    void shouldGiveLargeMemoryMappingsOfItsOwn() {
        int bytes = 100_000; // which by default comes out of a heap, one behind the other
        try (Arena arena = Arena.ofConfined()) {
            int before = ownMappings(arena, bytes);
            assertTrue(before < BLOCKS / 2, before + " of " + BLOCKS);
            assertTrue(Posix.mallocMmapThreshold(bytes / 2));
            int after = ownMappings(arena, bytes);
            assertTrue(after > BLOCKS / 2, after + " of " + BLOCKS);
        }
    }

    /** How many blocks begin, behind the header of malloc(3), with a page; the first may fill what is free in a heap. */
    private static int ownMappings(Arena arena, int bytes) {
        int own = 0;
        for (int i = 0; i < BLOCKS; i++) {
            if (arena.allocate(bytes).address() % PAGE_BYTES == 2 * Long.BYTES) {
                own++;
            }
        }
        return own;
    }

    private static long lockedKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmLck:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no VmLck");
    }
}
