/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.AF_INET;
import static io.twinwall.linux.Const.AF_INET6;
import static io.twinwall.linux.Const.POLLOUT;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_DGRAM;
import static io.twinwall.linux.Const.SOCK_NONBLOCK;
import static io.twinwall.linux.Const.SOCK_STREAM;
import static io.twinwall.linux.Const.SOL_SOCKET;
import static io.twinwall.linux.Const.SO_ERROR;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Connects by a socket of its own for each try. Where the kernel would connect from a virtual address, it is made to use the
 * node's own one on the same interface, and without one it fails: else the answer of a port would depend on who is active.
 */
final class KernelConnector implements Connector {
    private static final int EINPROGRESS = 115;

    private final TrackSpec.TcpPort spec;
    private final NetView net;
    private final UnsafeBuffer peer = Sockets.offHeap(SockAddr.BYTES_MAX);
    private final UnsafeBuffer own = Sockets.offHeap(SockAddr.BYTES_MAX);
    private final int peerBytes;
    private int fd = Tracker.NO_FD;

    KernelConnector(TrackSpec.TcpPort spec, NetView net) {
        this.spec = spec;
        this.net = net;
        this.peerBytes = SockAddr.inet(peer, 0, spec.address().getAddress(), spec.port(), scope(spec.address()));
    }

    private static int scope(InetAddress address) {
        return address instanceof Inet6Address v6 ? v6.getScopeId() : 0;
    }

    @Override
    public int begin() {
        InetAddress source = null;
        InetAddress chosen = net.anyVirtual() ? chosen() : null;
        if (chosen != null && net.virtual(chosen)) {
            source = net.ownAddress(net.interfaceOf(chosen), spec.address(), false);
            if (source == null) {
                return -Errno.EADDRNOTAVAIL;
            }
        }
        return connect(source);
    }

    private int connect(InetAddress source) {
        boolean ipv4 = spec.address() instanceof Inet4Address;
        int socket = Posix.socket(ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return socket;
        }
        fd = socket;
        if (source != null) {
            int bound = Posix.bind(fd, own, 0, SockAddr.inet(own, 0, source.getAddress(), 0, scope(source)));
            if (bound < 0) {
                return bound;
            }
        }
        int result = Posix.connect(fd, peer, 0, peerBytes);
        return result == -EINPROGRESS ? PENDING : result;
    }

    /** The address the kernel would connect from, or null. Asked by UDP, whose connect sends nothing. */
    private InetAddress chosen() {
        boolean ipv4 = spec.address() instanceof Inet4Address;
        int udp = Posix.socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (udp < 0) {
            return null;
        }
        boolean known =
                Posix.connect(udp, peer, 0, peerBytes) >= 0 && Posix.getsockname(udp, own, 0, SockAddr.BYTES_MAX) >= 0;
        Sockets.close(udp);
        if (!known) {
            return null;
        }
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        own.getBytes(ipv4 ? 4 : 8, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes", e);
        }
    }

    @Override
    public int outcome() {
        if (Posix.poll(fd, POLLOUT, 0) == 0) {
            return PENDING;
        }
        int error = Posix.getsockoptInt(fd, SOL_SOCKET, SO_ERROR);
        return error > 0 ? -error : error;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        if (fd != Tracker.NO_FD) {
            Sockets.close(fd);
            fd = Tracker.NO_FD;
        }
    }
}
