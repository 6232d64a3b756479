/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.io.File;

/**
 * How the kernel shares its cores among the threads of this process; {@link Posix#schedSetscheduler} is one part of it. C
 * names and conventions. Any thread may call.
 */
public final class Scheduling {
    private static final String TASKS = "/proc/self/task";

    private Scheduling() {}

    /**
     * Sets the nice value of every thread that there is; those made later take that of their maker. A thread that ended meanwhile
     * is passed over. Returns how many there were, or the first {@code -errno}. Allocates.
     */
    public static int setpriorityOfAll(int nice) {
        String[] threads = new File(TASKS).list();
        if (threads == null) {
            return -Errno.ENOENT;
        }
        int set = 0;
        for (String thread : threads) {
            int result = setpriority(Integer.parseInt(thread), nice);
            if (result == 0) {
                set++;
            } else if (result != -Errno.ESRCH) {
                return result;
            }
        }
        return set;
    }

    /** The scheduling policy of thread {@code tid}; 0 is the calling thread. */
    public static int schedGetscheduler(int tid) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int policy = (int) Libc.SCHED_GETSCHEDULER.invokeExact(memory.errnoState(), tid);
            return policy < 0 ? memory.negativeErrno() : policy;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Sets the nice value, -20..19, of one thread: on Linux it belongs to the thread, not to the process. */
    public static int setpriority(int tid, int nice) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.SETPRIORITY.invokeExact(memory.errnoState(), Const.PRIO_PROCESS, tid, nice);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** How much later than asked for the kernel may wake the calling thread, to save wake-ups; 50 us by default. */
    public static int timerSlack(long slackNs) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result =
                    (int) Libc.PRCTL.invokeExact(memory.errnoState(), Const.PR_SET_TIMERSLACK, slackNs, 0L, 0L, 0L);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }
}
