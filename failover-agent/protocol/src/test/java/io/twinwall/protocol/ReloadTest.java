/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static io.twinwall.protocol.ToyPair.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadTest {
    private static final RoleConfig.Timing FAST = RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS);

    private static RoleConfig config(int paths, RoleConfig.Peer... peers) {
        return new RoleConfig(
                1,
                "fw-a",
                true,
                100,
                List.of(peers),
                paths,
                FAST,
                Fence.WHEN_PEER_READY,
                RoleConfig.Limits.DEFAULT,
                false,
                false,
                RoleConfig.FailBack.NEVER,
                RoleConfig.Flap.DEFAULT);
    }

    private static final RoleConfig.Peer B = new RoleConfig.Peer(2, "fw-b");
    private static final RoleConfig.Peer C = new RoleConfig.Peer(3, "fw-c");

    private static RoleState backupBesideB(RoleConfig config) {
        RoleState state = RoleProtocol.initial(config, 0);
        state = RoleProtocol.step(state, new RoleEvent.Started(0, false, false), 0, config)
                .state();
        Heartbeat heartbeat = new Heartbeat(
                1, 0, 5, Role.MASTER, Readiness.READY, 100, true, true, true, false, false, 10, Handover.NONE);
        return RoleProtocol.step(state, new RoleEvent.HeartbeatHeard(2, 77, 0, heartbeat), MS, config)
                .state();
    }

    @Test
    void shouldKnowWhomItKnewAndMeetWhoIsNew() {
        RoleState before = backupBesideB(config(1, B));
        RoleConfig after = config(2, new RoleConfig.Peer(2, "fw-bee"), C);
        Step step = RoleProtocol.step(before, new RoleEvent.Reconfigured("peers"), 2 * MS, after);
        assertEquals(Role.BACKUP, step.state().role());
        assertEquals(5, step.state().term());
        assertEquals(
                List.of("fw-bee", "fw-c"),
                step.state().peers().stream().map(PeerView::name).toList());
        assertTrue(step.state().alive(step.state().peers().getFirst(), 2 * MS, after));
        assertFalse(step.state().peers().getLast().heard());
        assertEquals(List.of(true, true), step.state().pathsUp());
        Heartbeat heartbeat = step.state().peers().getFirst().last();
        Heartbeat next = new Heartbeat(
                2, 0, 5, Role.MASTER, Readiness.READY, 100, true, true, true, false, false, 12, heartbeat.handover());
        Step heard = RoleProtocol.step(step.state(), new RoleEvent.HeartbeatHeard(2, 77, 1, next), 3 * MS, after);
        assertEquals(3 * MS, heard.state().peers().getFirst().pathHeardNs().getLast());
    }

    @Test
    void shouldForgetWhoIsNotConfiguredAnyMore() {
        RoleState before = backupBesideB(config(2, B, C));
        RoleConfig after = config(1, C);
        RoleState state = RoleProtocol.step(before, new RoleEvent.Reconfigured("peers"), 2 * MS, after)
                .state();
        assertEquals(List.of("fw-c"), state.peers().stream().map(PeerView::name).toList());
        assertEquals(1, state.pathsUp().size());
        // Nobody is active any more, as far as it can know: it becomes so after a dead time.
        for (int i = 0; i < 100 && state.role() != Role.MASTER; i++) {
            long atNs = Math.max(state.wakeAtNs(), 2 * MS);
            state = RoleProtocol.step(state, new RoleEvent.Tick(0), atNs, after).state();
        }
        assertEquals(Role.MASTER, state.role());
        assertEquals(6, state.term());
    }

    @Test
    void shouldTakeUpANewPriorityAtOnce() {
        RoleConfig before = config(1, B);
        RoleState state = backupBesideB(before);
        RoleConfig base = ToyPair.config(1, "fw-a", true, 70, 2, "fw-b", FAST, Fence.WHEN_PEER_READY, false);
        Step step = RoleProtocol.step(state, new RoleEvent.Reconfigured("priority"), 2 * MS, base);
        step = RoleProtocol.step(step.state(), new RoleEvent.Tick(0), step.wakeAtNs(), base);
        assertTrue(
                step.effects().stream()
                        .anyMatch(e -> e instanceof RoleEffect.SendHeartbeat send
                                && send.heartbeat().priority() == 70),
                step.effects().toString());
    }
}
