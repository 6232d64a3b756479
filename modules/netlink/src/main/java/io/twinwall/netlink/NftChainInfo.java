/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.List;

/**
 * A chain as the kernel has it. Of one that is not bound to a hook {@code hook} is {@link #NO_HOOK} and {@code type} empty.
 *
 * @param type {@code filter}, {@code nat} or {@code route}
 * @param hook {@code NF_*} of the table's family
 * @param policy {@link NftConst#NF_ACCEPT} or {@link NftConst#NF_DROP}
 * @param devices of ingress and egress
 */
public record NftChainInfo(
        NftTable table, String name, String type, int hook, int priority, int policy, List<String> devices) {
    public static final int NO_HOOK = -1;

    public NftChainInfo {
        devices = List.copyOf(devices);
    }

    /** Whether packets come into it by themselves. */
    public boolean base() {
        return hook != NO_HOOK;
    }

    /** As nft names it: {@code inet filter input}. */
    @Override
    public String toString() {
        return table + " " + name;
    }
}
