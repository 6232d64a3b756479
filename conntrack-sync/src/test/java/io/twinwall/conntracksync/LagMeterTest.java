/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LagMeterTest {
    private final LagMeter lag = new LagMeter(4);

    @Test
    void shouldCountWhatIsInFlightAndItsAge() {
        lag.sent(1, 10, 100);
        lag.sent(2, 5, 200);
        assertEquals(15, lag.flowsInFlight());
        assertEquals(150, lag.oldestAgeNs(250));
        assertTrue(lag.confirmed(1));
        assertFalse(lag.confirmed(1), "no news");
        assertEquals(5, lag.flowsInFlight());
        assertEquals(50, lag.oldestAgeNs(250));
        lag.confirmed(9);
        assertEquals(0, lag.flowsInFlight());
        assertEquals(0, lag.oldestAgeNs(250));
    }

    @Test
    void shouldCloseWindowWhenFullAndForgetAtReset() {
        for (int frame = 1; frame <= 4; frame++) {
            assertTrue(lag.hasRoom());
            lag.sent(frame, 1, 0);
        }
        assertFalse(lag.hasRoom());
        lag.reset();
        assertTrue(lag.hasRoom());
        assertEquals(0, lag.flowsInFlight());
    }
}
