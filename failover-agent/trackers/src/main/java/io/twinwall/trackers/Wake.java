/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.AF_UNIX;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_DGRAM;

import io.twinwall.linux.Posix;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Ends another thread's poll: a Unix socket that is connected to itself, so that nobody else can send to it. Any thread
 * may {@link #wake}; the one that waits reads.
 */
final class Wake implements AutoCloseable {
    private final UnsafeBuffer one = Sockets.offHeap(8);
    private final UnsafeBuffer sink = Sockets.offHeap(8);
    private final int fd;

    Wake() {
        fd = Sockets.open(AF_UNIX, SOCK_DGRAM, 0, "a Unix socket");
        UnsafeBuffer name = Sockets.offHeap(128);
        name.putShort(0, (short) AF_UNIX);
        // Only the family: the kernel chooses a name in the abstract namespace (unix(7), autobind).
        Sockets.must(fd, "bind a Unix socket", Posix.bind(fd, name, 0, 2));
        int length = Posix.getsockname(fd, name, 0, 128);
        Sockets.must(fd, "name of a Unix socket", length);
        Sockets.must(fd, "connect a Unix socket", Posix.connect(fd, name, 0, length));
    }

    /** A full socket is fine: then there is a wake-up under way. */
    void wake() {
        int ignored = Posix.send(fd, one, 0, 1, MSG_DONTWAIT);
    }

    void drain() {
        while (Posix.recv(fd, sink, 0, 8, MSG_DONTWAIT) > 0) {
            // One is as good as many.
        }
    }

    int fd() {
        return fd;
    }

    @Override
    public void close() {
        Sockets.close(fd);
    }
}
