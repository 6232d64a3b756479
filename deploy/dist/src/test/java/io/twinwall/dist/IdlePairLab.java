/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.engine.IdlePair;
import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.Pair;
import io.twinwall.testkit.RequireRoot;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a pair costs its two hosts while nothing happens. */
@RequireRoot
class IdlePairLab {
    private static final long READY_MS = 60_000;
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final int WINDOWS_MAX = 18;
    private static final double CPU_PERCENT_MAX = 3;
    private static final double RESIDENT_MB_MAX = 130;

    @Test
    void shouldCostNextToNothingWhenNothingHappens() throws IOException {
        // The profile that a configuration has when it names none.
        try (Lab lab = Lab.create();
                Pair pair =
                        new Pair(lab, Program.command(), AgentOptions.defaults().withProfile("fast"))) {
            LabAgent active = pair.awaitPair(READY_MS, progress -> {});
            long[] pids = pair.agents().stream().mapToLong(LabAgent::pid).toArray();
            // The first minutes go to the compiler, not to the pair: watched until it is done, and no longer than that.
            IdlePair.Cost[] costs = IdlePair.measure(pids, WINDOW);
            for (int i = 0; i < WINDOWS_MAX && !meets(costs); i++) {
                costs = IdlePair.measure(pids, WINDOW);
            }
            for (int i = 0; i < costs.length; i++) {
                LabAgent agent = pair.agents().get(i);
                String who = agent.node().nodeName() + (agent.equals(active) ? " (active): " : " (passive): ");
                System.out.println(who + costs[i]);
                assertTrue(costs[i].cpuPercent() <= CPU_PERCENT_MAX, who + costs[i]);
                assertTrue(costs[i].residentMb() <= RESIDENT_MB_MAX, who + costs[i]);
            }
        }
    }

    private static boolean meets(IdlePair.Cost[] costs) {
        return Arrays.stream(costs)
                .allMatch(cost -> cost.cpuPercent() <= CPU_PERCENT_MAX && cost.residentMb() <= RESIDENT_MB_MAX);
    }
}
