/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The frames that tell a network where an address lives now.
 *
 * <p>IPv4: gratuitous ARP in both forms, since some hosts learn from requests only and some from replies only (RFC 5227,
 * section 3; RFC 5944, section 4.6). IPv6: unsolicited neighbour advertisement to all nodes, with the override flag so that
 * caches change, and the router flag, without which hosts would drop their route through this address (RFC 4861, sections
 * 7.2.5 and 7.2.6).
 */
final class AnnouncementFrames {
    private static final byte[] BROADCAST = {-1, -1, -1, -1, -1, -1};
    private static final byte[] ALL_NODES_MAC = {0x33, 0x33, 0, 0, 0, 1};
    private static final byte[] ALL_NODES = {(byte) 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private static final int ETH_P_ARP = 0x0806;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int ARP_FRAME_BYTES = 42;
    private static final int ARPOP_REQUEST = 1;
    private static final int ARPOP_REPLY = 2;
    private static final int NA_BYTES = 32;
    private static final int NA_FRAME_BYTES = 14 + 40 + NA_BYTES;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int NEIGHBOUR_ADVERTISEMENT = 136;
    private static final int ROUTER_AND_OVERRIDE = 0xa000_0000;
    private static final int TARGET_LINK_LAYER_ADDRESS = 2;

    private AnnouncementFrames() {}

    /** Whole Ethernet frames announcing {@code address} (4 or 16 bytes) at {@code mac}. */
    static List<byte[]> of(byte[] address, byte[] mac) {
        return address.length == 4
                ? List.of(arp(ARPOP_REQUEST, address, mac, new byte[6]), arp(ARPOP_REPLY, address, mac, mac))
                : List.of(advertisement(address, mac));
    }

    private static byte[] arp(int operation, byte[] address, byte[] mac, byte[] targetMac) {
        ByteBuffer frame = ByteBuffer.allocate(ARP_FRAME_BYTES);
        frame.put(BROADCAST).put(mac).putShort((short) ETH_P_ARP);
        frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
        frame.putShort((short) operation).put(mac).put(address).put(targetMac).put(address);
        return frame.array();
    }

    private static byte[] advertisement(byte[] address, byte[] mac) {
        ByteBuffer body = ByteBuffer.allocate(NA_BYTES);
        body.put((byte) NEIGHBOUR_ADVERTISEMENT).put((byte) 0).putShort((short) 0);
        body.putInt(ROUTER_AND_OVERRIDE).put(address);
        body.put((byte) TARGET_LINK_LAYER_ADDRESS).put((byte) 1).put(mac);
        body.putShort(2, checksum(address, body.array()));
        ByteBuffer frame = ByteBuffer.allocate(NA_FRAME_BYTES);
        frame.put(ALL_NODES_MAC).put(mac).putShort((short) ETH_P_IPV6);
        frame.putInt(0x6000_0000).putShort((short) NA_BYTES);
        frame.put((byte) IPPROTO_ICMPV6).put((byte) 255).put(address).put(ALL_NODES);
        frame.put(body.array());
        return frame.array();
    }

    /** Internet checksum over the pseudo header and the ICMPv6 message (RFC 8200, section 8.1). */
    private static short checksum(byte[] source, byte[] message) {
        ByteBuffer sum = ByteBuffer.allocate(40 + message.length);
        sum.put(source).put(ALL_NODES).putInt(message.length).putInt(IPPROTO_ICMPV6);
        sum.put(Arrays.copyOf(message, message.length)).flip();
        long total = 0;
        while (sum.hasRemaining()) {
            total += sum.getShort() & 0xffff;
        }
        while (total >>> 16 != 0) {
            total = (total & 0xffff) + (total >>> 16);
        }
        return (short) ~total;
    }
}
