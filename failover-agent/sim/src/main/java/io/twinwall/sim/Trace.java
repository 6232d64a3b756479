/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** What happened in a life: always as a hash, and as lines for a person when asked to. */
final class Trace {
    private final List<String> lines;
    private long hash;

    Trace(boolean readable) {
        lines = readable ? new ArrayList<>() : null;
    }

    /** {@code what} tells this kind of happening from others; both numbers are whatever identifies it. */
    void mix(long nowNs, int node, int what, long number) {
        hash = SeededRandom.mix(hash ^ nowNs);
        hash = SeededRandom.mix(hash ^ ((long) node << 56) ^ ((long) what << 48) ^ number);
    }

    void line(long nowNs, String who, Supplier<String> text) {
        if (lines != null) {
            lines.add(String.format(Locale.ROOT, "%10.3f ms  %-5s %s", nowNs / 1e6, who, text.get()));
        }
    }

    long hash() {
        return hash;
    }

    List<String> lines() {
        return lines == null ? List.of() : lines;
    }
}
