/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.linux.Errno;
import org.junit.jupiter.api.Test;

class RealTimeTest {
    private final Counters counters = new Counters();

    private record Answers(int fifo, int lock, int nices) implements RealTime.Kernel {
        @Override
        public int fifo(int priority) {
            return fifo;
        }

        @Override
        public int lockMemory() {
            return lock;
        }

        @Override
        public int trimMemory() {
            return -Errno.ENOMEM;
        }

        @Override
        public int nice(int nice) {
            return nices;
        }
    }

    private String text(int fifo, int lock, int nices) {
        RealTime realTime = new RealTime(counters, new Answers(fifo, lock, nices));
        assertEquals("real-time: not asked for", realTime.text());
        realTime.begin();
        return realTime.text();
    }

    @Test
    void shouldSayWhatWasGranted() {
        assertEquals("real-time: FIFO 10; memory locked; nice -10", text(0, 0, 23));
        assertEquals(10, counters.value("realtime_priority"));
        assertEquals(1, counters.value("realtime_memory_locked"));
        assertEquals(-10, counters.value("realtime_nice"));
    }

    @Test
    void shouldTellWhenTheLockIsLostWhileTrimming() {
        RealTime realTime = new RealTime(counters, new Answers(0, 0, 1));
        realTime.begin();
        realTime.trim();
        assertEquals(0, counters.value("realtime_memory_locked"));
        realTime.trim();
    }

    @Test
    void shouldGoOnWithoutAndNameTheCapability() {
        assertEquals(
                "real-time: no FIFO (EPERM: needs CAP_SYS_NICE); memory not locked (ENOMEM: needs CAP_IPC_LOCK, or"
                        + " LimitMEMLOCK=infinity); not niced (EACCES: needs CAP_SYS_NICE)",
                text(-Errno.EPERM, -Errno.ENOMEM, -Errno.EACCES));
        assertEquals(0, counters.value("realtime_priority"));
        assertEquals(0, counters.value("realtime_memory_locked"));
        assertEquals(0, counters.value("realtime_nice"));
    }
}
