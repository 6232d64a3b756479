/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What two running agents cost while nothing happens: share of one core, and memory resident. */
public final class IdlePair {
    /** {@code USER_HZ}, the unit of times in /proc: 100 on every Linux since 2.6. */
    private static final double TICKS_A_SECOND = 100;

    /** Fields of /proc/PID/stat counted from the state on, which follows the name in brackets. */
    private static final int UTIME = 11;

    private static final int STIME = 12;

    /** Of one process: percent of one core, and megabytes (2^20) resident. */
    public record Cost(double cpuPercent, double residentMb) {
        @Override
        public String toString() {
            return String.format("%.2f %% of one core, %.1f MB resident", cpuPercent, residentMb);
        }
    }

    private IdlePair() {}

    /** Watches process {@code pid} for {@code time}. */
    public static Cost measure(long pid, Duration time) throws IOException {
        return measure(new long[] {pid}, time)[0];
    }

    /** Watches several at once. */
    public static Cost[] measure(long[] pids, Duration time) throws IOException {
        long[] ticks = new long[pids.length];
        for (int i = 0; i < pids.length; i++) {
            ticks[i] = ticks(pids[i]);
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            LockSupport.parkNanos(time.toNanos() - (System.nanoTime() - begin));
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Cost[] costs = new Cost[pids.length];
        for (int i = 0; i < pids.length; i++) {
            double spent = (ticks(pids[i]) - ticks[i]) / TICKS_A_SECOND;
            costs[i] = new Cost(100 * spent / seconds, residentKb(pids[i]) / 1024.0);
        }
        return costs;
    }

    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
    }

    private static long residentKb(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS of process " + pid);
    }

    /** {@code IdlePair SECONDS PID...}. */
    public static void main(String[] args) throws IOException {
        long[] pids = new long[args.length - 1];
        for (int i = 0; i < pids.length; i++) {
            pids[i] = Long.parseLong(args[i + 1]);
        }
        Cost[] costs = measure(pids, Duration.ofSeconds(Long.parseLong(args[0])));
        for (int i = 0; i < pids.length; i++) {
            System.out.println(pids[i] + ": " + costs[i]);
        }
    }
}
