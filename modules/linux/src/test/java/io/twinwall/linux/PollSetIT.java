/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Waiting for several descriptors, being woken, and what a connected socket is told of its peer. */
class PollSetIT {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final byte[] LOOPBACK6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final int CALLS = 200_000;

    private final UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(64));

    @Test
    void shouldSleepAsLongAsAskedForAndNotLess() {
        try (PollSet set = new PollSet(3)) {
            for (long ns : new long[] {-5, 0, 300_000, 2_500_000}) {
                long start = System.nanoTime();
                assertEquals(0, set.await(ns));
                assertTrue(System.nanoTime() - start >= ns);
                assertEquals(0, set.happened(1));
            }
        }
    }

    @Test
    void shouldTellWhichOfSeveralIsReady() {
        try (PollSet set = new PollSet(3);
                EventFd one = new EventFd();
                EventFd two = new EventFd()) {
            set.set(0, one.fd(), Const.POLLIN);
            set.set(2, two.fd(), Const.POLLIN);
            two.signal();
            two.signal();
            assertEquals(1, set.await(TimeUnit.SECONDS.toNanos(5)));
            assertEquals(0, set.happened(0));
            assertEquals(Const.POLLIN, set.happened(2));
            assertTrue(two.clear());
            assertFalse(two.clear());
            one.signal();
            set.clear(0);
            assertEquals(0, set.await(0));
            set.set(1, 1 << 20, Const.POLLIN);
            assertEquals(1, set.await(0));
            assertEquals(Const.POLLNVAL, set.happened(1));
            assertThrows(BugError.class, () -> set.happened(3));
        }
    }

    @Test
    void shouldBeWokenByAnotherThread() throws Exception {
        try (PollSet set = new PollSet(1);
                EventFd event = new EventFd()) {
            set.set(0, event.fd(), Const.POLLIN);
            CountDownLatch sleeping = new CountDownLatch(1);
            Thread other = Thread.ofPlatform().start(() -> {
                awaitQuietly(sleeping);
                event.signal();
            });
            sleeping.countDown();
            assertEquals(1, set.await(TimeUnit.SECONDS.toNanos(10)));
            other.join();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldBeToldThatNobodyListensAnyMore() throws Exception {
        FreshNetNs.run(() -> {
            refused(Const.AF_INET, LOOPBACK);
            refused(Const.AF_INET6, LOOPBACK6);
        });
    }

    private void refused(int family, byte[] ip) {
        int fd = Posix.socket(family, Const.SOCK_DGRAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC, 0);
        assertEquals(0, Posix.connect(fd, address, 0, SockAddr.inet(address, 0, ip, 9)));
        assertEquals(8, Posix.send(fd, buffer, 0, 8, 0));
        try (PollSet set = new PollSet(1)) {
            set.set(0, fd, Const.POLLIN);
            assertEquals(1, set.await(TimeUnit.SECONDS.toNanos(5)));
            assertEquals(Const.POLLERR, set.happened(0) & Const.POLLERR);
        }
        assertEquals(-Errno.ECONNREFUSED, Posix.recv(fd, buffer, 0, 8, 0));
        assertEquals(-Errno.EAGAIN, Posix.recv(fd, buffer, 0, 8, 0), "told once");
        Posix.close(fd);
    }

    @Test
    void shouldMarkWhatASocketSends() throws Exception {
        FreshNetNs.run(() -> {
            int four = Posix.socket(Const.AF_INET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0);
            assertEquals(0, Posix.setsockoptInt(four, Const.IPPROTO_IP, Const.IP_TOS, 0xc0));
            assertEquals(0xc0, Posix.getsockoptInt(four, Const.IPPROTO_IP, Const.IP_TOS));
            assertEquals(0, Posix.setsockoptInt(four, Const.SOL_SOCKET, Const.SO_PRIORITY, 6));
            assertEquals(6, Posix.getsockoptInt(four, Const.SOL_SOCKET, Const.SO_PRIORITY));
            int six = Posix.socket(Const.AF_INET6, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0);
            assertEquals(0, Posix.setsockoptInt(six, Const.IPPROTO_IPV6, Const.IPV6_TCLASS, 0xc0));
            assertEquals(0xc0, Posix.getsockoptInt(six, Const.IPPROTO_IPV6, Const.IPV6_TCLASS));
            assertEquals(0, Posix.setsockoptInt(six, Const.IPPROTO_IPV6, Const.IPV6_V6ONLY, 1));
            Posix.close(four);
            Posix.close(six);
        });
    }

    @Test
    void shouldAllocateNothingPerWaitAndWake() {
        try (PollSet set = new PollSet(2);
                EventFd event = new EventFd()) {
            set.set(1, event.fd(), Const.POLLIN);
            Allocation.assertNone("signal, poll, clear", () -> {
                for (int i = 0; i < CALLS; i++) {
                    event.signal();
                    if (set.await(1_000_000) != 1 || set.happened(1) != Const.POLLIN || !event.clear()) {
                        throw new AssertionError("not woken");
                    }
                }
            });
        }
    }
}
