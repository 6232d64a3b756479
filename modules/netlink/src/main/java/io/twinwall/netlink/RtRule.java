/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import io.twinwall.base.Check;
import java.util.Optional;

/**
 * A rule of policy routing: packets that match look into a table.
 *
 * @param family {@code AF_INET} or {@code AF_INET6}
 * @param from what the source must be in, or none
 * @param to what the destination must be in, or none
 * @param mark the packet's mark under {@code mask}
 * @param mask 0 when the mark does not count
 * @param table the table to look into
 * @param priority its place among the rules: less comes first
 * @param protocol who put it there ({@code FRA_PROTOCOL})
 */
public record RtRule(
        int family,
        Optional<RtPrefix> from,
        Optional<RtPrefix> to,
        int mark,
        int mask,
        int table,
        int priority,
        int protocol) {
    public RtRule {
        Check.that(from.isEmpty() || from.get().family() == family, "a rule of another family than its source");
        Check.that(to.isEmpty() || to.get().family() == family, "a rule of another family than its destination");
        // As the kernel gives them back: so that a rule listed equals the rule added.
        from = from.map(RtPrefix::network);
        to = to.map(RtPrefix::network);
    }

    /** What an error message names. */
    public String key() {
        return (family == NlConst.AF_INET ? "IPv4" : "IPv6") + " priority " + priority
                + from.map(prefix -> " from " + prefix).orElse("")
                + to.map(prefix -> " to " + prefix).orElse("")
                + (mask == 0 ? "" : " mark 0x" + Integer.toHexString(mark) + "/0x" + Integer.toHexString(mask))
                + " to table " + table;
    }
}
