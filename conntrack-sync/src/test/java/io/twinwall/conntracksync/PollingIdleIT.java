/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.EventFd;
import io.twinwall.linux.WaitSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rests on descriptors of the kernel. */
class PollingIdleIT {
    private static final int CYCLES = 40;
    private static final long GATHER_NS = 3_000_000;

    private final WaitSet waits = new WaitSet();
    private final EventFd socket = new EventFd();
    private final PollingIdle idle = new PollingIdle(waits, () -> GATHER_NS);

    @BeforeEach
    void shouldWaitForTheSocket() {
        waits.add(socket.fd());
    }

    @AfterEach
    void close() {
        socket.close();
        waits.close();
    }

    private long tookMs(int workCount) {
        long beganNs = System.nanoTime();
        for (int i = 0; i < CYCLES; i++) {
            idle.idle(workCount);
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs);
    }

    @Test
    void shouldNotRestWhileBehind() {
        // The least of some: a rest is 3 ms at least in each cycle, and what takes the processor away is no rest.
        long leastMs = IntStream.range(0, 5)
                .mapToLong(i -> tookMs(SyncAgent.SATURATED))
                .min()
                .orElseThrow();
        assertTrue(leastMs < CYCLES / 2, leastMs + " ms");
    }

    @Test
    void shouldGatherChangesThoughMoreCanBeRead() {
        socket.signal();
        assertTrue(tookMs(1) >= 3 * CYCLES);
    }

    @Test
    void shouldRestLongerAndLongerWithoutWork() {
        assertTrue(tookMs(0) >= 10 * CYCLES);
    }

    @Test
    void shouldNotSpinBecauseOfWhatNobodyReads() {
        socket.signal();
        assertTrue(tookMs(0) >= 10 * CYCLES);
    }

    @Test
    void shouldWakeWhenSomethingCanBeRead() {
        double lateMs = 0;
        for (int i = 0; i < CYCLES; i++) {
            idle.idle(0);
            Thread.ofPlatform().start(socket::signal);
            long beganNs = System.nanoTime();
            while (!socket.clear()) {
                idle.idle(0);
            }
            // Now and then a machine is late; by and large it must be sooner than the longest rest.
            lateMs += TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - beganNs) / 1e3;
        }
        assertTrue(lateMs / CYCLES < 10, "woken after " + lateMs / CYCLES + " ms on average");
    }
}
