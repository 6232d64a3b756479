/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Many lives, on several threads; each life is one thread's. */
public final class Campaign {
    private Campaign() {}

    /**
     * Lives {@code count} seeds from {@code first}; {@code ended} is asked after each, by one thread at a time, whether to
     * go on.
     *
     * @return how many were lived
     */
    public static long run(long first, long count, Bug bug, int threads, Predicate<Life.Result> ended) {
        AtomicLong next = new AtomicLong();
        AtomicLong lived = new AtomicLong();
        Object lock = new Object();
        Runnable work = () -> {
            Memory memory = new Memory();
            for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                Life.Result result = Life.live(first + i, bug, false, memory);
                lived.incrementAndGet();
                synchronized (lock) {
                    if (!ended.test(result)) {
                        next.set(count);
                    }
                }
            }
        };
        Thread[] others = new Thread[Math.max(0, threads - 1)];
        for (int i = 0; i < others.length; i++) {
            others[i] = new Thread(work, "simulate-" + i);
            others[i].start();
        }
        work.run();
        for (Thread other : others) {
            join(other);
        }
        return lived.get();
    }

    /** The first seed of {@code count} from {@code first} that breaks a rule; null when none does. */
    public static Life.Result find(long first, long count, Bug bug) {
        Memory memory = new Memory();
        for (long seed = first; seed < first + count; seed++) {
            Life.Result result = Life.live(seed, bug, false, memory);
            if (result.violation() != null) {
                return result;
            }
        }
        return null;
    }

    /** One life. */
    public static Life.Result one(long seed, Bug bug, boolean readable) {
        return Life.live(seed, bug, readable, new Memory());
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
