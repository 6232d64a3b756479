/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether there are rules that no other exam sees. */
final class LegacyExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (host.ruleset().legacy()) {
            found.note(
                    "iptables-legacy",
                    "iptables has tables of its own here, beside nf_tables.",
                    "Their rules were not looked at: REJECT, MASQUERADE, and what they drop of the pair's own packets.",
                    Remedy.advice(
                            "iptables-legacy-save shows them. Look for these three, or move the rules to nf_tables"
                                    + " (iptables-restore-translate)."));
        }
    }
}
