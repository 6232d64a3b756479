/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What processes have used of their host, from {@code /proc/PID/stat} and {@code status} (proc(5)).
 *
 * @param atNs on {@link System#nanoTime()}
 * @param cpuNs time on a processor, in user space and in the kernel
 * @param kernelNs that in the kernel; sampled at its clock's ticks, so only good for a second and more
 * @param residentBytes memory that is resident
 */
record Usage(long atNs, long cpuNs, long kernelNs, long residentBytes) {
    /** {@code USER_HZ}: 100 on every Linux since 2.6. */
    private static final long TICK_NS = 10_000_000;

    /** Fields of stat counted from the state on, which follows the name in brackets. */
    private static final int UTIME = 11;

    private static final int STIME = 12;

    /** That of all {@code pids} together, now. */
    static Usage of(List<Long> pids) {
        long user = 0;
        long kernel = 0;
        long residentKb = 0;
        try {
            for (long pid : pids) {
                String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                user += Long.parseLong(fields[UTIME]);
                kernel += Long.parseLong(fields[STIME]);
                residentKb += residentKb(pid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a process that is measured has ended", e);
        }
        return new Usage(System.nanoTime(), (user + kernel) * TICK_NS, kernel * TICK_NS, residentKb << 10);
    }

    private static long residentKb(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    /** Processor time since {@code before}. */
    long cpuNsSince(Usage before) {
        return cpuNs - before.cpuNs;
    }

    /** Share of one core since {@code before}, in percent. */
    double percentSince(Usage before) {
        return 100.0 * cpuNsSince(before) / (atNs - before.atNs);
    }
}
