/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftRuleInfo;

/** Whether flows are handed to a flowtable, which goes past the gate. */
final class FlowtableExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!plan.fenced()) {
            return;
        }
        for (NftRuleInfo rule : host.ruleset().reachable(NftConst.NF_INET_FORWARD)) {
            if (rule.expressions().contains(new NftExpr.Other("flow_offload", ""))) {
                found.warning(
                        "flowtable",
                        "Flows are offloaded to a flowtable: " + RuleEdit.place(rule) + ".",
                        "Their packets go past the lease: a hung agent's host goes on forwarding them beside its peer.",
                        Remedy.run(RuleEdit.delete(rule)).saying("And out of the ruleset's file, on both hosts."));
            }
        }
    }
}
