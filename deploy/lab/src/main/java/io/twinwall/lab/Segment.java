/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * One TCP segment with its IP header (RFC 791, 8200, 9293), written and read in place. Written by one thread each;
 * nothing is kept but the cursor of the segment being read, which is valid until the buffer is used again.
 *
 * <pre>
 *   IPv4 20 or IPv6 40 | TCP 20 | options 8, with SYN only: MSS, NOP, window scale | payload 0 or 16
 * </pre>
 */
public final class Segment {
    public static final int SYN = 0x02;
    static final int RST = 0x04;
    static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int BYTES_MAX = 40 + 20 + 8 + FlowMessage.BYTES;

    private static final ByteOrder NET = ByteOrder.BIG_ENDIAN;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int TCP_BYTES = 20;
    private static final int OPTIONS_BYTES = 8;
    private static final int TCP = 6;
    /** Kind 2, length 4, MSS 1400; NOP; kind 3, length 3, shift 7. */
    private static final long SYN_OPTIONS = 0x0204_0578_0103_0307L;

    private static final int WINDOW = 0xffff;
    private static final int HOP_LIMIT = 64;

    private DirectBuffer buffer;
    private int tcp;
    private int payload;
    private int payloadBytes;
    private int source4;
    private int destination4;
    private int ipAt;

    // -- writing

    /** Writes what follows an IPv4 header and the header itself; answers the length. */
    public static int writeV4(
            MutableDirectBuffer to, int offset, int source, int destination, int ports, int seq, int ack, int flags) {
        int tcpBytes = tcpBytes(flags);
        int total = IPV4_BYTES + tcpBytes;
        to.putInt(offset, 0x4500_0000 | total, NET);
        to.putInt(offset + 4, 0x0000_4000, NET);
        to.putInt(offset + 8, HOP_LIMIT << 24 | TCP << 16, NET);
        to.putInt(offset + 12, source, NET);
        to.putInt(offset + 16, destination, NET);
        writeTcp(to, offset + IPV4_BYTES, ports, seq, ack, flags);
        return total;
    }

    /** As {@link #writeV4} for IPv6; addresses as two halves each. */
    static int writeV6(
            MutableDirectBuffer to,
            int offset,
            long sourceNet,
            long sourceHost,
            long destinationNet,
            long destinationHost,
            int ports,
            int seq,
            int ack,
            int flags) {
        int tcpBytes = tcpBytes(flags);
        to.putInt(offset, 0x6000_0000, NET);
        to.putInt(offset + 4, tcpBytes << 16 | TCP << 8 | HOP_LIMIT, NET);
        to.putLong(offset + 8, sourceNet, NET);
        to.putLong(offset + 16, sourceHost, NET);
        to.putLong(offset + 24, destinationNet, NET);
        to.putLong(offset + 32, destinationHost, NET);
        writeTcp(to, offset + IPV6_BYTES, ports, seq, ack, flags);
        return IPV6_BYTES + tcpBytes;
    }

    /** Fills the payload of a segment written with {@link #PSH}, {@code length} bytes long, and its checksum. */
    public static void finish(MutableDirectBuffer to, int offset, int length, int flags, int flow, int epoch) {
        boolean v6 = to.getByte(offset) >>> 4 == 6;
        int tcpAt = offset + (v6 ? IPV6_BYTES : IPV4_BYTES);
        int tcpBytes = length - (tcpAt - offset);
        if ((flags & PSH) != 0) {
            int at = offset + length - FlowMessage.BYTES;
            to.putInt(at, flow, NET);
            to.putInt(at + 4, epoch, NET);
            to.putLong(at + 8, System.nanoTime(), NET);
        }
        long sum = (long) TCP + tcpBytes;
        sum = add(to, v6 ? offset + 8 : offset + 12, v6 ? 32 : 8, sum);
        sum = add(to, tcpAt, tcpBytes, sum);
        to.putShort(tcpAt + 16, (short) ~fold(sum), NET);
    }

    private static int tcpBytes(int flags) {
        return TCP_BYTES + ((flags & SYN) != 0 ? OPTIONS_BYTES : 0) + ((flags & PSH) != 0 ? FlowMessage.BYTES : 0);
    }

    private static void writeTcp(MutableDirectBuffer to, int at, int ports, int seq, int ack, int flags) {
        boolean syn = (flags & SYN) != 0;
        int words = (TCP_BYTES + (syn ? OPTIONS_BYTES : 0)) / 4;
        to.putInt(at, ports, NET);
        to.putInt(at + 4, seq, NET);
        to.putInt(at + 8, ack, NET);
        to.putInt(at + 12, words << 28 | flags << 16 | WINDOW, NET);
        to.putInt(at + 16, 0, NET);
        if (syn) {
            to.putLong(at + TCP_BYTES, SYN_OPTIONS, NET);
        }
    }

    private static long add(DirectBuffer from, int at, int bytes, long start) {
        long sum = start;
        int i = at;
        for (; i + 4 <= at + bytes; i += 4) {
            sum += from.getInt(i, NET) & 0xffff_ffffL;
        }
        for (; i + 2 <= at + bytes; i += 2) {
            sum += from.getShort(i, NET) & 0xffffL;
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = (sum & 0xffff_ffffL) + (sum >>> 32);
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    // -- reading

    /** Points this at a received packet; false unless it is a whole TCP segment of IP version {@code v6 ? 6 : 4}. */
    boolean wrap(DirectBuffer from, int offset, int length, boolean v6) {
        int header = v6 ? IPV6_BYTES : IPV4_BYTES;
        if (length < header + TCP_BYTES) {
            return false;
        }
        int first = from.getByte(offset) & 0xff;
        int protocol = from.getByte(offset + (v6 ? 6 : 9));
        int total =
                v6 ? IPV6_BYTES + (from.getShort(offset + 4, NET) & 0xffff) : from.getShort(offset + 2, NET) & 0xffff;
        if (first >>> 4 != (v6 ? 6 : 4) || (!v6 && first != 0x45) || protocol != TCP || total > length) {
            return false;
        }
        int data = header + ((from.getByte(offset + header + 12) >>> 4 & 0xf) * 4);
        if (data < header + TCP_BYTES || data > total) {
            return false;
        }
        buffer = from;
        ipAt = offset;
        tcp = offset + header;
        payload = offset + data;
        payloadBytes = total - data;
        source4 = v6 ? 0 : from.getInt(offset + 12, NET);
        destination4 = v6 ? 0 : from.getInt(offset + 16, NET);
        return true;
    }

    int source4() {
        return source4;
    }

    int destination4() {
        return destination4;
    }

    boolean fromV6(long net, long host) {
        return buffer.getLong(ipAt + 8, NET) == net && buffer.getLong(ipAt + 16, NET) == host;
    }

    boolean toV6(long net, long host) {
        return buffer.getLong(ipAt + 24, NET) == net && buffer.getLong(ipAt + 32, NET) == host;
    }

    int sourcePort() {
        return buffer.getShort(tcp, NET) & 0xffff;
    }

    int destinationPort() {
        return buffer.getShort(tcp + 2, NET) & 0xffff;
    }

    int seq() {
        return buffer.getInt(tcp + 4, NET);
    }

    int ack() {
        return buffer.getInt(tcp + 8, NET);
    }

    int flags() {
        return buffer.getByte(tcp + 13) & 0x3f;
    }

    boolean hasMessage() {
        return payloadBytes == FlowMessage.BYTES;
    }

    int messageFlow() {
        return buffer.getInt(payload, NET);
    }

    int messageEpoch() {
        return buffer.getInt(payload + 4, NET);
    }
}
