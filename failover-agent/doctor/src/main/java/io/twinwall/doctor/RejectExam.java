/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftRuleInfo;

/** Whether forwarded packets may be answered with a refusal. */
final class RejectExam implements Exam {
    private static final RuleEdit EDIT = new RuleEdit("reject", "\\( with [a-z0-9 -]*\\)\\{0,1\\}", 1);

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        for (NftRuleInfo rule : host.ruleset().reachable(NftConst.NF_INET_FORWARD)) {
            boolean own = rule.expressions().contains(new NftExpr.Other("reject", ""));
            boolean xtables = rule.expressions().contains(new NftExpr.Other("target", "REJECT"));
            if (own || xtables) {
                found.warning(
                        "reject",
                        "Forwarded packets may be rejected: " + RuleEdit.place(rule) + ".",
                        "A packet of a live flow that comes in the gap of a takeover is answered with a reset, and the"
                                + " flow is over. Dropped, it is sent again and goes on.",
                        own
                                ? Remedy.run(EDIT.replace(rule, "drop"))
                                        .saying("And into the ruleset's file, on both hosts.")
                                : remedyOfXtables(rule));
            }
        }
    }

    private static Remedy remedyOfXtables(NftRuleInfo rule) {
        String program = rule.table().family() == NftConst.NFPROTO_IPV6 ? "ip6tables" : "iptables";
        String table = rule.table().name();
        return Remedy.run(program + "-save -t " + table + " | sed '/^-A " + rule.chain()
                        + " /s/-j REJECT.*/-j DROP/' | " + program + "-restore -T " + table)
                .saying("And into the file that the rules are loaded from, on both hosts.");
    }
}
