/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The frames that tell a network where an address lives now, and those that ask whether it lives somewhere already.
 *
 * <p>Told in IPv4: gratuitous ARP in both forms, since some hosts learn from requests only and some from replies only (RFC
 * 5227, section 3; RFC 5944, section 4.6). In IPv6: unsolicited neighbour advertisement to all nodes, with the override flag
 * so that caches change, and the router flag, without which hosts would drop their route through this address (RFC 4861,
 * sections 7.2.5 and 7.2.6).
 *
 * <p>Asked in IPv4: an ARP probe, from no address, so that no cache changes by it (RFC 5227, section 2.1.1). In IPv6: a
 * neighbour solicitation as of duplicate address detection, from no address; its answer goes to all nodes, which no
 * switch holds back (RFC 4862, section 5.4.2; RFC 4861, section 7.2.4).
 */
final class NeighbourFrames {
    static final int ETH_P_ARP = 0x0806;
    static final int ETH_P_IPV6 = 0x86dd;
    static final int NEIGHBOUR_ADVERTISEMENT = 136;
    static final int TARGET_LINK_LAYER_ADDRESS = 2;
    /** The longest of them. */
    static final int BYTES_MAX = 14 + 40 + 32;

    private static final byte[] BROADCAST = {-1, -1, -1, -1, -1, -1};
    private static final byte[] ALL_NODES_MAC = {0x33, 0x33, 0, 0, 0, 1};
    private static final byte[] ALL_NODES = {(byte) 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    /** {@code ff02::1:ff00:0/104}, which the target's last three bytes complete. */
    private static final byte[] SOLICITED_NODE = {(byte) 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, -1, 0, 0, 0};

    private static final int ARP_FRAME_BYTES = 42;
    private static final int ARPOP_REQUEST = 1;
    private static final int ARPOP_REPLY = 2;
    private static final int IPPROTO_ICMPV6 = 58;
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int ROUTER_AND_OVERRIDE = 0xa000_0000;

    private NeighbourFrames() {}

    /** Whole Ethernet frames announcing {@code address} (4 or 16 bytes) at {@code mac}. */
    static List<byte[]> announcement(byte[] address, byte[] mac) {
        return address.length == 4
                ? List.of(
                        arp(ARPOP_REQUEST, address, mac, new byte[6], address),
                        arp(ARPOP_REPLY, address, mac, mac, address))
                : List.of(advertisement(address, mac));
    }

    /** A whole Ethernet frame asking from {@code mac} who has {@code address}. */
    static byte[] probe(byte[] address, byte[] mac) {
        return address.length == 4
                ? arp(ARPOP_REQUEST, new byte[4], mac, new byte[6], address)
                : solicitation(address, mac);
    }

    private static byte[] arp(int operation, byte[] sender, byte[] mac, byte[] targetMac, byte[] target) {
        ByteBuffer frame = ByteBuffer.allocate(ARP_FRAME_BYTES);
        frame.put(BROADCAST).put(mac).putShort((short) ETH_P_ARP);
        frame.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
        frame.putShort((short) operation).put(mac).put(sender).put(targetMac).put(target);
        return frame.array();
    }

    private static byte[] advertisement(byte[] address, byte[] mac) {
        ByteBuffer body = ByteBuffer.allocate(32);
        body.put((byte) NEIGHBOUR_ADVERTISEMENT).put((byte) 0).putShort((short) 0);
        body.putInt(ROUTER_AND_OVERRIDE).put(address);
        body.put((byte) TARGET_LINK_LAYER_ADDRESS).put((byte) 1).put(mac);
        return icmpv6(mac, ALL_NODES_MAC, address, ALL_NODES, body);
    }

    private static byte[] solicitation(byte[] target, byte[] mac) {
        byte[] group = SOLICITED_NODE.clone();
        System.arraycopy(target, 13, group, 13, 3);
        byte[] groupMac = {0x33, 0x33, group[12], group[13], group[14], group[15]};
        ByteBuffer body = ByteBuffer.allocate(24);
        body.put((byte) NEIGHBOUR_SOLICITATION).put((byte) 0).putShort((short) 0);
        body.putInt(0).put(target);
        return icmpv6(mac, groupMac, new byte[16], group, body);
    }

    private static byte[] icmpv6(byte[] mac, byte[] toMac, byte[] source, byte[] to, ByteBuffer body) {
        body.flip().putShort(2, checksum(source, to, body));
        ByteBuffer frame = ByteBuffer.allocate(14 + 40 + body.limit());
        frame.put(toMac).put(mac).putShort((short) ETH_P_IPV6);
        frame.putInt(0x6000_0000).putShort((short) body.limit());
        // A hop limit of 255 shows that no router passed it on.
        frame.put((byte) IPPROTO_ICMPV6).put((byte) 255).put(source).put(to);
        frame.put(body);
        return frame.array();
    }

    /** Internet checksum over the pseudo header and the ICMPv6 message (RFC 8200, section 8.1). */
    private static short checksum(byte[] source, byte[] to, ByteBuffer message) {
        ByteBuffer sum = ByteBuffer.allocate(40 + message.limit());
        sum.put(source).put(to).putInt(message.limit()).putInt(IPPROTO_ICMPV6);
        sum.put(message.duplicate()).flip();
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
