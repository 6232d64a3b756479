/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether the kernel drops what comes in where it would not go out, as happens while a role moves. */
final class ReversePathExam implements Exam {
    private static final long STRICT = 1;
    private static final long LOOSE = 2;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        for (String name : Network.of(host).vipInterfaces(plan, true)) {
            if (Sysctls.greater(host, "ipv4", name, "rp_filter").orElse(0) == STRICT) {
                found.warning(
                        "rp-filter",
                        "rp_filter is strict on " + name + ".",
                        "In a takeover routes and addresses of the two hosts change one after the other; packets that"
                                + " come in by another way than they would go out are dropped in silence.",
                        Sysctls.set("net/ipv4/conf/" + name + "/rp_filter", LOOSE));
            }
        }
    }
}
