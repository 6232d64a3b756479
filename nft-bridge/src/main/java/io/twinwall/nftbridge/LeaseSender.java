/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Sends the words' frames over {@code lo} from a packet socket that receives nothing. The frames are written once; a send
 * is one system call, in which the frame normally runs through both tables before it returns. Any thread; the buffer is
 * never written again.
 */
final class LeaseSender implements AutoCloseable {
    private static final String LO = "lo";

    private final int fd;
    private final UnsafeBuffer frames =
            new UnsafeBuffer(ByteBuffer.allocateDirect(LeaseWord.values().length * LeaseFrame.BYTES));

    private LeaseSender(int fd, int port, LeaseSecrets secrets) {
        this.fd = fd;
        for (LeaseWord word : LeaseWord.values()) {
            LeaseFrame.write(frames, at(word), port, secrets.of(word));
        }
    }

    static LeaseSender open(int port, LeaseSecrets secrets) {
        // Protocol 0: the socket is on no list that the packet path walks.
        int fd = Posix.socket(Const.AF_PACKET, Const.SOCK_RAW | Const.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            throw Errno.fatal("socket(AF_PACKET)", fd, "CAP_NET_RAW");
        }
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.LINK_LAYER_BYTES));
        int bound = Posix.ifNameToIndex(LO);
        if (bound >= 0) {
            bound = Posix.bind(fd, address, 0, SockAddr.linkLayer(address, 0, 0, bound));
        }
        if (bound < 0) {
            Posix.close(fd);
            throw Errno.fatal("bind a packet socket to " + LO, bound, "CAP_NET_RAW");
        }
        return new LeaseSender(fd, port, secrets);
    }

    /** Returns 0 or {@code -errno}. */
    int send(LeaseWord word) {
        return Math.min(0, Posix.send(fd, frames, at(word), LeaseFrame.BYTES, Const.MSG_DONTWAIT));
    }

    @Override
    public void close() {
        Posix.close(fd);
    }

    private static int at(LeaseWord word) {
        return word.place() * LeaseFrame.BYTES;
    }
}
