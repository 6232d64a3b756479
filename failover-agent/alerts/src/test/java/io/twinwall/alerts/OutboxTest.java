/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final long S = 1_000_000_000L;

    private final Outbox outbox = new Outbox(600 * S);
    private long nowNs = -5 * S;

    @Test
    void shouldGiveOneAfterTheOtherInOrder() {
        offer("a");
        offer("b");
        assertEquals("a", next());
        outbox.ended(true, nowNs);
        assertEquals("b", next());
        outbox.ended(true, nowNs);
        assertNull(next());
        assertTrue(outbox.resting(nowNs));
    }

    @Test
    void shouldTryAgainAtGrowingIntervalsUntilItIsTooOld() {
        offer("a");
        List<Long> tries = new ArrayList<>();
        long beganNs = nowNs;
        for (int s = 0; s < 1_000; s++) {
            if (next() != null) {
                tries.add((nowNs - beganNs) / S);
                outbox.ended(false, nowNs);
            }
            nowNs += S;
        }
        assertEquals(List.of(0L, 5L, 15L, 35L, 75L, 155L, 275L, 395L, 515L), tries);
        assertEquals(0, outbox.size());
        assertEquals(1, outbox.lost());
    }

    @Test
    void shouldSendWhatWaitedAtOnceWhenTheReceiverIsBack() {
        offer("a");
        next();
        outbox.ended(false, nowNs);
        offer("b");
        assertNull(next());
        nowNs += 5 * S;
        assertEquals("a", next());
        outbox.ended(true, nowNs);
        assertEquals("b", next());
        outbox.ended(true, nowNs);
        // And the next failure begins anew.
        offer("c");
        next();
        outbox.ended(false, nowNs);
        nowNs += 5 * S;
        assertEquals("c", next());
    }

    @Test
    void shouldGiveUpAtOnceWhereNothingIsTriedAgain() {
        Outbox once = new Outbox(0);
        once.offer(message("a"), nowNs);
        assertEquals("a", once.next(nowNs).id());
        once.ended(false, nowNs);
        assertEquals(0, once.size());
        assertEquals(1, once.lost());
    }

    @Test
    void shouldLoseTheOldestWhenTooManyWaitButNotTheOneUnderWay() {
        offer("first");
        assertEquals("first", next());
        for (int i = 0; i < Outbox.MESSAGES_MAX + 2; i++) {
            offer("m" + i);
        }
        assertEquals(Outbox.MESSAGES_MAX, outbox.size());
        assertEquals(3, outbox.lost());
        outbox.ended(true, nowNs);
        assertEquals("m3", next());
    }

    private void offer(String id) {
        outbox.offer(message(id), nowNs);
    }

    private String next() {
        Message next = outbox.next(nowNs);
        return next == null ? null : next.id();
    }

    private static Message message(String id) {
        return new Message(
                id,
                0,
                new Origin("fw-a", "fw-b", "MASTER", 1),
                new Notice(Notice.State.EVENT, AlertKind.LATE, "", "", 1, 0));
    }
}
