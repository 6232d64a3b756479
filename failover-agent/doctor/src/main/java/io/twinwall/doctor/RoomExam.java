/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import java.util.Map;
import java.util.OptionalLong;

/** Whether kernel and table have room for the flows, and the kernel's hash is wide enough to be quick. */
final class RoomExam implements Exam {
    private static final String MAX = "net/netfilter/nf_conntrack_max";
    private static final String BUCKETS = "net/netfilter/nf_conntrack_buckets";
    private static final String COUNT = "net/netfilter/nf_conntrack_count";

    /** Entries a bucket from which on inserts are several times slower. */
    private static final long SLOW_LOAD = 4;

    /** Entries a bucket of a full table that cost an insert little, and a dump little time for empty buckets. */
    private static final long GOOD_LOAD = 2;

    private static final double FULL = 0.75;

    /** The most that {@code sync.flows-max} may be. */
    static final int FLOWS_MAX = 6_000_000;

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        OptionalLong max = Sysctls.number(host, MAX);
        if (max.isEmpty() || !plan.sync().enabled()) {
            return;
        }
        table(plan, max.getAsLong(), found);
        buckets(host, max.getAsLong(), found);
        fill(host, max.getAsLong(), found);
        dropped(host, max.getAsLong(), found);
    }

    private static void table(Plan plan, long max, Findings found) {
        int flowsMax = plan.sync().flowsMax();
        if (max > flowsMax) {
            found.warning(
                    "flows-max",
                    "The kernel takes " + max + " flows (nf_conntrack_max), the pair's table " + flowsMax + ".",
                    "What does not fit into the table is not replicated.",
                    max <= FLOWS_MAX
                            ? Remedy.run(Shell.set(
                                            plan.files().configuration(), "sync", "flows-max", String.valueOf(max)))
                                    .saying("On both nodes; then restart the passive's daemon, switch over, and restart"
                                            + " the other.")
                            : Sysctls.setOfConntrack(MAX, FLOWS_MAX)
                                    .saying("And sync.flows-max no less, on both" + " nodes."));
        } else if (max < flowsMax) {
            found.note(
                    "conntrack-max",
                    "The kernel takes " + max + " flows (nf_conntrack_max), the pair's table " + flowsMax + ".",
                    "The smaller number counts. It must be the same on both hosts, or the passive refuses what the"
                            + " active has.",
                    Sysctls.setOfConntrack(MAX, flowsMax));
        }
    }

    private static void buckets(Host host, long max, Findings found) throws Unanswered {
        OptionalLong buckets = Sysctls.number(host, BUCKETS);
        if (buckets.isPresent() && max >= SLOW_LOAD * buckets.getAsLong()) {
            found.warning(
                    "conntrack-buckets",
                    "There are " + buckets.getAsLong() + " hash buckets (nf_conntrack_buckets) for " + max + " flows.",
                    "A full table has " + SLOW_LOAD
                            + " entries a bucket or more: inserts get several times slower, on the day when it is"
                            + " full.",
                    Sysctls.setOfConntrack(BUCKETS, max / GOOD_LOAD));
        } else if (buckets.isPresent() && buckets.getAsLong() > max) {
            found.note(
                    "conntrack-buckets-many",
                    "There are " + buckets.getAsLong() + " hash buckets (nf_conntrack_buckets) for " + max + " flows.",
                    "Each look at the whole table passes all of them in one call, some 50 ns each, also when they are"
                            + " empty; changes of flows wait for it.",
                    Sysctls.setOfConntrack(BUCKETS, max / GOOD_LOAD));
        }
    }

    private static void fill(Host host, long max, Findings found) throws Unanswered {
        long count = Sysctls.number(host, COUNT).orElse(0);
        if (count >= FULL * max) {
            found.warning(
                    "conntrack-full",
                    "Of " + max + " flows that the kernel takes (nf_conntrack_max) there are " + count + ".",
                    "A full table refuses new flows on the active and mirrored ones on the passive.",
                    Sysctls.setOfConntrack(MAX, 2 * max).saying("On both hosts; and sync.flows-max no less."));
        }
    }

    private static void dropped(Host host, long max, Findings found) throws Unanswered {
        Map<String, Long> counters = host.conntrackCounters();
        long dropped = counters.getOrDefault("drop", 0L);
        long early = counters.getOrDefault("early_drop", 0L);
        if (dropped + early > 0) {
            found.warning(
                    "conntrack-dropped",
                    "Since this host started, the table of flows was full:"
                            + " " + dropped + " packets were dropped and " + early
                            + " flows ended early for it.",
                    "It will be full again.",
                    Sysctls.setOfConntrack(MAX, 2 * max).saying("On both hosts; and sync.flows-max no less."));
        }
    }
}
