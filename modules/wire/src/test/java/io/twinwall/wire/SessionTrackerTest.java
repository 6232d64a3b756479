/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static io.twinwall.wire.SessionTracker.Verdict.BEGAN;
import static io.twinwall.wire.SessionTracker.Verdict.HEARD;
import static io.twinwall.wire.SessionTracker.Verdict.REPLAY;
import static io.twinwall.wire.SessionTracker.Verdict.UNPROVEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionTrackerTest {
    private static final long A = 101;
    private static final long B = -202;

    private final SessionTracker a = new SessionTracker(A, new Counters());
    private final SessionTracker b = new SessionTracker(B, new Counters());
    private final List<Heartbeat> recorded = new ArrayList<>();

    private Heartbeat from(SessionTracker sender) {
        LinkIdentity identity = sender.ownSession() > 0 ? Samples.A : Samples.B;
        Heartbeat heartbeat = Samples.heartbeat(
                identity, sender.ownSession(), sender.nextCounter(), sender.echoSession(), sender.echoCounter());
        recorded.add(heartbeat);
        return heartbeat;
    }

    private void establish(SessionTracker x, SessionTracker y) {
        for (int i = 0; i < 3; i++) {
            y.onHeartbeat(from(x));
            x.onHeartbeat(from(y));
        }
        assertEquals(y.ownSession(), x.peerSession());
        assertEquals(x.ownSession(), y.peerSession());
    }

    @Test
    void shouldBeginWhenBothEchoEachOther() {
        assertEquals(UNPROVEN, b.onHeartbeat(from(a)));
        assertEquals(UNPROVEN, a.onHeartbeat(from(b)));
        assertEquals(BEGAN, b.onHeartbeat(from(a)));
        assertEquals(BEGAN, a.onHeartbeat(from(b)));
        assertEquals(HEARD, b.onHeartbeat(from(a)));
        assertTrue(a.established() && b.established());
        assertEquals(B, a.peerSession());
    }

    @Test
    void shouldNotBeginWhileOneSideIsDeaf() {
        for (int i = 0; i < 10; i++) {
            assertEquals(UNPROVEN, b.onHeartbeat(from(a)));
            from(b);
        }
        assertFalse(b.established());
    }

    @Test
    void shouldRefuseReplayAndLateCounter() {
        establish(a, b);
        Heartbeat late = from(a);
        Heartbeat newer = from(a);
        assertEquals(HEARD, b.onHeartbeat(newer));
        assertEquals(REPLAY, b.onHeartbeat(newer));
        assertEquals(REPLAY, b.onHeartbeat(late));
    }

    @Test
    void shouldBeginAnewWhenPeerRestarts() {
        establish(a, b);
        SessionTracker again = new SessionTracker(-303, new Counters());
        assertEquals(UNPROVEN, a.onHeartbeat(from(again)));
        assertEquals(B, a.peerSession());
        assertEquals(UNPROVEN, again.onHeartbeat(from(a)));
        assertEquals(BEGAN, a.onHeartbeat(from(again)));
        assertEquals(-303, a.peerSession());
    }

    @Test
    void shouldKeepSessionWhenEarlierBootsAreReplayed() {
        establish(a, b);
        List<Heartbeat> ofFirstBoot =
                recorded.stream().filter(h -> h.session() == B).toList();
        SessionTracker again = new SessionTracker(-303, new Counters());
        establish(a, again);
        for (Heartbeat old : ofFirstBoot) {
            SessionTracker.Verdict verdict = a.onHeartbeat(old);
            assertTrue(verdict == UNPROVEN || verdict == REPLAY, verdict.toString());
            assertEquals(-303, a.peerSession());
        }
        assertEquals(HEARD, a.onHeartbeat(from(again)));
        assertEquals(HEARD, again.onHeartbeat(from(a)));
    }

    @Test
    void shouldBelieveNothingRecordedBeforeItsOwnBoot() {
        establish(a, b);
        SessionTracker restarted = new SessionTracker(404, new Counters());
        for (Heartbeat old : List.copyOf(recorded)) {
            if (old.session() == B) {
                restarted.nextCounter();
                restarted.onHeartbeat(old);
                assertFalse(restarted.established());
            }
        }
    }

    /** Whatever is replayed, lost or reordered, boots begin in their order only, and in peace the last is found. */
    @Test
    void shouldBeginBootsInTheirOrderUnderRandomReplay() {
        SeededRandom random = Seeds.random("sessions");
        Seeds.with(random, () -> {
            for (int run = 0; run < 500; run++) {
                recorded.clear();
                randomRun(random);
            }
        });
    }

    /** The one has session 1, the other's boots -1, -2, -3... */
    private void randomRun(SeededRandom random) {
        SessionTracker one = new SessionTracker(1, new Counters());
        SessionTracker other = new SessionTracker(-1, new Counters());
        long begun = 0;
        for (int step = 0; step < 300; step++) {
            if (random.chance(40)) {
                other = new SessionTracker(other.ownSession() - 1, new Counters());
            }
            Heartbeat h = random.chance(2) && !recorded.isEmpty()
                    ? recorded.get(random.nextInt(recorded.size()))
                    : random.chance(2) ? from(one) : from(other);
            if (h.session() == 1) {
                other.onHeartbeat(h);
            } else if (one.onHeartbeat(h) == BEGAN) {
                assertTrue(h.session() < begun, h.session() + " began after " + begun);
                begun = h.session();
            }
        }
        establish(one, other);
    }
}
