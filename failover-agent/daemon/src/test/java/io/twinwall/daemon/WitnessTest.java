/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.journal.Evidence;
import io.twinwall.protocol.Fence;
import io.twinwall.protocol.Handover;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A backup hears a master by two paths, one of which loses some, and then nothing any more. */
class WitnessTest {
    private static final long MS = 1_000_000L;
    private static final long SESSION = 77;

    private final RoleConfig config = config();
    private final Evidence.Tracker tracker = new Evidence.Tracker("gateway", "UP", 1, "");
    private final Witness witness = new Witness(List.of("sync", "lan"), () -> List.of(tracker));
    private long nowNs = 1_000 * MS;
    private RoleState state = RoleProtocol.initial(config, nowNs);
    private Evidence evidence;

    @Test
    void shouldTellWhatWasHeardMissedAndWhenBeforeATakeover() {
        step(new RoleEvent.Started(0, false, false));
        for (int counter = 1; counter <= 40; counter++) {
            nowNs += 40 * MS;
            hear(0, counter);
            if (counter % 4 != 0) {
                hear(1, counter);
            }
            tick();
        }
        witness.late(nowNs, 12 * MS);
        long lastHeardNs = nowNs;
        evidence = null;
        while (state.role() != Role.MASTER && nowNs - lastHeardNs < 1_000 * MS) {
            nowNs = Math.max(nowNs + MS, Math.min(state.wakeAtNs(), nowNs + 5 * MS));
            tick();
        }
        assertEquals(Role.MASTER, state.role());
        long agoNs = nowNs - lastHeardNs;
        assertEquals("Tick", evidence.event());
        Evidence.Path sync = evidence.paths().getFirst();
        Evidence.Path lan = evidence.paths().getLast();
        assertEquals(List.of("sync", "lan"), List.of(sync.name(), lan.name()));
        assertEquals(40, sync.heard());
        assertEquals(0, sync.missed());
        assertEquals(30, lan.heard());
        assertEquals(10, lan.missed());
        assertEquals(16, sync.arrivalsAgoNs().size());
        assertEquals(agoNs, sync.arrivalsAgoNs().getFirst());
        assertEquals(agoNs + 40 * MS, sync.arrivalsAgoNs().get(1));
        assertEquals(agoNs + 40 * MS, lan.arrivalsAgoNs().getFirst());
        Evidence.Peer peer = evidence.peers().getFirst();
        assertEquals("fw-a", peer.name());
        assertFalse(peer.alive());
        assertEquals("MASTER", peer.role());
        assertEquals(agoNs, peer.heardAgoNs());
        assertEquals(agoNs, peer.masterHeardAgoNs());
        assertEquals(Evidence.NEVER, peer.goneAgoNs());
        assertEquals(
                List.of(new Evidence.Stall(agoNs, 12 * MS)), evidence.lateness().stalls());
        assertEquals(List.of(tracker), evidence.trackers());
        assertEquals(Evidence.NEVER, evidence.probes().vipsAnsweredAgoNs());
    }

    @Test
    void shouldBeginAnewWithAnotherBootOfThePeer() {
        step(new RoleEvent.Started(0, false, false));
        evidence = null;
        nowNs += MS;
        witness.heard(0, SESSION, 9, nowNs);
        witness.heard(0, SESSION + 1, 100, nowNs);
        witness.heard(1, SESSION + 1, 103, nowNs);
        Evidence told = witness.evidence(state, state, new RoleEvent.Tick(0), nowNs, config);
        assertEquals(1, told.paths().getFirst().heard());
        assertEquals(3, told.paths().getFirst().missed());
        assertEquals(1, told.paths().getLast().heard());
        assertEquals(Evidence.NEVER, told.peers().getFirst().heardAgoNs());
        assertTrue(told.lateness().stalls().isEmpty());
    }

    private void hear(int path, long counter) {
        witness.heard(path, SESSION, counter, nowNs);
        Heartbeat heartbeat = new Heartbeat(
                counter,
                0,
                3,
                Role.MASTER,
                Readiness.READY,
                100,
                true,
                true,
                false,
                false,
                false,
                5_000,
                Handover.NONE);
        step(new RoleEvent.HeartbeatHeard(1, SESSION, path, heartbeat));
    }

    private void tick() {
        step(new RoleEvent.Tick(0));
    }

    private void step(RoleEvent event) {
        Step step = RoleProtocol.step(state, event, nowNs, config);
        if (step.effects().stream().anyMatch(RoleEffect.Transition.class::isInstance)) {
            evidence = witness.evidence(state, step.state(), event, nowNs, config);
        }
        state = step.state();
    }

    private static RoleConfig config() {
        return new RoleConfig(
                2,
                "fw-b",
                false,
                100,
                List.of(new RoleConfig.Peer(1, "fw-a")),
                2,
                RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS),
                Fence.OFF,
                RoleConfig.Limits.DEFAULT,
                false,
                false,
                RoleConfig.FailBack.NEVER,
                RoleConfig.Flap.DEFAULT);
    }
}
