/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import io.twinwall.netlink.NlConst;
import io.twinwall.netlink.RtPrefix;
import io.twinwall.netlink.RtRule;
import java.util.Optional;

/**
 * A rule of policy routing that follows the role.
 *
 * @param ipv6 whether it is of IPv6
 * @param from what the source must be in, or none
 * @param to what the destination must be in, or none
 * @param mark the packet's mark under {@code mask}
 * @param mask 0 when the mark does not count
 * @param table the table to look into
 * @param priority its place among the rules, 1..32765: before the kernel's own for the main table
 */
public record Rule(
        boolean ipv6, Optional<RtPrefix> from, Optional<RtPrefix> to, int mark, int mask, int table, int priority) {
    private static final int PRIORITY_MAX = 32_765;

    /** What no kernel would take, or take and not obey, in words, or "". */
    public String problem() {
        if (from.isPresent() && from.get().ipv4() == ipv6) {
            return "the source is of another family than the rule";
        }
        if (to.isPresent() && to.get().ipv4() == ipv6) {
            return "the destination is of another family than the rule";
        }
        if ((mark & ~mask) != 0) {
            return "mark 0x" + Integer.toHexString(mark) + " has bits that the mask 0x" + Integer.toHexString(mask)
                    + " hides";
        }
        if (table < 1) {
            return "table " + table + " is less than 1";
        }
        return priority < 1 || priority > PRIORITY_MAX ? "priority " + priority + " is not 1.." + PRIORITY_MAX : "";
    }

    RtRule toKernel() {
        int family = ipv6 ? NlConst.AF_INET6 : NlConst.AF_INET;
        return new RtRule(family, from, to, mark, mask, table, priority, Owner.ROUTES);
    }

    /** As {@code ip rule} would say it. */
    @Override
    public String toString() {
        return "rule " + toKernel().key();
    }
}
