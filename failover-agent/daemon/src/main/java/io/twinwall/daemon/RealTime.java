/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.Scheduling;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Asks the kernel for what keeps heartbeats punctual on a busy host: the role thread before all others, the program's other
 * threads before most, no page of it swapped out. Each is worth having alone, and none is needed: what is refused is told once, with
 * the capability to add.
 *
 * <p>Memory is locked where it is touched, not ahead: the heap and the flow table are reserved for the worst day, and to lock them
 * whole would make a hundred megabytes resident on an idle host. Locked memory cannot be given back: hence
 * {@link #returnLargeMemory}, and {@link #trim} for the small pieces that the first minutes leave.
 */
final class RealTime {
    /** What is asked of the kernel; 0 or more, or {@code -errno}. */
    interface Kernel {
        /** The calling thread runs before all that are not real-time, and wakes when it is said. */
        int fifo(int priority);

        int lockMemory();

        /** Gives back what malloc(3) holds free, for which the lock is lifted a moment; as {@link #lockMemory}. */
        int trimMemory();

        int nice(int nice);
    }

    private static final Logger LOG = System.getLogger("twinwall.role");

    /** Low among the real-time ones: above everything ordinary, below the kernel's own threads. */
    private static final int PRIORITY = 10;

    private static final int NICE = -10;
    private static final int CAP_IPC_LOCK = 14;
    private static final int LARGE_BYTES = 32_000;

    private final Kernel kernel;
    private final Counter fifoGauge;
    private final Counter lockedGauge;
    private final Counter niceGauge;
    private volatile boolean locked;
    private volatile String text = "real-time: not asked for";

    /**
     * First thing in the program: the compilers' arenas grow by blocks a little larger than this. Left among the small
     * things of malloc(3), what they needed for a moment, some 30 MB, stays resident until the next {@link #trim}.
     */
    static void returnLargeMemory() {
        Posix.mallocMmapThreshold(LARGE_BYTES);
    }

    RealTime(Counters counters) {
        this(counters, new Linux());
    }

    RealTime(Counters counters, Kernel kernel) {
        this.kernel = kernel;
        fifoGauge = counters.gauge("realtime_priority", "SCHED_FIFO priority of the role thread, 0: it has none.");
        lockedGauge = counters.gauge("realtime_memory_locked", "1: no memory of the agent is swapped out.");
        niceGauge = counters.gauge("realtime_nice", "Nice value of the agent's other threads.");
    }

    /** First thing on the role thread. */
    void begin() {
        int nice = kernel.nice(NICE);
        int fifo = kernel.fifo(PRIORITY);
        int lock = kernel.lockMemory();
        locked = lock >= 0;
        fifoGauge.set(fifo < 0 ? 0 : PRIORITY);
        lockedGauge.set(locked ? 1 : 0);
        niceGauge.set(nice < 0 ? 0 : NICE);
        text = "real-time: "
                + say(fifo, "FIFO " + PRIORITY, "no FIFO", "CAP_SYS_NICE")
                + "; "
                + say(lock, "memory locked", "memory not locked", "CAP_IPC_LOCK, or LimitMEMLOCK=infinity")
                + "; "
                + say(nice, "nice " + NICE, "not niced", "CAP_SYS_NICE");
        LOG.log(fifo < 0 || lock < 0 || nice < 0 ? Level.WARNING : Level.INFO, "{0}", text);
    }

    /** Now and then, on a thread that may wait: what is free and locked goes back to the system. */
    void trim() {
        if (locked) {
            int lock = kernel.trimMemory();
            if (lock < 0) {
                locked = false;
                lockedGauge.set(0);
                LOG.log(Level.WARNING, "real-time: memory is not locked any more ({0})", Errno.name(lock));
            }
        }
    }

    /** The thread by which the JVM stops all others and, with its serial collector, collects garbage; 0 when there is none of that name. */
    static int collectorThread() {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals("VM Thread")) {
                    return Integer.parseInt(thread.getFileName().toString());
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.DEBUG, "cannot look for the collector''s thread", e);
        }
        return 0;
    }

    /** One line for people. From any thread. */
    String text() {
        return text;
    }

    private static String say(int result, String done, String refused, String needs) {
        return result >= 0 ? done : refused + " (" + Errno.name(result) + ": needs " + needs + ")";
    }

    /** The kernel that there is. */
    private static final class Linux implements Kernel {
        @Override
        public int fifo(int priority) {
            // Threads without real-time priority are woken up to 50 us late for nothing but a little power.
            Scheduling.timerSlack(1);
            int own = Posix.schedSetscheduler(0, Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK, priority);
            int collector = collectorThread();
            if (own >= 0 && collector > 0) {
                // While it collects, the role thread stands still: then it is as urgent as that one.
                return Posix.schedSetscheduler(collector, Const.SCHED_FIFO | Const.SCHED_RESET_ON_FORK, priority);
            }
            return own;
        }

        /**
         * Under a limit, the lock would be granted for what there is now, and later mappings refused: threads that cannot start. So
         * it is not asked for then.
         */
        @Override
        public int lockMemory() {
            if (Posix.getrlimit(Const.RLIMIT_MEMLOCK) != Long.MAX_VALUE && !mayLock()) {
                return -Errno.EPERM;
            }
            return Posix.mlockall(Const.MCL_CURRENT | Const.MCL_FUTURE | Const.MCL_ONFAULT);
        }

        @Override
        public int trimMemory() {
            Posix.munlockall();
            Posix.mallocTrim();
            return lockMemory();
        }

        @Override
        public int nice(int nice) {
            return Scheduling.setpriorityOfAll(nice);
        }

        private static boolean mayLock() {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                    if (line.startsWith("CapEff:")) {
                        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) >>> CAP_IPC_LOCK & 1) != 0;
                    }
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "cannot read the capabilities", e);
            }
            return false;
        }
    }
}
