/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoleConfigTest {
    private static RoleConfig config(long heartbeatMs, long leaseMs, long deadMs, Fence fence) {
        RoleConfig.Timing timing =
                RoleConfig.Timing.of(heartbeatMs * ToyPair.MS, leaseMs * ToyPair.MS, deadMs * ToyPair.MS);
        return ToyPair.config(1, "fw-a", true, 100, 2, "fw-b", timing, fence, false);
    }

    @Test
    void shouldFindNoFaultWithTheProfiles() {
        assertEquals(List.of(), config(200, 500, 900, Fence.STRICT).problems());
        assertEquals(List.of(), config(40, 110, 170, Fence.STRICT).problems());
        assertEquals(List.of(), config(10, 45, 75, Fence.STRICT).problems());
    }

    @Test
    void shouldRefuseALeaseThatCouldOutliveThePeersPatience() {
        List<String> problems = config(40, 140, 170, Fence.WHEN_PEER_READY).problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().contains("while the kernel of a hung node still forwards"), problems.toString());
        assertEquals(List.of(), config(40, 140, 170, Fence.OFF).problems());
        assertThrows(BugError.class, () -> RoleProtocol.initial(config(40, 140, 170, Fence.STRICT), 0));
    }

    @Test
    void shouldRefuseALeaseThatOneLateRenewalWouldEnd() {
        List<String> problems = config(40, 90, 170, Fence.STRICT).problems();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.getFirst().contains("2.5 heartbeats"), problems.toString());
    }

    @Test
    void shouldRefuseUnsoundFailBackAndDamping() {
        RoleConfig config = ToyPair.with(
                config(40, 110, 170, Fence.STRICT),
                false,
                new RoleConfig.FailBack(RoleConfig.FailBack.Policy.PRIORITY, -1),
                new RoleConfig.Flap(0, 1, 1));
        assertEquals(2, config.problems().size(), config.problems().toString());
    }

    @Test
    void shouldNameEveryProblemAtOnce() {
        RoleConfig.Timing timing = RoleConfig.Timing.of(100, 50, 60);
        RoleConfig bad = ToyPair.config(7, "fw-a", true, 0, 7, "fw-b", timing, Fence.STRICT, false);
        assertTrue(bad.problems().size() >= 5, bad.problems().toString());
    }
}
