/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.List;

/**
 * A base chain of the type {@code filter} to be made, or found in the kernel. {@code hook} is an {@code NF_*} of the
 * table's family, lower {@code priority} runs earlier, {@code policy} is {@link NftConst#NF_ACCEPT} or {@link
 * NftConst#NF_DROP}; {@code devices} is empty except for ingress and egress.
 */
public record NftBaseChain(String name, int hook, int priority, int policy, List<String> devices) {
    public NftBaseChain {
        devices = List.copyOf(devices);
    }
}
