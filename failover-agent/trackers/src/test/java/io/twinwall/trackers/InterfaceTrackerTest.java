/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.RtLink;
import org.junit.jupiter.api.Test;

class InterfaceTrackerTest {
    private RtLink link;

    private static RtLink link(int flags, boolean carrier, int operState) {
        return new RtLink(3, "lan0", flags, carrier, operState, 1500, "", false);
    }

    @Test
    void shouldNameEachTrouble() {
        assertEquals("there is no interface lan0", InterfaceTracker.trouble("lan0", null));
        assertEquals("lan0 is set down", InterfaceTracker.trouble("lan0", link(0, true, 6)));
        assertEquals("lan0 has no carrier", InterfaceTracker.trouble("lan0", link(1, false, 2)));
        assertEquals("lan0 is in operstate dormant", InterfaceTracker.trouble("lan0", link(1, true, 5)));
        assertEquals("lan0 is in operstate 9", InterfaceTracker.trouble("lan0", link(1, true, 9)));
        assertEquals("", InterfaceTracker.trouble("lan0", link(1, true, 6)));
        assertEquals("", InterfaceTracker.trouble("lan0", link(1, true, 0)), "a tunnel has no notion of it");
    }

    @Test
    void shouldFallAtOnceAndRiseAfterTheDelay() {
        link = link(1, true, 6);
        InterfaceTracker tracker =
                new InterfaceTracker(new TrackSpec.Interface("lan", Penalty.FAULT, "lan0", 100), name -> link, 0);
        assertEquals(0, tracker.waitNs(0), "looked at without waiting for an event");
        tracker.onTime(0);
        assertEquals(Verdict.UP, tracker.judge().verdict());
        assertEquals(Long.MAX_VALUE, tracker.waitNs(0));
        link = link(1, false, 2);
        tracker.onLinks(10);
        assertEquals(Verdict.DOWN, tracker.judge().verdict());
        link = link(1, true, 6);
        tracker.onLinks(20);
        assertEquals(100, tracker.waitNs(20));
        tracker.onTime(119);
        assertEquals(Verdict.DOWN, tracker.judge().verdict());
        tracker.onTime(120);
        assertEquals(Verdict.UP, tracker.judge().verdict());
        assertEquals("lan0 is up", tracker.state().detail());
    }
}
