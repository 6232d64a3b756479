/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftTable;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A set or map as {@code nft} names it: {@code inet filter bans}. */
public record SetName(Family family, String table, String name) {
    /** The families whose tables have sets. */
    public enum Family {
        INET(NftConst.NFPROTO_INET),
        IP(NftConst.NFPROTO_IPV4),
        IP6(NftConst.NFPROTO_IPV6),
        NETDEV(NftConst.NFPROTO_NETDEV),
        BRIDGE(NftConst.NFPROTO_BRIDGE);

        private final int number;

        Family(int number) {
            this.number = number;
        }
    }

    /** What both nodes call it in messages. */
    long id() {
        return SetHash.of(toString().getBytes(StandardCharsets.UTF_8));
    }

    NftTable nftTable() {
        return new NftTable(family.number, table);
    }

    /** Whether one of {@code all} is in a table of this name, of whatever family. */
    static boolean anyIn(List<SetName> all, String table) {
        return all.stream().anyMatch(one -> one.table.equals(table));
    }

    @Override
    public String toString() {
        return nftTable() + " " + name;
    }
}
