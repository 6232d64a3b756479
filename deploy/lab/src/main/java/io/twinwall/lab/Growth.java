/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * How a process grew while it was watched: the median of the last third of its footprints against that of the first. The
 * first {@value #WARM_UP_SECONDS} seconds of its life do not count: classes are loaded and compiled in them.
 */
record Growth(
        String node, long pid, int samples, double minutes, long residentKb, long heapKb, long files, long threads) {
    static final long RESIDENT_KB_MAX = 16 << 10;
    static final long HEAP_KB_MAX = 4 << 10;
    static final long FILES_MAX = 4;
    static final long THREADS_MAX = 4;

    static final long WARM_UP_SECONDS = 30;
    private static final int SAMPLES_MIN = 3;

    /** Growth of a heap that could not be looked at. */
    static final long UNKNOWN = Long.MIN_VALUE;

    /** That of each process of which there are enough footprints, in the order of their ids. */
    static List<Growth> of(List<Footprint> footprints) {
        Map<Long, List<Footprint>> byPid = new TreeMap<>();
        footprints.forEach(one ->
                byPid.computeIfAbsent(one.pid(), pid -> new ArrayList<>()).add(one));
        return byPid.values().stream()
                .map(Growth::warm)
                .filter(all -> all.size() >= SAMPLES_MIN)
                .map(Growth::grown)
                .toList();
    }

    private static List<Footprint> warm(List<Footprint> all) {
        long sinceNs = all.getFirst().atNs() + WARM_UP_SECONDS * 1_000_000_000;
        return all.stream().filter(one -> one.atNs() - sinceNs >= 0).toList();
    }

    private static Growth grown(List<Footprint> all) {
        Footprint last = all.getLast();
        return new Growth(
                last.node(),
                last.pid(),
                all.size(),
                (last.atNs() - all.getFirst().atNs()) / 60e9,
                grown(all, Footprint::residentKb),
                all.stream().anyMatch(one -> one.heapKb() < 0) ? UNKNOWN : grown(all, Footprint::heapKb),
                grown(all, Footprint::files),
                grown(all, Footprint::threads));
    }

    private static long grown(List<Footprint> all, ToLongFunction<Footprint> of) {
        int third = (all.size() + 2) / 3;
        return median(all.subList(all.size() - third, all.size()), of) - median(all.subList(0, third), of);
    }

    private static long median(List<Footprint> some, ToLongFunction<Footprint> of) {
        return (long) Numbers.median(some.stream().mapToDouble(one -> of.applyAsLong(one)));
    }

    /** What grew beyond its allowance, in words. */
    List<String> misses() {
        List<String> misses = new ArrayList<>();
        over(misses, "KiB resident", residentKb, RESIDENT_KB_MAX);
        over(misses, "KiB of heap", heapKb, HEAP_KB_MAX);
        if (heapKb == UNKNOWN) {
            misses.add(node + " (" + pid + "): the heap was not measured");
        }
        over(misses, "descriptors", files, FILES_MAX);
        over(misses, "threads", threads, THREADS_MAX);
        return misses;
    }

    private void over(List<String> misses, String what, long grown, long max) {
        if (grown > max) {
            misses.add(String.format(
                    Locale.ROOT, "%s (%d) grew by %d %s in %.1f minutes", node, pid, grown, what, minutes));
        }
    }
}
