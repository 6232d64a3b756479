/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A stretch of time on {@link System#nanoTime()}, its end not in it. */
record Span(long fromNs, long toNs) {
    long lengthNs() {
        return toNs - fromNs;
    }

    /** The same moments as {@code spans}, in order, none touching another. */
    static List<Span> union(List<Span> spans) {
        List<Span> union = new ArrayList<>();
        List<Span> inOrder = new ArrayList<>(spans);
        inOrder.sort(Comparator.comparingLong(Span::fromNs));
        for (Span span : inOrder) {
            Span last = union.isEmpty() ? null : union.getLast();
            if (last != null && span.fromNs <= last.toNs) {
                union.set(union.size() - 1, new Span(last.fromNs, Math.max(last.toNs, span.toNs)));
            } else {
                union.add(span);
            }
        }
        return union;
    }

    /** The moments that are in one of {@code a} and in one of {@code b}, each list a {@link #union}. */
    static List<Span> both(List<Span> a, List<Span> b) {
        List<Span> both = new ArrayList<>();
        for (int i = 0, j = 0; i < a.size() && j < b.size(); ) {
            long from = Math.max(a.get(i).fromNs, b.get(j).fromNs);
            long to = Math.min(a.get(i).toNs, b.get(j).toNs);
            if (from < to) {
                both.add(new Span(from, to));
            }
            if (a.get(i).toNs < b.get(j).toNs) {
                i++;
            } else {
                j++;
            }
        }
        return both;
    }

    /** The moments that are in one of {@code spans} and in none of {@code others}, each list a {@link #union}. */
    static List<Span> without(List<Span> spans, List<Span> others) {
        List<Span> gaps = new ArrayList<>();
        long from = Long.MIN_VALUE;
        for (Span other : others) {
            gaps.add(new Span(from, other.fromNs));
            from = other.toNs;
        }
        gaps.add(new Span(from, Long.MAX_VALUE));
        return both(spans, gaps);
    }

    /** What of {@code spans} lies in a window. */
    static List<Span> within(List<Span> spans, long fromNs, long toNs) {
        return both(spans, List.of(new Span(fromNs, toNs)));
    }

    /** How long {@code spans} are together. */
    static long totalNs(List<Span> spans) {
        return spans.stream().mapToLong(Span::lengthNs).sum();
    }
}
