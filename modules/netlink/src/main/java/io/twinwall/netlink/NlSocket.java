/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.base.Check;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SocketFilter;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A netlink socket of the network namespace of the thread that opens it; it stays there whichever thread uses it, one at
 * a time. Its errors carry the kernel's words ({@code NETLINK_EXT_ACK}) and not the request ({@code NETLINK_CAP_ACK}).
 * {@code NETLINK_NO_ENOBUFS} is never set: a loss that nobody is told of cannot be repaired.
 */
public final class NlSocket implements NlTransport {
    private final RecvBatch batch;
    private final int fd;
    private final int portId;
    private boolean closed;

    private NlSocket(int fd, int portId, RecvBatch batch) {
        this.fd = fd;
        this.portId = portId;
        this.batch = batch;
    }

    /**
     * Opens and binds a socket.
     *
     * @param protocol {@code NETLINK_ROUTE} or {@code NETLINK_NETFILTER}
     * @param datagrams received at most per {@link #poll}
     * @param bytesEach room for one: an event of conntrack fits 4,096; a dump fills up to 32,768 when it finds them
     * @throws io.twinwall.base.Fatal when the kernel refuses
     */
    public static NlSocket open(int protocol, int datagrams, int bytesEach) {
        int fd = Posix.socket(Const.AF_NETLINK, Const.SOCK_RAW | Const.SOCK_CLOEXEC | Const.SOCK_NONBLOCK, protocol);
        if (fd < 0) {
            throw Errno.fatal("socket(AF_NETLINK, " + protocol + ")", fd);
        }
        try {
            must("setsockopt(NETLINK_EXT_ACK)", Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_EXT_ACK, 1));
            must("setsockopt(NETLINK_CAP_ACK)", Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_CAP_ACK, 1));
            // struct sockaddr_nl: family u16, pad u16, pid u32 (0: the kernel chooses), groups u32
            UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(NlConst.SOCKADDR_NL_BYTES));
            address.putShort(0, (short) Const.AF_NETLINK);
            must("bind(AF_NETLINK)", Posix.bind(fd, address, 0, NlConst.SOCKADDR_NL_BYTES));
            must("getsockname(AF_NETLINK)", Posix.getsockname(fd, address, 0, NlConst.SOCKADDR_NL_BYTES));
            return new NlSocket(fd, address.getInt(4), new RecvBatch(datagrams, bytesEach));
        } catch (RuntimeException | Error e) {
            Posix.close(fd);
            throw e;
        }
    }

    private static void must(String operation, int result) {
        if (result < 0) {
            throw Errno.fatal(operation, result);
        }
    }

    /** The descriptor, to be polled together with others. */
    public int fd() {
        return fd;
    }

    @Override
    public int portId() {
        return portId;
    }

    @Override
    public int join(int group) {
        return Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_ADD_MEMBERSHIP, group);
    }

    @Override
    public int leave(int group) {
        return Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_DROP_MEMBERSHIP, group);
    }

    /** As the port says, by {@code SO_RCVBUFFORCE}, which the sysctl {@code rmem_max} does not bound. */
    @Override
    public int setReceiveBuffer(int bytes) {
        return Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_RCVBUFFORCE, bytes);
    }

    @Override
    public int filter(SocketFilter program) {
        if (program != null) {
            return program.attach(fd);
        }
        SocketFilter.detach(fd);
        return 0;
    }

    /** With it, the kernel filters dumps as their requests say and refuses requests that it would misread. */
    public int setStrictCheck() {
        return Posix.setsockoptInt(fd, Const.SOL_NETLINK, Const.NETLINK_GET_STRICT_CHK, 1);
    }

    @Override
    public int send(DirectBuffer buffer, int offset, int length) {
        return Posix.send(fd, buffer, offset, length, 0);
    }

    @Override
    public int poll(NlDatagramHandler handler) {
        int received = batch.receive(fd, Const.MSG_DONTWAIT);
        if (received < 0) {
            return received == -Errno.EAGAIN || received == -Errno.EINTR ? 0 : received;
        }
        boolean cut = false;
        for (int i = 0; i < received; i++) {
            if (batch.truncated(i)) {
                cut = true;
            } else {
                handler.onDatagram(batch.buffer(), batch.offset(i), batch.length(i));
            }
        }
        return cut ? -Errno.EMSGSIZE : received;
    }

    @Override
    public boolean await(int timeoutMs) {
        return Posix.poll(fd, Const.POLLIN, timeoutMs) > 0;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            batch.close();
            int result = Posix.close(fd);
            Check.that(result == 0, "close of a netlink socket", result);
        }
    }
}
