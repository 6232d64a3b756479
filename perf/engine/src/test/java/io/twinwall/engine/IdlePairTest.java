/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdlePairTest {
    @Test
    void shouldSeeWhatThisProcessCosts() throws IOException {
        IdlePair.Cost cost = IdlePair.measure(ProcessHandle.current().pid(), Duration.ofMillis(50));

        assertTrue(cost.residentMb() > 20, cost.toString());
        assertTrue(cost.cpuPercent() >= 0, cost.toString());
    }
}
