/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The frames that ask one port of one firewall whether its gate is open, and the recognition of what comes of them.
 * Everything is addressed to that firewall alone and comes from addresses that no kernel owns, so that no host of the
 * lab learns anything from a question or an answer.
 *
 * <pre>
 *   transit  Ethernet 14 | IPv4 20, TOS 0x1c | UDP 8, no checksum | number 8 | asked, nanoTime 8
 *   ARP      Ethernet 14 | request, who has the VIP
 *   NS       Ethernet 14 | IPv6 40 | ICMPv6 24, target the VIP | source link-layer address 8
 * </pre>
 *
 * A transit question of the LAN comes out in the WAN and the other way round; one flow a firewall, the same both ways.
 */
final class GateFrames {
    static final int BYTES_MAX = 96;
    static final int ETHERNET_BYTES = 14;
    /** Marks transit questions; nothing else in the lab sets it, and the capture's filter looks for it. */
    static final int TOS = 0x1c;

    static final int TOS_OFFSET = ETHERNET_BYTES + 1;
    static final int NEXT_HEADER_OFFSET = ETHERNET_BYTES + 6;
    static final int ICMP6_OFFSET = ETHERNET_BYTES + 40;
    static final int ICMP6 = 58;
    static final int NEIGHBOUR_ADVERTISEMENT = 136;

    private static final ByteOrder NET = ByteOrder.BIG_ENDIAN;
    private static final int IP = ETHERNET_BYTES;
    private static final int UDP = IP + 20;
    private static final int PAYLOAD = UDP + 8;
    private static final int TRANSIT_BYTES = PAYLOAD + 16;
    private static final int ARP_BYTES = IP + 28;
    private static final int NS_BYTES = ICMP6_OFFSET + 32;
    private static final int ETH_IP = 0x0800;
    private static final int ETH_ARP = 0x0806;
    private static final int ETH_IP6 = 0x86dd;
    private static final int UDP_PROTOCOL = 17;
    private static final int HOP_LIMIT = 64;
    private static final int SERVICE_PORT = LabPlan.SERVICE_PORT_MAX;
    private static final int OPENER_PORT = 61_000;
    private static final int CLIENT = v4(LabPlan.GATE_CLIENT_V4);
    private static final int SERVER = v4(LabPlan.GATE_SERVER_V4);
    /** Locally administered: 02:74:77:00:00:99. */
    private static final byte[] ASKER_MAC = {2, 0x74, 0x77, 0, 0, (byte) 0x99};

    private final Side side;
    private final byte[] firewallMac;
    private final int openerPort;
    private final byte[][] vips;
    private final byte[] asker4;
    private final byte[] asker6;

    /** {@code side}: where the port is; {@code firewallMac}: six bytes, of that port's far end. */
    GateFrames(FirewallNode node, Side side, byte[] firewallMac) {
        this.side = side;
        this.firewallMac = firewallMac.clone();
        this.openerPort = OPENER_PORT + node.id();
        boolean lan = side == Side.CLIENT;
        this.vips = new byte[][] {
            bytes(lan ? LabPlan.LAN_VIP_V4 : LabPlan.WAN_VIP_V4), bytes(lan ? LabPlan.LAN_VIP_V6 : LabPlan.WAN_VIP_V6)
        };
        this.asker4 = bytes(lan ? LabPlan.LAN_ASKER_V4 : LabPlan.WAN_ASKER_V4);
        this.asker6 = bytes(lan ? LabPlan.LAN_ASKER_V6 : LabPlan.WAN_ASKER_V6);
    }

    /** Writes a transit question; answers its length. */
    int transit(MutableDirectBuffer to, int at, long number, long askedNs) {
        boolean forth = side == Side.CLIENT;
        ethernet(to, at, firewallMac, ETH_IP);
        to.putInt(at + IP, 0x4500_0000 | TOS << 16 | TRANSIT_BYTES - IP, NET);
        to.putInt(at + IP + 4, 0, NET);
        to.putInt(at + IP + 8, HOP_LIMIT << 24 | UDP_PROTOCOL << 16, NET);
        to.putInt(at + IP + 12, forth ? CLIENT : SERVER, NET);
        to.putInt(at + IP + 16, forth ? SERVER : CLIENT, NET);
        to.putShort(at + IP + 10, (short) checksum(to, at + IP, 20, 0), NET);
        to.putInt(at + UDP, forth ? openerPort << 16 | SERVICE_PORT : SERVICE_PORT << 16 | openerPort, NET);
        to.putInt(at + UDP + 4, (TRANSIT_BYTES - UDP) << 16, NET);
        to.putLong(at + PAYLOAD, number, NET);
        to.putLong(at + PAYLOAD + 8, askedNs, NET);
        return TRANSIT_BYTES;
    }

    /** Writes an ARP request for this side's IPv4 VIP; answers its length. */
    int arp(MutableDirectBuffer to, int at) {
        ethernet(to, at, firewallMac, ETH_ARP);
        to.putLong(at + IP, 0x0001_0800_0604_0001L, NET);
        to.putBytes(at + IP + 8, ASKER_MAC);
        to.putBytes(at + IP + 14, asker4);
        to.setMemory(at + IP + 18, 6, (byte) 0);
        to.putBytes(at + IP + 24, vips[0]);
        return ARP_BYTES;
    }

    /** Writes a neighbour solicitation (RFC 4861, 4.3) for this side's IPv6 VIP; answers its length. */
    int solicitation(MutableDirectBuffer to, int at) {
        ethernet(to, at, firewallMac, ETH_IP6);
        to.putInt(at + IP, 0x6000_0000, NET);
        to.putInt(at + IP + 4, (NS_BYTES - ICMP6_OFFSET) << 16 | ICMP6 << 8 | 255, NET);
        to.putBytes(at + IP + 8, asker6);
        to.putLong(at + IP + 24, 0xff02_0000_0000_0000L, NET);
        to.putLong(at + IP + 32, 0x0000_0001_ff00_0000L, NET);
        to.putBytes(at + IP + 37, vips[1], 13, 3);
        to.putLong(at + ICMP6_OFFSET, 135L << 56, NET);
        to.putBytes(at + ICMP6_OFFSET + 8, vips[1]);
        to.putShort(at + ICMP6_OFFSET + 24, (short) 0x0101, NET);
        to.putBytes(at + ICMP6_OFFSET + 26, ASKER_MAC);
        int pseudo = NS_BYTES - ICMP6_OFFSET + ICMP6;
        to.putShort(at + ICMP6_OFFSET + 2, (short) checksum(to, at + IP + 8, NS_BYTES - IP - 8, pseudo), NET);
        return NS_BYTES;
    }

    /** Whether a captured frame is one of the questions on its way to the firewall. */
    boolean asked(DirectBuffer from, int at) {
        return from.getInt(at + 6, NET) == 0x0274_7700 && from.getShort(at + 10, NET) == 0x0099;
    }

    /** Whether a captured frame of {@code length} bytes is a transit question that came through the firewall. */
    boolean cameThrough(DirectBuffer from, int at, int length) {
        return length >= TRANSIT_BYTES
                && fromFirewall(from, at)
                && (from.getShort(at + 12, NET) & 0xffff) == ETH_IP
                && from.getInt(at + IP + 12, NET) == (side == Side.CLIENT ? SERVER : CLIENT);
    }

    /** The number of a question that {@link #cameThrough}. */
    static long number(DirectBuffer from, int at) {
        return from.getLong(at + PAYLOAD, NET);
    }

    /** When a question that {@link #cameThrough} was asked. */
    static long askedNs(DirectBuffer from, int at) {
        return from.getLong(at + PAYLOAD + 8, NET);
    }

    /** Whether a captured frame is the firewall's answer that it has the IPv4 VIP. */
    boolean answersArp(DirectBuffer from, int at, int length) {
        return length >= ARP_BYTES
                && fromFirewall(from, at)
                && from.getLong(at + IP, NET) == 0x0001_0800_0604_0002L
                && same(from, at + IP + 14, vips[0])
                && same(from, at + IP + 24, asker4);
    }

    /** Whether a captured frame is the firewall's answer that it has the IPv6 VIP. */
    boolean answersSolicitation(DirectBuffer from, int at, int length) {
        return length >= ICMP6_OFFSET + 24
                && fromFirewall(from, at)
                && (from.getShort(at + 12, NET) & 0xffff) == ETH_IP6
                && (from.getByte(at + ICMP6_OFFSET) & 0xff) == NEIGHBOUR_ADVERTISEMENT
                && same(from, at + ICMP6_OFFSET + 8, vips[1])
                && same(from, at + IP + 24, asker6);
    }

    private boolean fromFirewall(DirectBuffer from, int at) {
        return same(from, at + 6, firewallMac);
    }

    private static void ethernet(MutableDirectBuffer to, int at, byte[] destination, int type) {
        to.putBytes(at, destination);
        to.putBytes(at + 6, ASKER_MAC);
        to.putShort(at + 12, (short) type, NET);
    }

    private static boolean same(DirectBuffer from, int at, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (from.getByte(at + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /** Of an even number of bytes in which the checksum's own are 0 (RFC 1071). */
    private static int checksum(DirectBuffer from, int at, int bytes, int start) {
        int sum = start;
        for (int i = at; i < at + bytes; i += 2) {
            sum += from.getShort(i, NET) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum;
    }

    private static int v4(String literal) {
        byte[] bytes = bytes(literal);
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    private static byte[] bytes(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }
}
