/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BarTest {
    private static final Bar TENTH = Bar.ALL.getFirst();
    private static final Bar TWICE =
            Bar.ALL.stream().filter(Bar::atLeast).findFirst().orElseThrow();

    @Test
    void shouldHoldUpToTheShareOfTheOthersMedian() {
        assertTrue(judge(TENTH, List.of(350.0), List.of(1.0, 3500.0, 9999.0)).held());
        assertFalse(judge(TENTH, List.of(351.0), List.of(1.0, 3500.0, 9999.0)).held());
    }

    @Test
    void shouldHoldFromTheMultipleOfTheOthersMedianOn() {
        assertTrue(judge(TWICE, List.of(100.0), List.of(50.0)).held());
        assertFalse(judge(TWICE, List.of(99.0), List.of(50.0)).held());
    }

    @Test
    void shouldNotHoldWhenItNeverCameBack() {
        assertFalse(
                judge(TENTH, List.of(Double.POSITIVE_INFINITY), List.of(3500.0)).held());
    }

    @Test
    void shouldHaveNoRowForWhatWasNotMeasured() {
        Result ours = Result.of(TENTH.scenario(), TENTH.ours(), TENTH.what(), "ms", List.of(1.0));
        assertEquals(Optional.empty(), TENTH.judge(List.of(ours)));
    }

    @Test
    void shouldCompareTheHighestPointWithTheLowest() {
        assertTrue(level(200, 100, 229).held());
        assertFalse(level(200, 100, 231).held());
        assertEquals(Optional.empty(), LevelBar.TAKEOVER.judge(List.of(at(1_000, 200))));
    }

    private static Bar.Row judge(Bar bar, List<Double> ours, List<Double> theirs) {
        return bar.judge(List.of(
                        Result.of(bar.scenario(), bar.ours(), bar.what(), "ms", ours),
                        Result.of(bar.scenario(), bar.theirs(), bar.what(), "ms", theirs)))
                .orElseThrow();
    }

    /** What comes between lowest and highest does not count. */
    private static Bar.Row level(double lowest, double between, double highest) {
        return LevelBar.TAKEOVER
                .judge(List.of(at(1_000_000, highest), at(1_000, lowest), at(100_000, between)))
                .orElseThrow();
    }

    private static Result at(double flows, double ms) {
        LevelBar bar = LevelBar.TAKEOVER;
        return Result.of(bar.scenario(), bar.ours(), bar.what(), "ms", List.of(ms))
                .at(flows);
    }
}
