/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.List;

/** A rule as the kernel has it; {@code handle} is what {@code nft -a} shows and {@code nft replace rule} takes. */
public record NftRuleInfo(NftTable table, String chain, long handle, List<NftExpr> expressions) {
    public NftRuleInfo {
        expressions = List.copyOf(expressions);
    }
}
