/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftSetName;

/** Whether the sets that are to be mirrored are in this host's ruleset. */
final class SetsExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.sets().isEmpty()) {
            return;
        }
        Ruleset ruleset = host.ruleset();
        for (NftSetName set : plan.sets()) {
            if (!ruleset.sets().contains(set)) {
                found.warning(
                        "set-missing",
                        "The set " + set + " is to be mirrored and is not in this host's ruleset.",
                        "Its elements are lost in a takeover to this host, or are not sent from it.",
                        Remedy.advice("Declare it as on the other host, where nft list set " + set
                                + " shows it; or take it out of [[sync.set]] on both."));
            }
        }
    }
}
