/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReceiptLogTest {
    private final ReceiptLog log = new ReceiptLog("udp.snat4.forth");

    @Test
    void shouldFindTheGapThatCoversTheFailure() {
        arrivals(1, 2, 3, 170, 171, 180, 400);
        assertEquals(167, log.longestGapNs(100, 175));
    }

    @Test
    void shouldCountTheGapThatBeginsAfterTheFailure() {
        arrivals(1, 2, 3, 4, 50, 51);
        assertEquals(46, log.longestGapNs(3, 51));
    }

    @Test
    void shouldLeaveOutGapsBeforeTheFailureAndAfterTheWindow() {
        arrivals(1, 90, 100, 101, 103, 110, 999);
        assertEquals(7, log.longestGapNs(100, 105));
    }

    @Test
    void shouldSayNeverWhenTheStreamDidNotComeBack() {
        arrivals(1, 2, 3);
        assertEquals(ReceiptLog.NEVER, log.longestGapNs(2, 10));
        assertEquals(ReceiptLog.NEVER, new ReceiptLog("empty").longestGapNs(2, 10));
    }

    @Test
    void shouldKeepTheNewestArrivals() {
        for (int i = 0; i < 3 * ReceiptLog.CAPACITY; i++) {
            log.arrived(10L * i);
        }
        long last = 10L * (3 * ReceiptLog.CAPACITY - 1);
        assertEquals(10, log.longestGapNs(last - 1_000, last));
        assertTrue(log.since(last));
        assertFalse(log.since(last + 1));
        assertEquals(ReceiptLog.NEVER, log.longestGapNs(10, last), "what is forgotten is not taken for silence-free");
    }

    private void arrivals(long... timesNs) {
        for (long ns : timesNs) {
            log.arrived(ns);
        }
    }
}
