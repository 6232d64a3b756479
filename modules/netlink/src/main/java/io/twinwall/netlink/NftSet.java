/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * A set to be made. {@code keyType} is a {@code TYPE_*}, {@code keyBytes} its size (1..64); {@code timeoutMs} is the
 * default of its elements and 0 for none; {@code elementsMax} is 0 for no bound.
 */
public record NftSet(String name, int flags, int keyType, int keyBytes, long timeoutMs, int elementsMax) {
    /** A named set of IPv4 addresses, filled by transactions only. */
    public static NftSet ofIpv4(String name) {
        return new NftSet(name, 0, NftConst.TYPE_IPADDR, 4, 0, 0);
    }

    /** A named set of IPv6 addresses, filled by transactions only. */
    public static NftSet ofIpv6(String name) {
        return new NftSet(name, 0, NftConst.TYPE_IP6ADDR, 16, 0, 0);
    }

    /** A set of marks that packets fill, and whose elements expire. */
    public static NftSet ofExpiringMarks(String name, long timeoutMs, int elementsMax) {
        int flags = NftConst.NFT_SET_TIMEOUT | NftConst.NFT_SET_EVAL;
        return new NftSet(name, flags, NftConst.TYPE_MARK, 4, timeoutMs, elementsMax);
    }
}
