/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static io.twinwall.protocol.ToyPair.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What golden scripts, which know one peer, cannot tell: three nodes and more. */
class ManyPeersTest {
    private static final RoleConfig.Timing FAST = RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS);

    private final RoleConfig config = new RoleConfig(
            4,
            "fw-d",
            true,
            100,
            List.of(new RoleConfig.Peer(1, "fw-a"), new RoleConfig.Peer(2, "fw-b"), new RoleConfig.Peer(3, "fw-c")),
            1,
            FAST,
            Fence.WHEN_PEER_READY,
            RoleConfig.Limits.DEFAULT,
            false,
            false,
            RoleConfig.FailBack.NEVER,
            RoleConfig.Flap.DEFAULT);
    private RoleState state = RoleProtocol.initial(config, 0);
    private List<RoleEffect> effects = List.of();
    private long counter;

    private void take(RoleEvent event, long atMs) {
        Step step = RoleProtocol.step(state, event, atMs * MS, config);
        state = step.state();
        effects = step.effects();
    }

    private void hear(int node, Role role, long term, int priority, Handover handover, long atMs) {
        Heartbeat heartbeat = new Heartbeat(
                ++counter,
                state.peers().get(node - 1).sending().counter(),
                term,
                role,
                Readiness.SYNCING,
                priority,
                true,
                role == Role.MASTER,
                false,
                false,
                false,
                role == Role.MASTER ? 1_000 : 0,
                handover);
        take(new RoleEvent.HeartbeatHeard(node, 70 + node, 0, heartbeat), atMs);
    }

    private void start() {
        take(new RoleEvent.Started(0, false, false), 0);
    }

    private Handover said(int node) {
        return effects.stream()
                .filter(e -> e instanceof RoleEffect.SendHeartbeat s && s.peer() == node)
                .map(e -> ((RoleEffect.SendHeartbeat) e).heartbeat().handover())
                .findFirst()
                .orElse(Handover.NONE);
    }

    @Test
    void shouldRefuseEachAskerByItself() {
        start();
        hear(1, Role.BACKUP, 0, 100, Handover.NONE, 1);
        take(new RoleEvent.PromoteAsked(true), 2);
        for (int i = 0; i < 6; i++) {
            long token = ((Work.TakingOver) state.work()).token();
            EffectKind kind = ((Work.TakingOver) state.work()).phase().effect();
            take(new RoleEvent.EffectDone(token, kind, true, "", Counts.NONE), 3 + i);
        }
        Handover ask = Handover.ask(9, 0);
        hear(1, Role.BACKUP, 1, 100, ask, 20);
        assertEquals(Handover.refuse(9, Refusal.NOT_READY), said(1));
        assertEquals(Handover.Kind.CLAIMED, said(2).kind(), "the refusal is for him who asked");
        hear(2, Role.BACKUP, 1, 100, ask, 21);
        assertEquals(Handover.refuse(9, Refusal.NOT_READY), said(2));
        hear(1, Role.BACKUP, 1, 100, ask, 22);
        assertTrue(effects.isEmpty(), "answered already, though another asked meanwhile: " + effects);
    }

    @Test
    void shouldLetEachBetterNodeGoFirst() {
        start();
        hear(1, Role.BACKUP, 0, 100, Handover.NONE, 1);
        hear(2, Role.BACKUP, 0, 100, Handover.NONE, 1);
        hear(3, Role.MAINTENANCE, 0, 100, Handover.NONE, 1);
        Draft d = new Draft(state, 2 * MS, config);
        assertEquals((170 + 2 * 85) * MS, Silence.takeoverDueNs(d));
    }

    @Test
    void shouldTellWhichPeerIsNotFitForHowLongAndWhy() {
        start();
        hear(1, Role.BACKUP, 0, 100, Handover.NONE, 1);
        take(new RoleEvent.PromoteAsked(true), 2);
        for (long ms = 10; ms <= 11_000; ms += 40) {
            hear(1, Role.FAULT, 1, 100, Handover.NONE, ms);
            take(new RoleEvent.Tick(0), ms + 5);
        }
        PeerView.Fitness fitness = state.peers().getFirst().fitness();
        assertTrue(fitness.alarmed(), "stands");
        assertEquals("it is in fault", fitness.why());
        assertEquals(15 * MS, fitness.unfitSinceNs());
        hear(1, Role.MAINTENANCE, 1, 100, Handover.NONE, 11_020);
        take(new RoleEvent.Tick(0), 11_025);
        assertEquals(PeerView.Fitness.FIT, state.peers().getFirst().fitness(), "known otherwise");
    }

    @Test
    void shouldFollowTheHighestTermOfSeveralActives() {
        start();
        hear(1, Role.MASTER, 5, 100, Handover.NONE, 1);
        hear(2, Role.MASTER, 6, 100, Handover.NONE, 2);
        assertEquals("fw-b", new Draft(state, 3 * MS, config).liveMaster().name());
    }
}
