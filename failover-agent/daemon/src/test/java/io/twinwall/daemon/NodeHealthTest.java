/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import java.util.List;
import java.util.Optional;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

class NodeHealthTest {
    private static final long S = 1_000_000_000L;

    private final RoleConfig config = RoleConfigs.of(
            ConfigFile.check("f.toml", ConfigSamples.SHORT).config().orElseThrow());
    private long nowNs = 100 * S;
    private long rolesBeatNs = nowNs;
    private boolean rolesRun = true;
    private RoleState state = RoleProtocol.initial(config, nowNs);
    private final Pulse sync = new Pulse(new Working(), () -> nowNs);
    private Optional<Pulse> syncPulse = Optional.of(sync);
    private final NodeHealth health =
            new NodeHealth(() -> rolesRun, () -> rolesBeatNs, () -> state, () -> syncPulse, () -> nowNs);

    private static final class Working implements Agent {
        @Override
        public int doWork() {
            return 1;
        }

        @Override
        public String roleName() {
            return "working";
        }
    }

    @Test
    void shouldBeWellWhileBothLoopsTurn() {
        assertEquals(List.of(), health.problems());
        nowNs += 60 * S;
        rolesBeatNs = nowNs - S;
        syncPulse = Optional.empty();
        assertEquals(List.of(), health.problems());
    }

    @Test
    void shouldSayWhichLoopHasStopped() throws Exception {
        nowNs += 7 * S;
        assertEquals(
                List.of("the role agent's loop has stopped, 7 s ago", "the sync agent's loop has stopped, 7 s ago"),
                health.problems());
        assertEquals(1, sync.doWork());
        rolesBeatNs = nowNs;
        assertEquals(List.of(), health.problems());
        rolesRun = false;
        assertEquals(List.of("the role agent does not run"), health.problems());
    }

    @Test
    void shouldNotForgetThatAnAgentFailed() {
        health.failed(new IllegalStateException("no table"));
        health.failed(new IllegalStateException("another"));
        assertEquals(List.of("an agent has failed: java.lang.IllegalStateException: no table"), health.problems());
    }

    @Test
    void shouldSayWhyTheNodeIsInFault() {
        step(new RoleEvent.Started(0, false, false));
        step(new RoleEvent.HealthChanged(0, "interface-lan0: no carrier", "interface-lan0"));
        assertEquals(Role.FAULT, state.role());
        assertTrue(
                health.problems().getFirst().startsWith("role FAULT: interface-lan0"),
                health.problems().toString());
    }

    private void step(RoleEvent event) {
        nowNs += S / 100;
        rolesBeatNs = nowNs;
        state = RoleProtocol.step(state, event, nowNs, config).state();
    }
}
