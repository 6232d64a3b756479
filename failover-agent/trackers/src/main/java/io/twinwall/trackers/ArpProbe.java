/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.ETH_P_ARP;
import static io.twinwall.linux.Const.ETH_P_IP;
import static io.twinwall.linux.Const.MSG_DONTWAIT;
import static io.twinwall.linux.Const.SOCK_DGRAM;

import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import io.twinwall.linux.SockAddr;
import io.twinwall.linux.SocketFilter;
import java.net.InetAddress;
import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * ARP request and reply (RFC 826) on one interface. The sender is the node's own address, or none, as in the probe of RFC
 * 5227, so that a node that holds no address there can ask as well and no cache learns a wrong owner. A filter in the
 * kernel passes replies of the target only: a busy segment wakes nobody.
 *
 * <pre>
 *   0 hardware 2 | protocol 2 | lengths 1+1 | operation 2 | sender MAC 6 | sender IP 4 | target MAC 6 | target IP 4
 * </pre>
 */
final class ArpProbe implements Probe {
    static final int ARP_BYTES = 28;
    private static final int ARPHRD_ETHER = 1;
    private static final int ARPOP_REQUEST = 1;
    private static final int ARPOP_REPLY = 2;
    private static final int OPERATION_OFFSET = 6;
    private static final int SENDER_MAC_OFFSET = 8;
    private static final int SENDER_IP_OFFSET = 14;
    private static final int TARGET_IP_OFFSET = 24;

    private final UnsafeBuffer request = Sockets.offHeap(ARP_BYTES);
    private final UnsafeBuffer reply = Sockets.offHeap(Sockets.BUFFER_BYTES);
    private final UnsafeBuffer destination = Sockets.offHeap(SockAddr.BYTES_MAX);
    private final int fd;

    /** {@code source} is null for the probe form; {@code mac} has 6 bytes. */
    ArpProbe(int ifIndex, byte[] mac, InetAddress source, InetAddress target) {
        request(request, mac, source, target);
        UnsafeBuffer broadcast = Sockets.offHeap(8);
        broadcast.setMemory(0, 8, (byte) 0xff);
        SockAddr.linkLayerTo(destination, 0, ETH_P_ARP, ifIndex, broadcast, 0);
        // Protocol 0 until the filter is in place: nothing arrives that it has not seen.
        fd = Sockets.open(AF_PACKET, SOCK_DGRAM, 0, "a packet socket for ARP");
        Sockets.must(fd, "attach a filter for ARP", filter(target).attach(fd));
        UnsafeBuffer own = Sockets.offHeap(SockAddr.BYTES_MAX);
        int length = SockAddr.linkLayer(own, 0, ETH_P_ARP, ifIndex);
        Sockets.must(fd, "bind a packet socket to interface " + ifIndex, Posix.bind(fd, own, 0, length));
    }

    static void request(UnsafeBuffer to, byte[] mac, InetAddress source, InetAddress target) {
        to.setMemory(0, ARP_BYTES, (byte) 0);
        to.putShort(0, (short) ARPHRD_ETHER, ByteOrder.BIG_ENDIAN);
        to.putShort(2, (short) ETH_P_IP, ByteOrder.BIG_ENDIAN);
        to.putByte(4, (byte) 6);
        to.putByte(5, (byte) 4);
        to.putShort(OPERATION_OFFSET, (short) ARPOP_REQUEST, ByteOrder.BIG_ENDIAN);
        to.putBytes(SENDER_MAC_OFFSET, mac);
        if (source != null) {
            to.putBytes(SENDER_IP_OFFSET, source.getAddress());
        }
        to.putBytes(TARGET_IP_OFFSET, target.getAddress());
    }

    /** Replies of the target, and nothing else. */
    private static SocketFilter filter(InetAddress target) {
        UnsafeBuffer word = new UnsafeBuffer(target.getAddress());
        return new SocketFilter()
                .loadHalf(OPERATION_OFFSET)
                .unlessEqualSkip(ARPOP_REPLY, 3)
                .loadWord(SENDER_IP_OFFSET)
                .unlessEqualSkip(word.getInt(0, ByteOrder.BIG_ENDIAN), 1)
                .keep()
                .drop();
    }

    @Override
    public String ask(int sequence) {
        // An answer that came too late for the last question must not answer this one.
        read();
        int sent = Posix.sendto(fd, request, 0, ARP_BYTES, 0, destination, 0, SockAddr.LINK_LAYER_BYTES);
        return sent >= 0 ? "" : "cannot send ARP: " + Errno.text(sent);
    }

    @Override
    public boolean answered(int since) {
        return read();
    }

    /** Reads all that waits; true when it was an answer. */
    private boolean read() {
        boolean any = false;
        while (Posix.recv(fd, reply, 0, Sockets.BUFFER_BYTES, MSG_DONTWAIT) >= ARP_BYTES) {
            any = true;
        }
        return any;
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
