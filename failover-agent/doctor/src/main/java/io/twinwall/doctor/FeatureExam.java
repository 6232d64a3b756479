/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/** Whether the kernel can do one thing, tried and not read off a version. */
final class FeatureExam implements Exam {
    private final Host.Feature feature;

    FeatureExam(Host.Feature feature) {
        this.feature = feature;
    }

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!isNeeded(plan)) {
            return;
        }
        String lacking = host.lacking(feature);
        if (lacking.isEmpty()) {
            return;
        }
        switch (feature) {
            case CONNTRACK_NETLINK ->
                found.error(
                        "no-conntrack-netlink",
                        "Conntrack cannot be spoken to: " + lacking + ".",
                        "No flow is replicated; each dies in a takeover.",
                        Shell.module("nf_conntrack_netlink"));
            case LEASE ->
                found.error(
                        "no-lease",
                        "The lease's tables cannot be made: " + lacking + ".",
                        "The daemon does not start with a fence, for a hung agent would go on beside its peer.",
                        Shell.module("nf_tables")
                                .saying("If that is not enough, the kernel needs CONFIG_NF_TABLES_NETDEV and"
                                        + " CONFIG_NF_TABLES_INET."));
            case PACKET_SOCKET ->
                found.error(
                        "no-packet-sockets",
                        "Packet sockets cannot be opened: " + lacking + ".",
                        "A takeover cannot be announced: neighbours go on sending to the other host.",
                        Shell.module("af_packet"));
        }
    }

    private boolean isNeeded(Plan plan) {
        return switch (feature) {
            case CONNTRACK_NETLINK -> plan.sync().enabled();
            case LEASE -> plan.fenced();
            case PACKET_SOCKET -> !plan.vips().isEmpty();
        };
    }
}
