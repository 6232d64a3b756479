/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an agent's process takes of its host at a moment.
 *
 * @param atNs on {@link System#nanoTime()}
 * @param residentKb {@code VmRSS}
 * @param heapKb what is left of the heap after a full collection; -1 when the JVM was not asked
 * @param files open descriptors
 */
record Footprint(long pid, String node, long atNs, long residentKb, long heapKb, int files, int threads) {
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]+) kB");
    private static final Pattern HEAP = Pattern.compile(
            "(?m)^\\s*(?:DefNew|Tenured|def new generation|tenured generation)" + "[^\\n]*\\bused ([0-9]+)K");

    /** Takes it of {@code agent}, after a full collection. */
    static Footprint of(LabAgent agent) {
        long heapKb = heapKb(agent.pid());
        Path proc = Path.of("/proc", Long.toString(agent.pid()));
        try {
            Matcher resident = RESIDENT.matcher(Files.readString(proc.resolve("status")));
            return new Footprint(
                    agent.pid(),
                    agent.node().nodeName(),
                    System.nanoTime(),
                    resident.find() ? Long.parseLong(resident.group(1)) : 0,
                    heapKb,
                    count(proc.resolve("fd")),
                    count(proc.resolve("task")));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int count(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return Math.toIntExact(entries.count());
        }
    }

    private static long heapKb(long pid) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        if (!Files.isExecutable(Path.of(jcmd))) {
            return -1;
        }
        Shell.attempt("", List.of(jcmd, Long.toString(pid), "GC.run"));
        return heapKb(Shell.attempt("", List.of(jcmd, Long.toString(pid), "GC.heap_info"))
                .output());
    }

    /** The generations' sum in what {@code jcmd PID GC.heap_info} prints; -1 when it prints none. */
    static long heapKb(String heapInfo) {
        Matcher generation = HEAP.matcher(heapInfo);
        long sum = -1;
        while (generation.find()) {
            sum = Math.max(0, sum) + Long.parseLong(generation.group(1));
        }
        return sum;
    }
}
