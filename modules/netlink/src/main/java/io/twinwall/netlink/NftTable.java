/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** The name of a table: {@code family} is one of {@code NFPROTO_*}, {@code name} is unique within it. */
public record NftTable(int family, String name) {
    @Override
    public String toString() {
        String familyName = switch (family) {
            case NftConst.NFPROTO_INET -> "inet";
            case NftConst.NFPROTO_IPV4 -> "ip";
            case NftConst.NFPROTO_IPV6 -> "ip6";
            case NftConst.NFPROTO_BRIDGE -> "bridge";
            case NftConst.NFPROTO_NETDEV -> "netdev";
            default -> "family " + family;
        };
        return familyName + " " + name;
    }
}
