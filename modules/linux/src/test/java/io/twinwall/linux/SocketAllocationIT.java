/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** A million calls over loopback UDP leave the heap as it was. */
class SocketAllocationIT {
    /** Each is four calls, so a million in all. */
    private static final int EXCHANGES = 250_000;

    /** Small, so that the calls themselves become hot soon. */
    private static final int BATCH = 8;

    private int sender;
    private int receiver;

    private void open(AnonymousMapping memory) {
        UnsafeBuffer address = memory.map(SockAddr.BYTES_MAX);
        byte[] loopback = {127, 0, 0, 1};
        receiver = Posix.socket(Const.AF_INET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0);
        sender = Posix.socket(Const.AF_INET, Const.SOCK_DGRAM | Const.SOCK_CLOEXEC, 0);
        assertEquals(0, Posix.bind(receiver, address, 0, SockAddr.inet(address, 0, loopback, 0)));
        int length = Posix.getsockname(receiver, address, 0, SockAddr.BYTES_MAX);
        assertEquals(0, Posix.connect(sender, address, 0, length));
    }

    private void close() {
        Posix.close(sender);
        Posix.close(receiver);
    }

    @Test
    void shouldAllocateNothingPerSendAndReceive() throws Exception {
        FreshNetNs.run(() -> {
            try (AnonymousMapping memory = new AnonymousMapping()) {
                open(memory);
                UnsafeBuffer buffer = memory.map(256);
                Allocation.assertNone("send, poll, recv", () -> exchange(buffer, EXCHANGES));
                close();
            }
        });
    }

    private void exchange(UnsafeBuffer buffer, int calls) {
        for (int i = 0; i < calls; i++) {
            buffer.putInt(0, i);
            check(Posix.send(sender, buffer, 0, 64, 0) == 64);
            check(Posix.poll(receiver, Const.POLLIN, 1_000) == Const.POLLIN);
            check(Posix.recv(receiver, buffer, 128, 128, 0) == 64);
            check(Posix.recv(receiver, buffer, 128, 128, Const.MSG_DONTWAIT) == -Errno.EAGAIN);
            check(buffer.getInt(128) == i);
        }
    }

    @Test
    void shouldAllocateNothingPerBatch() throws Exception {
        FreshNetNs.run(() -> {
            try (AnonymousMapping memory = new AnonymousMapping();
                    SendBatch out = new SendBatch(BATCH, 64);
                    RecvBatch in = new RecvBatch(BATCH, 64, true)) {
                open(memory);
                Allocation.assertNone("sendmmsg, recvmmsg", () -> exchange(out, in, 2 * EXCHANGES));
                close();
            }
        });
    }

    private void exchange(SendBatch out, RecvBatch in, int messages) {
        for (int done = 0; done < messages; done += BATCH) {
            for (int i = 0; i < BATCH; i++) {
                out.buffer().putInt(out.offset(i), done + i);
                out.length(i, 64);
            }
            check(out.send(sender, BATCH, 0) == BATCH);
            check(in.receive(receiver, Const.MSG_DONTWAIT) == BATCH);
            for (int i = 0; i < BATCH; i++) {
                check(in.length(i) == 64 && !in.truncated(i) && in.addressLength(i) == SockAddr.INET_BYTES);
                check(in.buffer().getInt(in.offset(i)) == done + i);
            }
            check(in.receive(receiver, Const.MSG_DONTWAIT) == -Errno.EAGAIN);
        }
    }

    private static void check(boolean condition) {
        if (!condition) {
            throw new AssertionError("datagram lost or changed");
        }
    }
}
