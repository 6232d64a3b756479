/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether the kernel is new enough for the lease, and for all of it. */
final class KernelExam implements Exam {
    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        KernelRelease release = KernelRelease.of(host);
        if (!plan.fenced()) {
            return;
        }
        if (release.before(5, 10)) {
            found.error(
                    "kernel-too-old",
                    "This kernel is " + release + "; the lease needs 5.10.",
                    "Without the inet family's ingress hook the lease cannot be installed, and a hung agent is not"
                            + " fenced.",
                    Remedy.advice("Install a newer kernel, or set fence.mode = \"off\" on both nodes."));
        } else if (release.before(5, 16)) {
            found.note(
                    "kernel-no-egress",
                    "This kernel is " + release + ", without the egress hook of 5.16.",
                    "The lease guards what this host receives, not what its kernel sends by itself.",
                    Remedy.advice("A kernel from 5.16 on guards both."));
        }
        if (!release.before(5, 10) && release.before(6, 9)) {
            found.note(
                    "kernel-no-owner",
                    "This kernel is " + release + ", without the lasting owned tables of 6.9.",
                    "nft flush ruleset takes the lease's tables, too; the daemon puts them back at once.",
                    Remedy.advice("Load rulesets without flush ruleset, or use a kernel from 6.9 on."));
        }
    }
}
