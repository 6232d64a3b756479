/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftRuleInfo;

/**
 * Commands that change one rule and leave the rest of it as nft(8) prints it, conditions, counters and comment: they let sed(1)
 * put another statement in the place of its last.
 *
 * <p>A changed copy goes in front of the rule, which is then deleted, if that went well. One {@code nft replace rule} would do, but
 * nft 1.0.6 does not survive that of a rule with a set of ranges.
 *
 * @param statement a basic regular expression without groups of its own
 * @param options of the statement, as optional groups
 * @param groups how many {@code options} has
 */
record RuleEdit(String statement, String options, int groups) {
    private static final String COMMENT = "\\( comment \".*\"\\)\\{0,1\\}";

    /** Puts {@code by} in the place of the statement. */
    String replace(NftRuleInfo rule, String by) {
        return copy(rule, by) + " && " + delete(rule);
    }

    /** A copy with {@code by} in the place of the statement, in front of the rule. */
    String copy(NftRuleInfo rule, String by) {
        String chain = rule.table() + " " + rule.chain();
        String comment = "\\" + (groups + 2);
        return "nft insert rule " + chain + " handle " + rule.handle() + " $(nft -s -a list chain " + chain
                + " | sed -n 's/^[[:space:]]*\\(.*\\)" + statement + options + COMMENT + " # handle " + rule.handle()
                + "$/\\1" + by + comment + "/p')";
    }

    static String delete(NftRuleInfo rule) {
        return "nft delete rule " + rule.table() + " " + rule.chain() + " handle " + rule.handle();
    }

    /** For people. */
    static String place(NftRuleInfo rule) {
        return "rule " + rule.handle() + " of chain " + rule.table() + " " + rule.chain();
    }
}
