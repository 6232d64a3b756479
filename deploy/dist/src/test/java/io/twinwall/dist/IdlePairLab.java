/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.perf.IdlePair;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pair costs its two hosts while nothing happens. */
@RequireRoot
class IdlePairLab {
    private static final long READY_MS = 60_000;
    private static final double CPU_PERCENT_MAX = 3;
    private static final double RESIDENT_MB_MAX = 140;

    @Test
    void shouldCostNextToNothingWhenNothingHappens() throws IOException {
        try (Lab lab = Lab.create();
                Pair pair = new Pair(lab, Program.command(), true, "fast")) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            long[] pids = pair.agents().stream().mapToLong(LabAgent::pid).toArray();
            // The first seconds go to the compiler, not to the pair.
            IdlePair.measure(pids, Duration.ofSeconds(20));
            IdlePair.Cost[] costs = IdlePair.measure(pids, Duration.ofSeconds(15));
            for (int i = 0; i < costs.length; i++) {
                LabAgent agent = pair.agents().get(i);
                String who = agent.node().nodeName() + (agent.equals(active) ? " (active): " : " (passive): ");
                System.out.println(who + costs[i]);
                assertTrue(costs[i].cpuPercent() <= CPU_PERCENT_MAX, who + costs[i]);
                assertTrue(costs[i].residentMb() <= RESIDENT_MB_MAX, who + costs[i]);
            }
        }
    }
}
