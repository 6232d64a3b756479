/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the process costs its host: memory, processor time, threads, pauses. From {@code /proc/self/stat} (proc(5)) and
 * the JVM's own beans; no sampling thread, read when scraped. A number that cannot be read is NaN, which Prometheus
 * keeps apart from zero.
 */
final class ProcessMetrics {
    private static final Path STAT = Path.of("/proc/self/stat");

    /** {@code sysconf(_SC_CLK_TCK)}: 100 on every Linux this runs on; the kernel's USER_HZ. */
    private static final double TICKS_PER_SECOND = 100;

    /** Bytes of a page on x86-64, and on arm64 as Debian builds it. */
    private static final double PAGE_BYTES = 4096;

    /** Fields of proc(5) {@code stat}, counted from the third, which is the first after the name in brackets. */
    private static final int UTIME = 14 - 3;

    private static final int STIME = 15 - 3;
    private static final int NUM_THREADS = 20 - 3;
    private static final int RSS = 24 - 3;

    private ProcessMetrics() {}

    static void register(AdminMetrics metrics) {
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
        metrics.collect(sink -> {
            String line = stat();
            sink.gauge(
                    "process_resident_memory_bytes",
                    "Memory of the process that is resident.",
                    field(line, RSS) * PAGE_BYTES);
            sink.counter(
                    "process_cpu_seconds_total",
                    "Processor time of the process since its start.",
                    (field(line, UTIME) + field(line, STIME)) / TICKS_PER_SECOND);
            sink.gauge("process_threads", "Threads of the process.", field(line, NUM_THREADS));
            sink.gauge("jvm_heap_used_bytes", "Heap in use, garbage included.", (double) heapUsed());
            sink.gauge("jvm_heap_max_bytes", "Heap at most.", (double)
                    Runtime.getRuntime().maxMemory());
            sink.counter(
                    "jvm_gc_pause_seconds_total",
                    "Time spent in garbage collection since the start; growing fast means the heap is too small.",
                    collectors.stream()
                                    .mapToLong(GarbageCollectorMXBean::getCollectionTime)
                                    .sum()
                            / 1e3);
            sink.counter("jvm_gc_runs_total", "Garbage collections since the start.", (double) collectors.stream()
                    .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                    .sum());
        });
    }

    private static long heapUsed() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** The line; "" when it cannot be read. */
    private static String stat() {
        try {
            return Files.readString(STAT, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The number at {@code field} of a {@code stat} line, whose name may hold blanks and brackets; NaN of an empty one. */
    static double field(String line, int field) {
        if (line.isEmpty()) {
            return Double.NaN;
        }
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        return Double.parseDouble(fields[field].strip());
    }
}
