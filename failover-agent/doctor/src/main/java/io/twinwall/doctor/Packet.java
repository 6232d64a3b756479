/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.RtLink;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A UDP packet as rules would see it, before there is one: what is known of it, and nothing else.
 *
 * @param in where it comes in, or none
 * @param out where it goes out, or none
 * @param ctState {@code NF_CT_STATE_*}, or none when nobody can say
 */
record Packet(
        InetAddress from,
        int fromPort,
        InetAddress to,
        int toPort,
        Optional<RtLink> in,
        Optional<RtLink> out,
        Optional<Integer> ctState) {
    private static final int IPPROTO_UDP = 17;
    private static final int ETH_P_IP = 0x0800;
    private static final int ETH_P_IPV6 = 0x86dd;
    private static final int IP_PROTOCOL = 9;
    private static final int IP_SOURCE = 12;
    private static final int IP6_NEXT = 6;
    private static final int IP6_SOURCE = 8;
    private static final int UDP_PORTS_BYTES = 4;

    static Packet received(InetAddress from, int fromPort, InetAddress to, int toPort, RtLink by) {
        return new Packet(from, fromPort, to, toPort, Optional.of(by), Optional.empty(), Optional.empty());
    }

    static Packet sent(InetAddress from, int fromPort, InetAddress to, int toPort, RtLink by) {
        return new Packet(from, fromPort, to, toPort, Optional.empty(), Optional.of(by), Optional.empty());
    }

    Packet inState(Optional<Integer> state) {
        return new Packet(from, fromPort, to, toPort, in, out, state);
    }

    boolean ipv4() {
        return from instanceof Inet4Address;
    }

    /** What {@code meta} loads; nothing when it is not known. */
    Optional<NftData> meta(int key) {
        return switch (key) {
            case NftConst.NFT_META_PROTOCOL -> Optional.of(NftData.u16be(ipv4() ? ETH_P_IP : ETH_P_IPV6));
            case NftConst.NFT_META_NFPROTO ->
                Optional.of(NftData.of((byte) (ipv4() ? NftConst.NFPROTO_IPV4 : NftConst.NFPROTO_IPV6)));
            case NftConst.NFT_META_L4PROTO -> Optional.of(NftData.of((byte) IPPROTO_UDP));
            case NftConst.NFT_META_IIF -> in.map(link -> NftData.hostU32(link.ifIndex()));
            case NftConst.NFT_META_OIF -> out.map(link -> NftData.hostU32(link.ifIndex()));
            case NftConst.NFT_META_IIFNAME -> in.map(Packet::name);
            case NftConst.NFT_META_OIFNAME -> out.map(Packet::name);
            default -> Optional.empty();
        };
    }

    private static NftData name(RtLink link) {
        return NftData.name(link.name(), NftConst.IFNAMSIZ);
    }

    /** What {@code ct} loads. */
    Optional<NftData> ct(int key) {
        return key == NftConst.NFT_CT_STATE ? ctState.map(NftData::hostU32) : Optional.empty();
    }

    /** What {@code payload} loads: the addresses, the protocol and the ports. */
    Optional<NftData> payload(int base, int offset, int bytes) {
        if (base == NftConst.NFT_PAYLOAD_TRANSPORT_HEADER) {
            NftData ports = NftData.of((byte) (fromPort >>> 8), (byte) fromPort, (byte) (toPort >>> 8), (byte) toPort);
            return part(ports, offset, bytes, UDP_PORTS_BYTES);
        }
        if (base != NftConst.NFT_PAYLOAD_NETWORK_HEADER) {
            return Optional.empty();
        }
        boolean protocol = offset == (ipv4() ? IP_PROTOCOL : IP6_NEXT) && bytes == 1;
        return protocol
                ? Optional.of(NftData.of((byte) IPPROTO_UDP))
                : part(
                        addresses(),
                        offset - (ipv4() ? IP_SOURCE : IP6_SOURCE),
                        bytes,
                        addresses().length());
    }

    private NftData addresses() {
        byte[] first = from.getAddress();
        byte[] second = to.getAddress();
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return NftData.of(both);
    }

    private static Optional<NftData> part(NftData known, int offset, int bytes, int length) {
        return offset >= 0 && bytes > 0 && offset + bytes <= length
                ? Optional.of(known.slice(offset, bytes))
                : Optional.empty();
    }
}
