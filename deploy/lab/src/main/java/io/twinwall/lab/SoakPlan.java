/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * The faults of a soak in their order, from the seed alone: what happens to the pair changes none of it. Each round holds
 * every fault once, shuffled, so that even a short soak has most of them. Two runs of faults are drawn: in the first
 * agents end, in the second they live on, so that what they leak has time to show.
 */
final class SoakPlan {
    private static final int LASTS_MS_MIN = 500;
    private static final int LASTS_MS_MAX = 4_000;
    private static final int PAUSE_MS_MAX = 1_500;
    private static final int LOSS_PERCENT_MAX = 30;

    private final List<SoakFault> faults;
    private final SeededRandom random;
    private final List<SoakFault> round = new ArrayList<>();
    private int number;

    /**
     * One fault of the plan.
     *
     * @param lastsMs how long what can last does
     * @param pauseMs the peace before it
     * @param percent of the packets that are lost, where some are
     */
    record Step(int number, SoakFault fault, int lastsMs, int pauseMs, int percent) {
        @Override
        public String toString() {
            return number + " " + fault.word() + " lasts " + lastsMs + " ms, pause " + pauseMs + " ms, " + percent
                    + " %";
        }
    }

    /** {@code settled}: the second run of faults, without those that end an agent; with all when there are no others. */
    SoakPlan(long seed, List<SoakFault> faults, boolean settled) {
        List<SoakFault> lasting =
                faults.stream().filter(fault -> !fault.endsAgent()).toList();
        this.faults = settled && !lasting.isEmpty() ? lasting : faults;
        this.random = new SeededRandom(SeededRandom.mix(2 * seed + (settled ? 1 : 0)));
    }

    Step next() {
        if (round.isEmpty()) {
            round.addAll(faults);
        }
        SoakFault fault = round.remove(random.nextInt(round.size()));
        return new Step(
                ++number,
                fault,
                LASTS_MS_MIN + random.nextInt(LASTS_MS_MAX - LASTS_MS_MIN),
                random.nextInt(PAUSE_MS_MAX),
                1 + random.nextInt(LOSS_PERCENT_MAX));
    }
}
