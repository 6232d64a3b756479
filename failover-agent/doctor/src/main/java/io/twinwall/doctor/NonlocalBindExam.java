/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether services of this host can listen on virtual addresses while it is passive. */
final class NonlocalBindExam implements Exam {
    private static final String IPV4 = "net/ipv4/ip_nonlocal_bind";
    private static final String IPV6 = "net/ipv6/ip_nonlocal_bind";
    private static final String WHY =
            "The configuration tracks a service. One that listens on a virtual address cannot start while the address"
                    + " is on the other host, and is then missing after a takeover.";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        boolean ipv4 = plan.vips().stream().anyMatch(Plan.Vip::ipv4);
        boolean ipv6 = plan.vips().stream().anyMatch(vip -> !vip.ipv4());
        if (plan.services() && ipv4 && Sysctls.number(host, IPV4).orElse(1) == 0) {
            found.note("nonlocal-bind", "net.ipv4.ip_nonlocal_bind is 0.", WHY, Sysctls.set(IPV4, 1));
        }
        if (plan.services() && ipv6 && Sysctls.number(host, IPV6).orElse(1) == 0) {
            found.note("nonlocal-bind", "net.ipv6.ip_nonlocal_bind is 0.", WHY, Sysctls.set(IPV6, 1));
        }
    }
}
