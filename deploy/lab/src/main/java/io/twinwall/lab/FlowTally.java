/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Map;
import java.util.TreeMap;

/** How many flows of each kind were opened and how many survived. Used by one thread. */
final class FlowTally {
    private final Map<String, int[]> byKind = new TreeMap<>();
    private int opened;
    private int survived;

    /** Counts {@code flows} opened flows of {@code kind}, {@code alive} of which survived. */
    void add(String kind, int flows, int alive) {
        int[] counts = byKind.computeIfAbsent(kind, k -> new int[2]);
        counts[0] += flows;
        counts[1] += alive;
        opened += flows;
        survived += alive;
    }

    int opened() {
        return opened;
    }

    int survived() {
        return survived;
    }

    /** The kinds of which flows were lost, and how many of how many; empty when none was. */
    String lost() {
        StringBuilder lost = new StringBuilder();
        byKind.forEach((kind, counts) -> {
            if (counts[1] < counts[0]) {
                lost.append(lost.isEmpty() ? "" : ", ").append(kind).append(' ');
                lost.append(counts[0] - counts[1]).append(" of ").append(counts[0]);
            }
        });
        return lost.toString();
    }

    /** For each kind, in order of name: opened, survived. */
    Map<String, int[]> byKind() {
        return byKind;
    }
}
