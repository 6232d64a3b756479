/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import io.twinwall.base.Check;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** What the probes' sockets have in common. */
final class Sockets {
    static final int BUFFER_BYTES = 256;

    private Sockets() {}

    static UnsafeBuffer offHeap(int bytes) {
        return new UnsafeBuffer(ByteBuffer.allocateDirect(bytes));
    }

    static int open(int domain, int type, int protocol, String what) {
        int fd = Posix.socket(domain, type | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw Errno.fatal("open " + what, fd);
        }
        return fd;
    }

    /** Closes {@code fd} and throws when {@code result} is an error: for the steps after {@link #open}. */
    static void must(int fd, String what, int result) {
        if (result < 0) {
            Posix.close(fd);
            throw Errno.fatal(what, result);
        }
    }

    static void close(int fd) {
        int result = Posix.close(fd);
        Check.that(result == 0, "close of a probe's socket", result);
    }

    /** Writes the struct sockaddr of {@code address}; {@code ifIndex} is for link-local ones. Returns its length. */
    static int address(UnsafeBuffer to, InetAddress address, int port, int ifIndex) {
        boolean scoped = address.isLinkLocalAddress() || address.isMulticastAddress();
        return SockAddr.inet(to, 0, address.getAddress(), port, scoped ? ifIndex : 0);
    }
}
