/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.Optional;

/** Whether the passive's copy is complete, and nothing is left out of it. */
final class ReplicationExam implements Exam {
    private static final String MAX = "net/netfilter/nf_conntrack_max";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Optional<Running> daemon = host.daemon();
        if (daemon.isEmpty() || !plan.sync().enabled()) {
            return;
        }
        Running running = daemon.get();
        String readiness = running.master() ? running.peer().readiness() : running.readiness();
        if (running.peer().alive() && !readiness.equals("READY")) {
            String who = running.master() ? running.peer().name() : plan.node();
            found.warning(
                    "passive-not-ready",
                    "The passive, " + who + ", is not READY but " + readiness + ".",
                    "A takeover now would lose connections.",
                    Remedy.advice("Wait a minute and look again. If it stays: twinwall status on the passive, and"
                            + " docs/OPERATING.md, The passive does not become ready."));
        }
        refused(host, plan, running, found);
        if (running.counter("flow_table_refused_full_total") > 0) {
            int flowsMax = plan.sync().flowsMax();
            found.warning(
                    "table-full",
                    "The pair's table was full: " + running.counter("flow_table_refused_full_total")
                            + " flows did not fit into " + flowsMax + ".",
                    "They are not replicated.",
                    Remedy.run(Shell.set(
                                    plan.files().configuration(),
                                    "sync",
                                    "flows-max",
                                    String.valueOf(Math.min(RoomExam.FLOWS_MAX, 2L * flowsMax))))
                            .saying("On both nodes; then restart the passive's daemon, switch over, and restart the"
                                    + " other."));
        }
    }

    private static void refused(Host host, Plan plan, Running running, Findings found) throws Unanswered {
        long here = running.counter("sync_refused");
        long there = running.counter("sync_peer_refused");
        if (here + there == 0) {
            return;
        }
        boolean full = here > 0 && running.counter("sync_inject_refused_enomem_total") > 0;
        long max = Sysctls.number(host, MAX).orElse(plan.sync().flowsMax());
        Remedy why = here > 0
                ? Remedy.advice("sync_inject_refused_* of the metrics say why; docs/OPERATING.md, Refused flows, what"
                        + " to do.")
                : Remedy.advice("sudo twinwall doctor on the other host, whose kernel refuses them, says why.");
        found.warning(
                "flows-refused",
                "The passive's kernel does not take " + Math.max(here, there) + " flows.",
                "A takeover loses them.",
                full ? Sysctls.setOfConntrack(MAX, 2 * max).saying("Its table is full.") : why);
    }
}
