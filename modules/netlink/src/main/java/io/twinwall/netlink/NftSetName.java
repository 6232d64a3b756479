/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** A set or map by its name; those without one have one of the kernel's, {@code __set0} and the like. */
public record NftSetName(NftTable table, String name) {
    /** As nft names it: {@code inet filter bans}. */
    @Override
    public String toString() {
        return table + " " + name;
    }
}
