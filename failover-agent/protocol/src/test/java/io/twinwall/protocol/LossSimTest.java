/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static io.twinwall.protocol.ToyPair.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import org.junit.jupiter.api.Test;

/** A network that loses three heartbeats of ten in each direction, for 2,000 simulated seconds. */
class LossSimTest {
    private static final RoleConfig.Timing FAST = RoleConfig.Timing.of(40 * MS, 110 * MS, 170 * MS);
    private static final RoleConfig.Timing EXTREME = RoleConfig.Timing.of(10 * MS, 45 * MS, 75 * MS);

    /** What went wrong in all lives together. */
    private static final class Tally {
        int moves;
        int closings;
        int disarmings;
        long sent;
    }

    private static Tally lives(RoleConfig.Timing timing, int seeds, long secondsEach, boolean withoutUrgent) {
        Tally tally = new Tally();
        for (long seed = 1; seed <= seeds; seed++) {
            ToyPair pair = new ToyPair(new SeededRandom(SeededRandom.mix(seed)), timing, Fence.WHEN_PEER_READY, false);
            pair.a.start(pair.nowNs);
            pair.b.start(pair.nowNs);
            pair.run(3_500 * MS);
            pair.lossPercent = 30;
            pair.withoutUrgent = withoutUrgent;
            live(pair, secondsEach * 1000, tally);
        }
        return tally;
    }

    private static void live(ToyPair pair, long ms, Tally tally) {
        ToyNode active = pair.a.role() == Role.MASTER ? pair.a : pair.b;
        assertEquals(Role.MASTER, active.role());
        assertTrue(active.state.gate().armed());
        long sentBefore = pair.sent;
        boolean open = true;
        boolean armed = true;
        for (long i = 0; i < ms && pair.violation == null; i++) {
            pair.run(MS);
            tally.closings += open && !active.gateOpen(pair.nowNs) ? 1 : 0;
            open = active.gateOpen(pair.nowNs);
            tally.disarmings += armed && !active.state.gate().armed() ? 1 : 0;
            armed = active.state.gate().armed();
            if (active.role() != Role.MASTER || pair.other(active).role() != Role.BACKUP) {
                tally.moves++;
                break;
            }
        }
        tally.sent += pair.sent - sentBefore;
    }

    @Test
    void shouldNeitherMoveNorCloseTheGateAtThirtyPercentLoss() {
        Tally tally = lives(FAST, 20, 100, false);
        assertEquals(0, tally.moves, "role changes");
        assertEquals(0, tally.closings, "gate closed");
        assertTrue(tally.disarmings <= 5, "lease disarmed for want of an answer: " + tally.disarmings);
    }

    @Test
    void shouldMoveAndDisarmWithoutUrgentHeartbeats() {
        Tally tally = lives(FAST, 20, 100, true);
        assertTrue(tally.moves >= 10, "role changes: " + tally.moves);
        assertTrue(tally.disarmings >= 50, "lease disarmed for want of an answer: " + tally.disarmings);
    }

    @Test
    void shouldNotMoveInTheShortestProfileEither() {
        Tally tally = lives(EXTREME, 10, 20, false);
        assertEquals(0, tally.moves, "role changes");
        assertEquals(0, tally.closings, "gate closed");
    }

    @Test
    void shouldSendNoMoreInPeaceThanOneAnInterval() {
        ToyPair pair = new ToyPair(new SeededRandom(7), FAST, Fence.WHEN_PEER_READY, false);
        pair.a.start(pair.nowNs);
        pair.b.start(pair.nowNs);
        pair.run(3_500 * MS);
        Tally tally = new Tally();
        live(pair, 20_000, tally);
        assertTrue(tally.sent <= 2 * 20_000 / 40 * 110 / 100, "sent in 20 s: " + tally.sent);
    }
}
