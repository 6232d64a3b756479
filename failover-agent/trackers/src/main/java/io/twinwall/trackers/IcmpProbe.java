/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.AF_INET;
import static io.twinwall.linux.Const.AF_INET6;
import static io.twinwall.linux.Const.IPPROTO_ICMP;
import static io.twinwall.linux.Const.IPPROTO_ICMPV6;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_RAW;
import static io.twinwall.linux.Const.SOL_SOCKET;
import static io.twinwall.linux.Const.SO_BINDTODEVICE;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.RecvBatch;
import io.twinwall.linux.SockAddr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Echo request and reply of ICMP (RFC 792) and ICMPv6 (RFC 4443) by a raw socket bound to an interface and to the node's
 * own address. The kernel passes echo replies only; those to others are told by sender, identifier and sequence.
 */
final class IcmpProbe implements Probe {
    private static final int ECHO_REPLY = 0;
    private static final int ECHO_REQUEST = 8;
    private static final int ECHO_REQUEST_6 = 128;
    private static final int ECHO_REPLY_6 = 129;
    private static final int MESSAGE_BYTES = 16;
    private static final int SOL_RAW = 255;
    private static final int ICMP_FILTER = 1;
    private static final AtomicInteger IDENTIFIERS =
            new AtomicInteger((int) ProcessHandle.current().pid());

    private final UnsafeBuffer request = Sockets.offHeap(MESSAGE_BYTES);
    private final UnsafeBuffer destination = Sockets.offHeap(SockAddr.BYTES_MAX);
    private final int destinationBytes;
    private final RecvBatch replies = new RecvBatch(4, Sockets.BUFFER_BYTES, true);
    private final int identifier = IDENTIFIERS.incrementAndGet() & 0xffff;
    private final byte[] target;
    private final byte[] sender;
    private final boolean ipv4;
    private final int fd;

    /** {@code source} is null for the kernel's choice. */
    IcmpProbe(int ifIndex, String interfaceName, InetAddress source, InetAddress address) {
        ipv4 = address instanceof Inet4Address;
        target = address.getAddress();
        sender = new byte[target.length];
        destinationBytes = Sockets.address(destination, address, 0, ifIndex);
        fd = Sockets.open(
                ipv4 ? AF_INET : AF_INET6, SOCK_RAW, ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, "a socket for ICMP");
        if (ipv4) {
            Sockets.must(fd, "ICMP_FILTER", Posix.setsockoptInt(fd, SOL_RAW, ICMP_FILTER, ~(1 << ECHO_REPLY)));
        } else {
            NdProbe.pass(fd, ECHO_REPLY_6);
        }
        Sockets.must(
                fd,
                "bind to interface " + interfaceName,
                Posix.setsockoptString(fd, SOL_SOCKET, SO_BINDTODEVICE, interfaceName));
        if (source != null) {
            UnsafeBuffer own = Sockets.offHeap(SockAddr.BYTES_MAX);
            int length = Sockets.address(own, source, 0, ifIndex);
            Sockets.must(fd, "bind to " + source.getHostAddress(), Posix.bind(fd, own, 0, length));
        }
    }

    @Override
    public String ask(int sequence) {
        request.setMemory(0, MESSAGE_BYTES, (byte) 0);
        request.putByte(0, (byte) (ipv4 ? ECHO_REQUEST : ECHO_REQUEST_6));
        request.putShort(4, (short) identifier, ByteOrder.BIG_ENDIAN);
        request.putShort(6, (short) sequence, ByteOrder.BIG_ENDIAN);
        if (ipv4) {
            // For ICMPv6 the kernel does it.
            request.putShort(2, checksum(request, MESSAGE_BYTES), ByteOrder.BIG_ENDIAN);
        }
        int sent = Posix.sendto(fd, request, 0, MESSAGE_BYTES, 0, destination, 0, destinationBytes);
        return sent >= 0 ? "" : "cannot send ICMP: " + Errno.text(sent);
    }

    /** Internet checksum (RFC 1071) of an even number of bytes. */
    static short checksum(UnsafeBuffer bytes, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += bytes.getShort(i, ByteOrder.BIG_ENDIAN) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~(sum + (sum >>> 16));
    }

    @Override
    public boolean answered(int since) {
        boolean any = false;
        int received;
        while ((received = replies.receive(fd, MSG_DONTWAIT)) > 0) {
            for (int i = 0; i < received; i++) {
                any |= matches(i, since);
            }
        }
        return any;
    }

    private boolean matches(int i, int since) {
        UnsafeBuffer buffer = replies.buffer();
        int at = replies.offset(i);
        int length = replies.length(i);
        // A raw IPv4 socket hands over the IP header as well.
        int header = ipv4 && length > 0 ? (buffer.getByte(at) & 0xf) * 4 : 0;
        if (length < header + 8) {
            return false;
        }
        buffer.getBytes(replies.addressOffset(i) + (ipv4 ? 4 : 8), sender);
        return (buffer.getByte(at + header) & 0xff) == (ipv4 ? ECHO_REPLY : ECHO_REPLY_6)
                && (buffer.getShort(at + header + 4, ByteOrder.BIG_ENDIAN) & 0xffff) == identifier
                && (short) (buffer.getShort(at + header + 6, ByteOrder.BIG_ENDIAN) - since) >= 0
                && Arrays.equals(sender, target);
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        replies.close();
        Sockets.close(fd);
    }
}
