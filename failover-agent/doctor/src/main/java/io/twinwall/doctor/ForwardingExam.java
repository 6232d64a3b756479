/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether the host forwards at all. */
final class ForwardingExam implements Exam {
    private static final String IPV4 = "net/ipv4/ip_forward";
    private static final String IPV6 = "net/ipv6/conf/all/forwarding";
    private static final String WHY =
            "The passive must forward from the first moment; the gate, not this setting, holds it back until then.";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.forwards(true) && Sysctls.number(host, IPV4).orElse(0) != 1) {
            found.error("forwarding-ipv4", "net.ipv4.ip_forward is not 1.", WHY, Sysctls.set(IPV4, 1));
        }
        if (plan.forwards(false) && Sysctls.number(host, IPV6).orElse(0) == 0) {
            found.error("forwarding-ipv6", "net.ipv6.conf.all.forwarding is not 1.", WHY, Sysctls.set(IPV6, 1));
        }
    }
}
