/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.linux.AnonymousMapping;
import io.twinwall.linux.Const;
import io.twinwall.linux.Posix;
import io.twinwall.linux.Scheduling;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the real kernel grants to root, on a thread of the test's own. */
@RequireRoot
class RealTimeIT {
    private final Counters counters = new Counters();

    @AfterEach
    void giveUp() {
        assertTrue(Scheduling.setpriorityOfAll(0) > 0);
        assertEquals(0, Posix.schedSetscheduler(RealTime.collectorThread(), Const.SCHED_OTHER, 0));
    }

    private <T> T onRoleThread(Callable<T> then) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            RealTime realTime = new RealTime(counters);
            realTime.begin();
            realTime.trim();
            assertEquals(1, counters.value("realtime_memory_locked"));
            assertEquals("real-time: FIFO 10; memory locked; nice -10", realTime.text());
            return then.call();
        });
        Thread.ofPlatform().start(task);
        return task.get(30, TimeUnit.SECONDS);
    }

    @Test
    void shouldScheduleTheRoleThreadAsFifoAndNoneButTheOneThatCanStopIt() throws Exception {
        int policy = onRoleThread(() -> {
            FutureTask<Integer> child = new FutureTask<>(
                    () -> Posix.schedSetscheduler(0, Const.SCHED_OTHER, 0) == 0 ? Scheduling.schedGetscheduler(0) : -1);
            Thread.ofPlatform().start(child);
            assertEquals(Const.SCHED_OTHER, child.get());
            assertEquals(
                    Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK,
                    Scheduling.schedGetscheduler(RealTime.collectorThread()));
            return Scheduling.schedGetscheduler(0);
        });
        assertEquals(Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK, policy);
        assertEquals(Const.SCHED_OTHER, Scheduling.schedGetscheduler(0));
    }

    /** A flow table is reserved for millions of flows; locking must not touch it. */
    @Test
    void shouldNotMakeReservedMemoryResident() throws Exception {
        try (AnonymousMapping mapping = new AnonymousMapping()) {
            mapping.map(512 << 20);
            long before = residentKib();
            long after = onRoleThread(() -> {
                mapping.map(512 << 20);
                return residentKib();
            });
            assertTrue(after - before < 32 << 10, "from " + before + " to " + after + " KiB");
        }
    }

    private static long residentKib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new AssertionError("no VmRSS");
    }
}
