/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import java.util.EnumMap;
import java.util.Locale;

/** A counter for each {@link RefuseReason}. Made once; outlives the sessions it counts for. One writing thread. */
final class RefuseCounters {
    private final EnumMap<RefuseReason, Counter> byReason = new EnumMap<>(RefuseReason.class);

    RefuseCounters(Counters counters, String what) {
        Series refused = Series.of("wire_" + what + "_refused_total", "Refused " + what + ", by reason.");
        for (RefuseReason reason : RefuseReason.values()) {
            String word = reason.name().toLowerCase(Locale.ROOT);
            byReason.put(
                    reason,
                    counters.counter(
                            "wire_" + what + "_refused_" + word + "_total",
                            "Refused " + what + ": " + reason.meaning() + ".",
                            refused.with("reason", word)));
        }
    }

    void count(RefuseReason reason) {
        byReason.get(reason).increment();
    }

    long get(RefuseReason reason) {
        return byReason.get(reason).get();
    }

    long sum() {
        long sum = 0;
        for (Counter counter : byReason.values()) {
            sum += counter.get();
        }
        return sum;
    }
}
