/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether this host's clock can be compared with the other's. */
final class ClockExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!host.clockKept()) {
            found.note(
                    "clock",
                    "Nothing keeps this host's clock in time with others.",
                    "The pair does not need it, but the logs of the two hosts cannot be read side by side.",
                    Remedy.run("timedatectl set-ntp true").saying("Or run chrony, on both hosts."));
        }
    }
}
