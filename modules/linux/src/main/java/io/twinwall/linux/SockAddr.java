/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Writes and reads socket addresses in place. Writers return the length to pass on. Families and lengths are in host
 * order, ports and protocols in network order, as the kernel wants them.
 *
 * <pre>
 *   sockaddr_nl (12)        sockaddr_in (16)     sockaddr_in6 (28)       sockaddr_ll (20)
 *   0 nl_family  2          0 sin_family 2       0 sin6_family    2      0 sll_family   2
 *   4 nl_pid     4          2 sin_port   2       2 sin6_port      2      2 sll_protocol 2
 *   8 nl_groups  4          4 sin_addr   4       4 sin6_flowinfo  4      4 sll_ifindex  4
 *                                                8 sin6_addr     16      8 sll_hatype   2
 *                                               24 sin6_scope_id  4     10 sll_pkttype  1
 *                                                                       11 sll_halen    1
 *                                                                       12 sll_addr     8
 * </pre>
 */
public final class SockAddr {
    public static final int NETLINK_BYTES = 12;
    public static final int INET_BYTES = 16;
    public static final int INET6_BYTES = 28;
    public static final int LINK_LAYER_BYTES = 20;
    /** Room that holds any of them. */
    public static final int BYTES_MAX = MessageVector.ADDRESS_BYTES;

    static final int NL_PID_OFFSET = 4;
    static final int NL_GROUPS_OFFSET = 8;
    static final int PORT_OFFSET = 2;
    static final int SIN_ADDR_OFFSET = 4;
    static final int SIN6_ADDR_OFFSET = 8;
    static final int SIN6_SCOPE_ID_OFFSET = 24;
    static final int SLL_PROTOCOL_OFFSET = 2;
    static final int SLL_IFINDEX_OFFSET = 4;
    static final int SLL_HALEN_OFFSET = 11;
    static final int SLL_ADDR_OFFSET = 12;

    private static final int ETH_ALEN = 6;

    private SockAddr() {}

    /** struct sockaddr_nl; {@code portId} 0 lets the kernel choose, or is the kernel itself as a destination. */
    public static int netlink(MutableDirectBuffer to, int offset, int portId, int groups) {
        to.setMemory(offset, NETLINK_BYTES, (byte) 0);
        to.putShort(offset, (short) Const.AF_NETLINK);
        to.putInt(offset + NL_PID_OFFSET, portId);
        to.putInt(offset + NL_GROUPS_OFFSET, groups);
        return NETLINK_BYTES;
    }

    /** The port id in a struct sockaddr_nl. */
    public static int netlinkPortId(DirectBuffer from, int offset) {
        return from.getInt(offset + NL_PID_OFFSET);
    }

    /** struct sockaddr_in or sockaddr_in6, by the length of {@code ip}: 4 or 16 bytes in network order. */
    public static int inet(MutableDirectBuffer to, int offset, byte[] ip, int port) {
        return inet(to, offset, ip, port, 0);
    }

    /** As above; {@code scopeId} is the interface index that an IPv6 link-local address needs, else 0. */
    public static int inet(MutableDirectBuffer to, int offset, byte[] ip, int port, int scopeId) {
        boolean v6 = ip.length == 16;
        int bytes = v6 ? INET6_BYTES : INET_BYTES;
        to.setMemory(offset, bytes, (byte) 0);
        to.putShort(offset, (short) (v6 ? Const.AF_INET6 : Const.AF_INET));
        to.putShort(offset + PORT_OFFSET, (short) port, ByteOrder.BIG_ENDIAN);
        to.putBytes(offset + (v6 ? SIN6_ADDR_OFFSET : SIN_ADDR_OFFSET), ip, 0, v6 ? 16 : 4);
        if (v6) {
            to.putInt(offset + SIN6_SCOPE_ID_OFFSET, scopeId);
        }
        return bytes;
    }

    /** The port in a struct sockaddr_in or sockaddr_in6. */
    public static int port(DirectBuffer from, int offset) {
        return from.getShort(offset + PORT_OFFSET, ByteOrder.BIG_ENDIAN) & 0xffff;
    }

    /** struct sockaddr_ll for binding to an interface, or with {@link #linkLayerTo} for sending. */
    public static int linkLayer(MutableDirectBuffer to, int offset, int protocol, int ifIndex) {
        to.setMemory(offset, LINK_LAYER_BYTES, (byte) 0);
        to.putShort(offset, (short) Const.AF_PACKET);
        to.putShort(offset + SLL_PROTOCOL_OFFSET, (short) protocol, ByteOrder.BIG_ENDIAN);
        to.putInt(offset + SLL_IFINDEX_OFFSET, ifIndex);
        return LINK_LAYER_BYTES;
    }

    /** struct sockaddr_ll with the 6-byte hardware address at {@code mac[macOffset]} as destination. */
    public static int linkLayerTo(
            MutableDirectBuffer to, int offset, int protocol, int ifIndex, DirectBuffer mac, int macOffset) {
        linkLayer(to, offset, protocol, ifIndex);
        to.putByte(offset + SLL_HALEN_OFFSET, (byte) ETH_ALEN);
        to.putBytes(offset + SLL_ADDR_OFFSET, mac, macOffset, ETH_ALEN);
        return LINK_LAYER_BYTES;
    }
}
