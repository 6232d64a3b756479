/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counters;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A path over UDP. Its socket is connected: the kernel then drops what others send, and tells of the peer's answer that nobody
 * listens there (ICMP port unreachable, as ECONNREFUSED). On the role agent's thread.
 *
 * <pre>
 *   struct ifreq
 *   0                     16              40
 *   | ifr_name            | flags, index  |
 * </pre>
 */
final class HeartbeatUdp extends HeartbeatPort {
    /** DSCP class selector 6, network control (RFC 4594 section 3.1). */
    private static final int TOS_NETWORK_CONTROL = 0xc0;

    private static final int TC_PRIO_CONTROL = 7;

    /** Small: a heartbeat that waited behind a hundred others says nothing. */
    private static final int RCVBUF_BYTES = 64 << 10;

    private static final int IFREQ_BYTES = 40;
    private static final int IFR_FLAGS_OFFSET = 16;
    private static final int IFR_IFINDEX_OFFSET = 16;

    private final HeartbeatPaths.PathSpec.Udp spec;
    private final UnsafeBuffer address = new UnsafeBuffer(ByteBuffer.allocateDirect(SockAddr.BYTES_MAX));
    private final UnsafeBuffer ifreq = new UnsafeBuffer(ByteBuffer.allocateDirect(IFREQ_BYTES));
    private String failed = "";
    private int ifIndex;

    HeartbeatUdp(int index, HeartbeatPaths.PathSpec.Udp spec, Counters counters) {
        super(index, spec.name(), text(spec.local()) + " to " + text(spec.peer()), counters);
        this.spec = spec;
    }

    @Override
    int open() {
        boolean v6 = spec.local().getAddress() instanceof Inet6Address;
        failed = "cannot open a socket";
        int fd = Posix.socket(
                v6 ? Const.AF_INET6 : Const.AF_INET, Const.SOCK_DGRAM | Const.SOCK_NONBLOCK | Const.SOCK_CLOEXEC, 0);
        if (fd < 0) {
            return fd;
        }
        int result = prepare(fd, v6);
        if (result < 0) {
            Posix.close(fd);
            return result;
        }
        findInterface();
        ifIndex = interfaceIndex(fd);
        return fd;
    }

    private int prepare(int fd, boolean v6) {
        // Each of these only makes things better: no error of theirs is worth a word.
        Posix.setsockoptInt(
                fd,
                v6 ? Const.IPPROTO_IPV6 : Const.IPPROTO_IP,
                v6 ? Const.IPV6_TCLASS : Const.IP_TOS,
                TOS_NETWORK_CONTROL);
        Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_PRIORITY, TC_PRIO_CONTROL);
        Posix.setsockoptInt(fd, Const.SOL_SOCKET, Const.SO_RCVBUF, RCVBUF_BYTES);
        if (!spec.device().isEmpty()) {
            failed = "cannot bind to interface " + spec.device();
            int bound = Posix.setsockoptString(fd, Const.SOL_SOCKET, Const.SO_BINDTODEVICE, spec.device());
            if (bound < 0) {
                return bound;
            }
        }
        failed = "cannot bind " + text(spec.local());
        int bound = Posix.bind(fd, address, 0, sockAddr(spec.local()));
        if (bound < 0) {
            return bound;
        }
        failed = "cannot reach " + text(spec.peer()) + " from " + text(spec.local());
        return Posix.connect(fd, address, 0, sockAddr(spec.peer()));
    }

    private int sockAddr(InetSocketAddress of) {
        int scope = of.getAddress() instanceof Inet6Address six && six.isLinkLocalAddress() ? scope(six) : 0;
        return SockAddr.inet(address, 0, of.getAddress().getAddress(), of.getPort(), scope);
    }

    /** The interface's index now: it is another after the interface was made anew. */
    private int scope(Inet6Address address) {
        return spec.device().isEmpty() ? address.getScopeId() : Math.max(0, Posix.ifNameToIndex(spec.device()));
    }

    /** For the carrier: the interface that is named, or the one that has the address. */
    private void findInterface() {
        String name = spec.device();
        if (name.isEmpty()) {
            try {
                NetworkInterface owner =
                        NetworkInterface.getByInetAddress(spec.local().getAddress());
                name = owner == null ? "" : owner.getName();
            } catch (SocketException e) {
                name = "";
            }
        }
        ifreq.setMemory(0, IFREQ_BYTES, (byte) 0);
        ifreq.putBytes(0, name.getBytes(StandardCharsets.US_ASCII));
    }

    private int interfaceIndex(int fd) {
        int result = Posix.ioctl(fd, Const.SIOCGIFINDEX, ifreq, 0, IFREQ_BYTES);
        return result < 0 ? result : ifreq.getInt(IFR_IFINDEX_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    boolean takesMore() {
        return true;
    }

    @Override
    String explain(int errno) {
        String what = failed + ": " + Errno.name(errno) + " (" + Errno.text(errno) + ")";
        return switch (-errno) {
            case Errno.EADDRNOTAVAIL -> what + ". Is the address on this host?";
            case Errno.EADDRINUSE -> what + ". Is another agent running?";
            case Errno.ENODEV, Errno.ENXIO -> what + ". Is the interface there?";
            case Errno.ENETUNREACH -> what + ". Is the interface up, and the peer's address right?";
            case Errno.EPERM, Errno.EACCES -> what + ". Does a filter on this host drop it?";
            default -> what;
        };
    }

    @Override
    int send(UnsafeBuffer buffer, int length, long nowNs) {
        int sent = Posix.send(fd(), buffer, 0, length, Const.MSG_DONTWAIT | Const.MSG_NOSIGNAL);
        if (sent < 0) {
            failed = "cannot send from " + text(spec.local());
        }
        return sent;
    }

    @Override
    int receive(UnsafeBuffer buffer) {
        return Posix.recv(fd(), buffer, 0, buffer.capacity(), Const.MSG_DONTWAIT);
    }

    /**
     * An interface that is down comes back under the same socket, and so does an address. But one that was made anew has another
     * index, and a socket bound to the old one is told of an unreachable network for ever.
     */
    @Override
    boolean isLost(int errno) {
        return switch (-errno) {
            case Errno.ENETUNREACH -> !spec.device().isEmpty() && interfaceIndex(fd()) != ifIndex;
            case Errno.ENODEV, Errno.ENXIO, Errno.EADDRNOTAVAIL, Errno.EINVAL, Errno.EBADF -> true;
            default -> false;
        };
    }

    @Override
    boolean hasCarrier() {
        if (ifreq.getByte(0) == 0) {
            return true;
        }
        if (Posix.ioctl(fd(), Const.SIOCGIFFLAGS, ifreq, 0, IFREQ_BYTES) < 0) {
            return false;
        }
        int flags = ifreq.getShort(IFR_FLAGS_OFFSET, ByteOrder.LITTLE_ENDIAN);
        return (flags & Const.IFF_UP) != 0 && (flags & Const.IFF_RUNNING) != 0;
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
