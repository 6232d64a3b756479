/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.NanoClock;
import io.twinwall.base.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class MemoryLinkTest {
    private static final MemoryLink.Faults BAD = new MemoryLink.Faults(100, 50, 100, 1_000, 500);

    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[100]);
    private final List<Long> received = new ArrayList<>();
    private long nowNs = 1;
    private final NanoClock clock = () -> nowNs;

    private MemoryLink link(long seed, MemoryLink.Faults faults, int capacity) {
        return new MemoryLink(clock, new SeededRandom(seed), faults, capacity);
    }

    private long offer(Link link, long number) {
        frame.putLong(0, number);
        return link.offer(frame, 0, 100);
    }

    private int poll(Link link) {
        return link.poll((buffer, offset, length) -> received.add(buffer.getLong(offset)), 1000);
    }

    @Test
    void shouldDeliverBothWaysInOrderWithoutFaults() {
        MemoryLink link = link(1, MemoryLink.Faults.NONE, 16);
        assertTrue(offer(link.a(), 1) > 0 && offer(link.a(), 2) > 0 && offer(link.b(), 3) > 0);
        assertEquals(2, poll(link.b()));
        assertEquals(1, poll(link.a()));
        assertEquals(List.of(1L, 2L, 3L), received);
    }

    @Test
    void shouldPressBackWhenFull() {
        MemoryLink link = link(1, MemoryLink.Faults.NONE, 2);
        assertTrue(offer(link.a(), 1) > 0 && offer(link.a(), 2) > 0);
        assertEquals(Link.BACK_PRESSURED, offer(link.a(), 3));
        poll(link.b());
        assertTrue(offer(link.a(), 3) > 0);
    }

    @Test
    void shouldLoseWhatIsSentIntoAPartitionAndNoticeLater() {
        MemoryLink link = link(1, MemoryLink.Faults.NONE, 16);
        link.partition(true, false);
        assertTrue(offer(link.a(), 1) > 0);
        assertTrue(offer(link.b(), 2) > 0);
        assertEquals(0, poll(link.b()));
        assertEquals(1, poll(link.a()));
        nowNs += MemoryLink.NOTICE_NS;
        assertEquals(Link.NOT_CONNECTED, offer(link.a(), 1));
        assertFalse(link.a().connected());
        link.heal();
        assertTrue(offer(link.a(), 3) > 0);
        assertEquals(1, poll(link.b()));
        link.b().close();
        assertEquals(Link.NOT_CONNECTED, offer(link.a(), 1));
        assertEquals(Link.CLOSED, offer(link.b(), 1));
    }

    @Test
    void shouldLoseDuplicateAndReorder() {
        run(7);
        long distinct = received.stream().distinct().count();
        assertTrue(distinct > 8_500 && distinct < 9_500, "arrived: " + distinct);
        assertTrue(received.size() > distinct + 300, "duplicates: " + (received.size() - distinct));
        long overtaken = 0;
        for (int i = 1; i < received.size(); i++) {
            overtaken += received.get(i) < received.get(i - 1) ? 1 : 0;
        }
        assertTrue(overtaken > 300, "overtaken: " + overtaken);
    }

    @Test
    void shouldGiveSameTraceForSameSeed() {
        long hash = run(42);
        assertEquals(hash, run(42));
        assertNotEquals(hash, run(43));
    }

    private long run(long seed) {
        nowNs = 1;
        received.clear();
        MemoryLink link = link(seed, BAD, 1000);
        for (int i = 0; i < 10_000; i++) {
            offer(link.a(), i);
            nowNs += 100;
            poll(link.b());
        }
        nowNs += 100_000;
        poll(link.b());
        return link.traceHash();
    }
}
