/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.AF_INET6;
import static io.twinwall.linux.Const.IPPROTO_ICMPV6;
import static io.twinwall.linux.Const.IPPROTO_IPV6;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_RAW;
import static io.twinwall.linux.Const.SOL_SOCKET;
import static io.twinwall.linux.Const.SO_BINDTODEVICE;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import java.net.InetAddress;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Neighbour solicitation and advertisement (RFC 4861, sections 4.3 and 4.4) by a raw socket bound to an interface and to an
 * address of the node's own: without a link-local one the kernel would take any, a virtual one too. The question goes to
 * the target's solicited-node group. The kernel passes advertisements only.
 *
 * <pre>
 *   0 type 1 | code 1 | checksum 2 | 4 reserved, or flags, 4 | 8 target 16 | 24 option: type 1, length 1, MAC 6
 * </pre>
 */
final class NdProbe implements Probe {
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int NEIGHBOUR_ADVERTISEMENT = 136;
    private static final int SOURCE_LINK_LAYER_ADDRESS = 1;
    private static final int SOLICITED = 0x40;
    private static final int FLAGS_OFFSET = 4;
    private static final int TARGET_OFFSET = 8;
    private static final int OPTION_OFFSET = 24;
    private static final int MESSAGE_BYTES = 32;
    private static final int ICMP6_FILTER = 1;
    private static final int IPV6_MULTICAST_HOPS = 18;
    private static final int HOPS = 255;

    private final UnsafeBuffer request = Sockets.offHeap(MESSAGE_BYTES);
    private final UnsafeBuffer reply = Sockets.offHeap(Sockets.BUFFER_BYTES);
    private final UnsafeBuffer destination = Sockets.offHeap(SockAddr.BYTES_MAX);
    private final byte[] target;
    private final int fd;

    /** {@code mac} has 6 bytes. */
    NdProbe(int ifIndex, String interfaceName, byte[] mac, InetAddress source, InetAddress target) {
        this.target = target.getAddress();
        request.setMemory(0, MESSAGE_BYTES, (byte) 0);
        request.putByte(0, (byte) NEIGHBOUR_SOLICITATION);
        request.putBytes(TARGET_OFFSET, this.target);
        request.putByte(OPTION_OFFSET, (byte) SOURCE_LINK_LAYER_ADDRESS);
        request.putByte(OPTION_OFFSET + 1, (byte) 1);
        request.putBytes(OPTION_OFFSET + 2, mac);
        SockAddr.inet(destination, 0, solicitedNode(this.target), 0, ifIndex);
        fd = Sockets.open(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, "a socket for neighbour solicitation");
        pass(fd, NEIGHBOUR_ADVERTISEMENT);
        Sockets.must(
                fd,
                "bind to interface " + interfaceName,
                Posix.setsockoptString(fd, SOL_SOCKET, SO_BINDTODEVICE, interfaceName));
        UnsafeBuffer own = Sockets.offHeap(SockAddr.BYTES_MAX);
        int length = Sockets.address(own, source, 0, ifIndex);
        Sockets.must(fd, "bind to " + source.getHostAddress(), Posix.bind(fd, own, 0, length));
        Sockets.must(fd, "IPV6_MULTICAST_HOPS", Posix.setsockoptInt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, HOPS));
    }

    /** Lets a raw ICMPv6 socket hear messages of one type only: {@code struct icmp6_filter}, a bit for each type to drop. */
    static void pass(int fd, int type) {
        UnsafeBuffer filter = Sockets.offHeap(32);
        filter.setMemory(0, 32, (byte) 0xff);
        filter.putInt(type / 32 * 4, ~(1 << type % 32));
        Sockets.must(fd, "ICMP6_FILTER", Posix.setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, filter, 0, 32));
    }

    /** {@code ff02::1:ffXX:XXXX} with the last three bytes of the target (RFC 4291, section 2.7.1). */
    static byte[] solicitedNode(byte[] target) {
        return new byte[] {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, (byte) 0xff, target[13], target[14], target[15]
        };
    }

    @Override
    public String ask(int sequence) {
        // An answer that came too late for the last question must not answer this one.
        read();
        int sent = Posix.sendto(fd, request, 0, MESSAGE_BYTES, 0, destination, 0, SockAddr.INET6_BYTES);
        return sent >= 0 ? "" : "cannot send neighbour solicitation: " + Errno.text(sent);
    }

    @Override
    public boolean answered(int since) {
        return read();
    }

    /** Reads all that waits; true when it was an answer. */
    private boolean read() {
        boolean any = false;
        int received;
        while ((received = Posix.recv(fd, reply, 0, Sockets.BUFFER_BYTES, MSG_DONTWAIT)) >= 0) {
            any |= received >= OPTION_OFFSET
                    && (reply.getByte(0) & 0xff) == NEIGHBOUR_ADVERTISEMENT
                    && (reply.getByte(FLAGS_OFFSET) & SOLICITED) != 0
                    && sameTarget();
        }
        return any;
    }

    private boolean sameTarget() {
        for (int i = 0; i < target.length; i++) {
            if (reply.getByte(TARGET_OFFSET + i) != target[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        Sockets.close(fd);
    }
}
