/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Segment;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SendBatch;
import io.twinwall.linux.SockAddr;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packets with headers of our own making (RFC 791, 768, 9293) out of one namespace, many in one system call. One thread
 * uses it; nothing is allocated after construction.
 */
final class RawOutlet implements AutoCloseable {
    private static final ByteOrder NET = ByteOrder.BIG_ENDIAN;
    private static final int BATCH = 256;
    private static final int SOCKET_BYTES = 32 << 20;
    private static final int IP_BYTES = 20;
    private static final int UDP_BYTES = 8;
    private static final int PAYLOAD_BYTES = 8;
    private static final int DATAGRAM_BYTES = IP_BYTES + UDP_BYTES + PAYLOAD_BYTES;
    private static final int HOP_LIMIT = 64;
    private static final int UDP = 17;

    private final SendBatch batch = new SendBatch(BATCH, Segment.BYTES_MAX);
    private final int fd;
    private int queued;

    /** In {@code namespace}, whose route to {@code far} all packets take. */
    RawOutlet(String namespace, String far) {
        try {
            fd = NetNs.call(namespace, () -> open(far));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("a raw socket in " + namespace, e);
        }
    }

    private static int open(String far) throws Exception {
        int fd = require(
                "socket(IPPROTO_RAW)",
                Posix.socket(Const.AF_INET, Const.SOCK_RAW | Const.SOCK_CLOEXEC, Const.IPPROTO_RAW));
        require("SO_SNDBUFFORCE", Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_SNDBUFFORCE, SOCKET_BYTES));
        UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
        int length = SockAddr.inet(address, 0, InetAddress.ofLiteral(far).getAddress(), 0);
        require("connect " + far, Posix.connect(fd, address, 0, length));
        return fd;
    }

    private static int require(String what, int result) {
        if (result < 0) {
            throw Errno.fatal(what, result, "CAP_NET_RAW");
        }
        return result;
    }

    /** Queues a UDP datagram, without a checksum. */
    void udp(int source, int destination, int sourcePort, int destinationPort) {
        int at = slot();
        UnsafeBuffer to = batch.buffer();
        to.putInt(at, 0x4500_0000 | DATAGRAM_BYTES, NET);
        to.putInt(at + 4, 0x0000_4000, NET);
        to.putInt(at + 8, HOP_LIMIT << 24 | UDP << 16, NET);
        to.putInt(at + 12, source, NET);
        to.putInt(at + 16, destination, NET);
        to.putInt(at + IP_BYTES, sourcePort << 16 | destinationPort, NET);
        to.putInt(at + IP_BYTES + 4, (UDP_BYTES + PAYLOAD_BYTES) << 16, NET);
        to.putLong(at + IP_BYTES + UDP_BYTES, 0, NET);
        batch.length(queued++, DATAGRAM_BYTES);
    }

    /** Queues a TCP segment without payload. */
    void tcp(int source, int destination, int sourcePort, int destinationPort, int seq, int ack, int flags) {
        int at = slot();
        int length = Segment.writeV4(
                batch.buffer(), at, source, destination, sourcePort << 16 | destinationPort, seq, ack, flags);
        Segment.finish(batch.buffer(), at, length, flags, 0, 0);
        batch.length(queued++, length);
    }

    private int slot() {
        if (queued == BATCH) {
            flush();
        }
        return batch.offset(queued);
    }

    /** Sends what is queued. */
    void flush() {
        int sent = 0;
        while (sent < queued) {
            sent += require("sendmmsg", batch.send(fd, sent, queued - sent, 0));
        }
        queued = 0;
    }

    @Override
    public void close() {
        Posix.close(fd);
        batch.close();
    }
}
