/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A result that must not grow with the scale it is measured on: at the highest point no more than {@code limit} above the
 * lowest.
 */
record LevelBar(String name, String scenario, String what, Contender ours, double limit) {
    static final LevelBar TAKEOVER = new LevelBar(
            "takeover with the table full, UDP dark against that with the smallest",
            "table",
            "dark.udp",
            Contender.TWINWALL_FAST,
            30);

    /** A row of the report, or nothing when fewer than two points were measured. */
    Optional<Bar.Row> judge(List<Result> results) {
        List<Result> own = results.stream()
                .filter(result ->
                        result.scenario().equals(scenario) && result.what().equals(what) && result.contender() == ours)
                .sorted(Comparator.comparingDouble(Result::at))
                .toList();
        if (own.size() < 2) {
            return Optional.empty();
        }
        Result low = own.getFirst();
        Result high = own.getLast();
        double grown = high.median() - low.median();
        return Optional.of(new Bar.Row(
                name,
                Result.number(high.at()) + ": " + high.words() + "; " + Result.number(low.at()) + ": " + low.words(),
                "-",
                "at most " + Result.number(limit) + " " + low.unit() + " more",
                "-",
                grown <= limit));
    }
}
