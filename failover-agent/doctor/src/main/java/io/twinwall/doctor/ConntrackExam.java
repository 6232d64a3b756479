/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.OptionalLong;

/** The settings of conntrack that decide whether flows are told of, and whether strangers are taken for flows. */
final class ConntrackExam implements Exam {
    private static final String EVENTS = "net/netfilter/nf_conntrack_events";
    private static final String LOOSE = "net/netfilter/nf_conntrack_tcp_loose";
    private static final String LIBERAL = "net/netfilter/nf_conntrack_tcp_be_liberal";
    private static final long AUTOMATIC = 2;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (!plan.sync().enabled()) {
            return;
        }
        if (Sysctls.number(host, LOOSE).isEmpty()) {
            found.error(
                    "conntrack-missing",
                    "This kernel tracks no connections here: nf_conntrack is not loaded.",
                    "There is nothing to replicate, and what the passive is sent has no place.",
                    Shell.module("nf_conntrack").saying("A ruleset that uses ct loads it, too."));
            return;
        }
        events(host, found);
        if (Sysctls.number(host, LOOSE).orElse(0) != 0) {
            found.warning(
                    "tcp-loose",
                    "net.netfilter.nf_conntrack_tcp_loose is not 0.",
                    "The kernel adopts running TCP connections that it does not know, untranslated: they seem to"
                            + " survive a takeover and hide what is missing.",
                    Sysctls.setOfConntrack(LOOSE, 0));
        }
        if (Sysctls.number(host, LIBERAL).orElse(0) != 0) {
            found.note(
                    "tcp-be-liberal",
                    "net.netfilter.nf_conntrack_tcp_be_liberal is not 0.",
                    "Packets outside of every window pass as part of their connection. The pair does not need it:"
                            + " mirrored flows carry the permission themselves, until their windows are known again.",
                    Sysctls.setOfConntrack(LIBERAL, 0));
        }
    }

    private static void events(Host host, Findings found) throws Unanswered {
        OptionalLong events = Sysctls.number(host, EVENTS);
        if (events.isEmpty()) {
            found.error(
                    "conntrack-events",
                    "This kernel has no conntrack events (CONFIG_NF_CONNTRACK_EVENTS).",
                    "No flow is told of, so none is replicated.",
                    Remedy.advice("Use a kernel that is built with them, as those of the distributions are."));
        } else if (events.getAsLong() == 0) {
            found.error(
                    "conntrack-events",
                    "net.netfilter.nf_conntrack_events is 0.",
                    "The kernel tells of no flow, so only audits find them, seconds late.",
                    Sysctls.setOfConntrack(EVENTS, 1));
        } else if (events.getAsLong() == AUTOMATIC) {
            found.warning(
                    "conntrack-events",
                    "net.netfilter.nf_conntrack_events is 2, automatic.",
                    "Of flows that were made while nobody listened the kernel never tells a change or the end.",
                    Sysctls.setOfConntrack(EVENTS, 1));
        }
    }
}
