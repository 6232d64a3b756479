/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;

/**
 * The raw frame that carries one secret over {@code lo}.
 *
 * <pre>
 *    0  destination 02:00:00:00:00:01   not lo's own 00:00:00:00:00:00, see below
 *    6  source      00:00:00:00:00:00
 *   12  0x0800
 *   14  IPv4, 20 bytes, 127.0.0.1 to 127.0.0.1, checksummed
 *   34  UDP, 8 bytes, no checksum
 *   42  secret, 16 bytes
 * </pre>
 *
 * Sent by a packet socket it enters no OUTPUT chain and no connection tracking. The foreign destination marks it {@code
 * PACKET_OTHERHOST}: should the rules that drop it be missing, the IP layer drops it just the same, without an entry or
 * an ICMP answer.
 */
final class LeaseFrame {
    static final int ETHERNET_BYTES = 14;
    static final int IP_BYTES = 20;
    static final int UDP_BYTES = 8;
    static final int BYTES = ETHERNET_BYTES + IP_BYTES + UDP_BYTES + LeaseSecrets.BYTES;

    private static final byte[] NOBODY = {2, 0, 0, 0, 0, 1};
    private static final int LOOPBACK = 0x7f000001;
    private static final int IPPROTO_UDP = 17;
    private static final int ETH_P_IP = 0x0800;

    private LeaseFrame() {}

    /** Writes the frame for {@code secret} into {@link #BYTES} bytes at {@code offset}. */
    static void write(MutableDirectBuffer to, int offset, int port, byte[] secret) {
        to.setMemory(offset, BYTES, (byte) 0);
        to.putBytes(offset, NOBODY);
        putU16(to, offset + 12, ETH_P_IP);
        int ip = offset + ETHERNET_BYTES;
        to.putByte(ip, (byte) 0x45);
        putU16(to, ip + 2, BYTES - ETHERNET_BYTES);
        to.putByte(ip + 8, (byte) 1);
        to.putByte(ip + 9, (byte) IPPROTO_UDP);
        to.putInt(ip + 12, LOOPBACK, ByteOrder.BIG_ENDIAN);
        to.putInt(ip + 16, LOOPBACK, ByteOrder.BIG_ENDIAN);
        putU16(to, ip + 10, checksum(to, ip));
        int udp = ip + IP_BYTES;
        putU16(to, udp, port);
        putU16(to, udp + 2, port);
        putU16(to, udp + 4, UDP_BYTES + LeaseSecrets.BYTES);
        to.putBytes(udp + UDP_BYTES, secret);
    }

    /** RFC 1071, over the IPv4 header at {@code ip}. */
    static int checksum(MutableDirectBuffer buffer, int ip) {
        int sum = 0;
        for (int i = 0; i < IP_BYTES; i += 2) {
            sum += buffer.getShort(ip + i, ByteOrder.BIG_ENDIAN) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~(sum + (sum >>> 16)) & 0xffff;
    }

    private static void putU16(MutableDirectBuffer to, int offset, int value) {
        to.putShort(offset, (short) value, ByteOrder.BIG_ENDIAN);
    }
}
