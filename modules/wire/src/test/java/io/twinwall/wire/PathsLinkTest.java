/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PathsLinkTest {
    private static final int FRAME = 1000;

    private final Counters counters = new Counters();
    private final Path first = new Path();
    private final Path second = new Path();
    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[FRAME]);
    private long nowNs = 1;
    private int offered;

    /** A path that takes what it is given while it has room, and remembers it. */
    private static final class Path implements Link {
        final List<Integer> taken = new ArrayList<>();
        boolean there = true;
        int room = Integer.MAX_VALUE;

        @Override
        public long offer(DirectBuffer buffer, int offset, int length) {
            if (!there) {
                return NOT_CONNECTED;
            }
            if (room == 0) {
                return BACK_PRESSURED;
            }
            assertEquals(FRAME, length);
            room--;
            taken.add(buffer.getInt(offset));
            assertEquals(buffer.getInt(offset), buffer.getInt(offset + FRAME - 4), "the frame is whole");
            return 1;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            return 0;
        }

        @Override
        public boolean connected() {
            return there;
        }

        @Override
        public int doWork() {
            return 0;
        }

        @Override
        public int frameBytesMax() {
            return FRAME;
        }

        @Override
        public void close() {}
    }

    private PathsLink link(boolean duplicate) {
        return new PathsLink(
                List.of(new PathsLink.Named("a", first), new PathsLink.Named("b", second)),
                duplicate,
                () -> nowNs,
                counters);
    }

    private long send(PathsLink link) {
        frame.putInt(0, offered);
        frame.putInt(FRAME - 4, offered);
        long result = link.offer(frame, 0, FRAME);
        if (result > 0) {
            offered++;
        }
        return result;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @Test
    void shouldSendByOnePathAndByBothWhenAsked() {
        PathsLink one = link(false);
        send(one);
        one.doWork();
        assertEquals(List.of(0), first.taken);
        assertEquals(List.of(), second.taken);
        offered = 0;
        first.taken.clear();
        PathsLink both = new PathsLink(
                List.of(new PathsLink.Named("c", first), new PathsLink.Named("d", second)),
                true,
                () -> nowNs,
                new Counters());
        send(both);
        assertEquals(first.taken, second.taken);
        second.there = false;
        both.doWork();
        assertTrue(send(both) > 0);
        first.there = false;
        second.there = true;
        both.doWork();
        assertTrue(send(both) > 0);
        assertEquals(List.of(0, 0, 1, 2), second.taken, "all that may be lost, and nothing left out");
    }

    @Test
    void shouldGiveThatWhichRefusedAFrameThatFrameBeforeANewerOne() {
        PathsLink both = link(true);
        both.doWork();
        assertTrue(send(both) > 0);
        first.room = 0;
        assertTrue(send(both) > 0, "one path took it");
        first.room = Integer.MAX_VALUE;
        assertTrue(send(both) > 0);
        second.room = 0;
        assertTrue(send(both) > 0);
        assertEquals(range(0, 4), first.taken);
        assertEquals(range(0, 3), second.taken);
        first.there = false;
        assertEquals(Link.BACK_PRESSURED, send(both), "what the cut path alone took goes first");
        second.room = Integer.MAX_VALUE;
        both.doWork();
        assertEquals(range(0, 4), second.taken);
        assertTrue(send(both) > 0);
        assertEquals(range(0, 5), second.taken);
    }

    @Test
    void shouldHoldAPathThatIsFarBehindToNoMoreThanIsKept() {
        PathsLink both = link(true);
        both.doWork();
        first.room = 0;
        for (int i = 0; i < 5000; i++) {
            assertTrue(send(both) > 0);
        }
        first.room = Integer.MAX_VALUE;
        both.doWork();
        int oldest = first.taken.getFirst();
        assertTrue(oldest > 0 && oldest < 5000 - 700, "a megabyte is kept: from " + oldest);
        assertEquals(range(oldest, 5000), first.taken);
        assertEquals(range(0, 5000), second.taken);
    }

    @Test
    void shouldLeaveAPathThatIsConnectedButTakesNothing() {
        PathsLink link = link(false);
        link.doWork();
        send(link);
        first.room = 0;
        assertEquals(Link.BACK_PRESSURED, send(link));
        nowNs += 400_000_000;
        assertEquals(Link.BACK_PRESSURED, send(link));
        link.doWork();
        assertEquals(0, counters.value("sync_path_switches_total"), "it may be slow only");
        nowNs += 200_000_000;
        assertEquals(Link.BACK_PRESSURED, send(link));
        link.doWork();
        assertTrue(send(link) > 0);
        assertEquals(range(0, 2), second.taken);
        assertEquals(1, counters.value("sync_path_switches_total"));
        assertEquals(1, counters.value("alarms_sync_path_lost_total"));
        assertEquals(0, counters.value("sync_path_a_up"));
        for (int i = 0; i < 100; i++) {
            nowNs += 300_000_000;
            link.doWork();
            assertTrue(send(link) > 0);
        }
        assertNotEquals(PathsLink.NOT_LOST, link.lostSinceNs(0), "it still takes nothing");
        first.room = 1;
        nowNs += 600_000_000;
        link.doWork();
        link.doWork();
        assertEquals(PathsLink.NOT_LOST, link.lostSinceNs(0), "it took the frame by which it was tried");
        assertEquals(1, counters.value("sync_path_switches_total"));
        assertEquals(1, counters.value("alarms_sync_path_lost_total"));
        assertEquals(range(0, 102), second.taken);
    }

    @Test
    void shouldStayWhenAllPathsTakeNothing() {
        PathsLink link = link(false);
        first.room = 0;
        second.room = 0;
        for (int i = 0; i < 20; i++) {
            link.doWork();
            assertEquals(Link.BACK_PRESSURED, send(link));
            nowNs += 300_000_000;
        }
        assertEquals(1, counters.value("sync_path_switches_total"), "the peer is slow: to and fro helps nobody");
        second.there = false;
        first.room = Integer.MAX_VALUE;
        link.doWork();
        assertTrue(send(link) > 0, "the one that took nothing is better than none");
    }

    @Test
    void shouldTakeARareRefusalForNoLoss() {
        PathsLink link = link(false);
        for (int i = 0; i < 5; i++) {
            first.room = 0;
            assertEquals(Link.BACK_PRESSURED, send(link));
            first.room = 1;
            link.doWork();
            assertTrue(send(link) > 0);
            nowNs += 600_000_000;
        }
        first.room = 0;
        assertEquals(Link.BACK_PRESSURED, send(link));
        link.forget();
        nowNs += 600_000_000;
        assertEquals(Link.BACK_PRESSURED, send(link), "the first of a new session");
        link.doWork();
        assertEquals(0, counters.value("sync_path_switches_total"));
    }

    @Test
    void shouldSendNothingAgainThatWasForgotten() {
        PathsLink link = link(false);
        send(link);
        send(link);
        link.forget();
        send(link);
        first.there = false;
        link.doWork();
        assertEquals(List.of(2), second.taken);
    }

    @Test
    void shouldSendAgainByTheOtherWhatMayBeLost() {
        PathsLink link = link(false);
        for (int i = 0; i < 5000; i++) {
            send(link);
        }
        first.there = false;
        second.room = 10;
        assertEquals(Link.NOT_CONNECTED, send(link));
        link.doWork();
        assertEquals(Link.BACK_PRESSURED, send(link), "what is older goes first");
        second.room = Integer.MAX_VALUE;
        link.doWork();
        assertTrue(send(link) > 0);
        int oldest = second.taken.getFirst();
        assertTrue(oldest > 0 && oldest < 5000 - 700, "a megabyte is kept: from " + oldest);
        assertEquals(range(oldest, 5001), second.taken);
        first.there = true;
        link.doWork();
        send(link);
        assertEquals(5001, second.taken.getLast(), "it stays by the path it has");
        assertEquals(1, counters.value("sync_path_switches_total"));
        assertEquals(5001 - oldest - 1, counters.value("sync_path_frames_resent_total"));
    }

    @Test
    void shouldCallAPathLostOnlyWhileAnotherIsThere() {
        PathsLink link = link(false);
        List<String> told = new ArrayList<>();
        link.alarms(told::add);
        second.there = false;
        link.doWork();
        assertEquals(PathsLink.NOT_LOST, link.lostSinceNs(1));
        nowNs += 600_000_000;
        link.doWork();
        assertNotEquals(PathsLink.NOT_LOST, link.lostSinceNs(1));
        assertEquals(1, counters.value("alarms_sync_path_lost_total"));
        assertEquals(0, counters.value("sync_path_b_up"));
        first.there = false;
        link.doWork();
        assertNotEquals(PathsLink.NOT_LOST, link.lostSinceNs(1), "it is not back");
        nowNs += 600_000_000;
        link.doWork();
        assertEquals(PathsLink.NOT_LOST, link.lostSinceNs(0), "the peer is gone, not a path");
        assertFalse(link.connected());
        assertEquals(Link.NOT_CONNECTED, send(link));
        first.there = true;
        second.there = true;
        link.doWork();
        assertEquals(PathsLink.NOT_LOST, link.lostSinceNs(1));
        assertEquals(1, counters.value("alarms_sync_path_lost_total"));
        assertEquals(List.of("sync path b is lost; the stream goes on by the others"), told);
    }
}
