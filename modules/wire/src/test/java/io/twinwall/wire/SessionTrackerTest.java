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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
            y.onHeartbeat(0, from(x));
            x.onHeartbeat(0, from(y));
        }
        assertEquals(y.ownSession(), x.peerSession());
        assertEquals(x.ownSession(), y.peerSession());
    }

    @Test
    void shouldBeginWhenBothEchoEachOther() {
        assertEquals(UNPROVEN, b.onHeartbeat(0, from(a)));
        assertEquals(UNPROVEN, a.onHeartbeat(0, from(b)));
        assertEquals(BEGAN, b.onHeartbeat(0, from(a)));
        assertEquals(BEGAN, a.onHeartbeat(0, from(b)));
        assertEquals(HEARD, b.onHeartbeat(0, from(a)));
        assertTrue(a.established() && b.established());
        assertEquals(B, a.peerSession());
    }

    @Test
    void shouldNotBeginWhileOneSideIsDeaf() {
        for (int i = 0; i < 10; i++) {
            assertEquals(UNPROVEN, b.onHeartbeat(0, from(a)));
            from(b);
        }
        assertFalse(b.established());
    }

    @Test
    void shouldRefuseReplayAndLateCounter() {
        establish(a, b);
        Heartbeat late = from(a);
        Heartbeat newer = from(a);
        assertEquals(HEARD, b.onHeartbeat(0, newer));
        assertEquals(REPLAY, b.onHeartbeat(0, newer));
        assertEquals(REPLAY, b.onHeartbeat(0, late));
    }

    @Test
    void shouldTakeTheSameHeartbeatOnceByEachPath() {
        establish(a, b);
        Heartbeat first = from(a);
        Heartbeat second = from(a);
        assertEquals(HEARD, b.onHeartbeat(0, first));
        assertEquals(HEARD, b.onHeartbeat(0, second));
        assertEquals(HEARD, b.onHeartbeat(1, first), "late, by the slower path");
        assertEquals(second.counter(), b.echoCounter(), "what is late is not acknowledged as the newest");
        assertEquals(HEARD, b.onHeartbeat(1, second));
        assertEquals(REPLAY, b.onHeartbeat(1, first));
        assertEquals(REPLAY, b.onHeartbeat(1, second));
        assertEquals(REPLAY, b.onHeartbeat(0, second));
    }

    @Test
    void shouldNotTakeByAnIdlePathWhatIsFarTooOld() {
        establish(a, b);
        Heartbeat old = from(a);
        Heartbeat next = from(a);
        for (int i = 1; i < SessionTracker.LATE_MAX; i++) {
            assertEquals(HEARD, b.onHeartbeat(0, from(a)));
        }
        assertEquals(REPLAY, b.onHeartbeat(2, old));
        assertEquals(HEARD, b.onHeartbeat(2, next));
    }

    @Test
    void shouldBeginOnceWhenTheProofComesByTwoPaths() {
        Heartbeat met = from(a);
        assertEquals(UNPROVEN, b.onHeartbeat(0, met));
        assertEquals(UNPROVEN, b.onHeartbeat(1, met));
        assertEquals(UNPROVEN, a.onHeartbeat(1, from(b)));
        Heartbeat proof = from(a);
        assertEquals(BEGAN, b.onHeartbeat(1, proof));
        assertEquals(HEARD, b.onHeartbeat(0, proof));
        assertEquals(REPLAY, b.onHeartbeat(1, proof));
        assertEquals(REPLAY, b.onHeartbeat(1, met));
    }

    @Test
    void shouldBeginAnewWhenPeerRestarts() {
        establish(a, b);
        SessionTracker again = new SessionTracker(-303, new Counters());
        assertEquals(UNPROVEN, a.onHeartbeat(0, from(again)));
        assertEquals(B, a.peerSession());
        assertEquals(UNPROVEN, again.onHeartbeat(0, from(a)));
        assertEquals(BEGAN, a.onHeartbeat(0, from(again)));
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
            SessionTracker.Verdict verdict = a.onHeartbeat(0, old);
            assertTrue(verdict == UNPROVEN || verdict == REPLAY, verdict.toString());
            assertEquals(-303, a.peerSession());
        }
        assertEquals(HEARD, a.onHeartbeat(0, from(again)));
        assertEquals(HEARD, again.onHeartbeat(0, from(a)));
    }

    @Test
    void shouldBelieveNothingRecordedBeforeItsOwnBoot() {
        establish(a, b);
        SessionTracker restarted = new SessionTracker(404, new Counters());
        for (Heartbeat old : List.copyOf(recorded)) {
            if (old.session() == B) {
                restarted.nextCounter();
                restarted.onHeartbeat(0, old);
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
        Set<String> taken = new HashSet<>();
        for (int step = 0; step < 300; step++) {
            if (random.chance(40)) {
                other = new SessionTracker(other.ownSession() - 1, new Counters());
            }
            Heartbeat h = random.chance(2) && !recorded.isEmpty()
                    ? recorded.get(random.nextInt(recorded.size()))
                    : random.chance(2) ? from(one) : from(other);
            int path = random.nextInt(3);
            if (h.session() == 1) {
                other.onHeartbeat(path, h);
                continue;
            }
            SessionTracker.Verdict verdict = one.onHeartbeat(path, h);
            if (verdict == BEGAN) {
                assertTrue(h.session() < begun, h.session() + " began after " + begun);
                begun = h.session();
                taken.clear();
            }
            if (verdict == BEGAN || verdict == HEARD) {
                assertEquals(begun, h.session());
                assertTrue(taken.add(path + "/" + h.counter()), "twice by path " + path + ": " + h.counter());
            }
        }
        establish(one, other);
    }
}
