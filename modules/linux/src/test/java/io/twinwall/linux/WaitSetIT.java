/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Fatal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sleeping by poll(2) and epoll(7). */
class WaitSetIT {
    private static final long LONG_NS = TimeUnit.SECONDS.toNanos(60);
    private static final long SHORT_NS = TimeUnit.MILLISECONDS.toNanos(2);

    @Test
    void shouldSleepUntilADescriptorIsReadable() {
        try (WaitSet set = new WaitSet();
                EventFd socket = new EventFd()) {
            set.add(socket.fd());
            assertFalse(set.await(SHORT_NS));
            Thread.ofPlatform().start(socket::signal);
            assertTrue(set.await(LONG_NS));
            assertTrue(set.await(LONG_NS), "it is still readable");
            socket.clear();
            assertFalse(set.await(SHORT_NS));
        }
    }

    @Test
    void shouldRestWhateverIsReadable() {
        try (WaitSet set = new WaitSet();
                EventFd socket = new EventFd()) {
            set.add(socket.fd());
            socket.signal();
            long beganNs = System.nanoTime();
            set.rest(SHORT_NS);
            assertTrue(System.nanoTime() - beganNs >= SHORT_NS);
        }
    }

    @Test
    void shouldBeWokenByAnotherThreadAlsoBefore() {
        try (WaitSet set = new WaitSet()) {
            set.wake();
            long beganNs = System.nanoTime();
            assertFalse(set.await(LONG_NS));
            Thread.ofPlatform().start(set::wake);
            set.rest(LONG_NS);
            assertTrue(System.nanoTime() - beganNs < LONG_NS);
        }
    }

    @Test
    void shouldForgetWhatWasClosed() {
        try (WaitSet set = new WaitSet()) {
            EventFd socket = new EventFd();
            set.add(socket.fd());
            socket.signal();
            socket.close();
            assertFalse(set.await(SHORT_NS));
        }
    }

    @Test
    void shouldRefuseWhatIsNoDescriptor() {
        try (WaitSet set = new WaitSet()) {
            assertThrows(Fatal.class, () -> set.add(-1));
        }
    }
}
