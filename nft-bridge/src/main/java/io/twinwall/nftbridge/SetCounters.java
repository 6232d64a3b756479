/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;

/** What mirroring of sets counts. */
final class SetCounters {
    final Counter elements;
    final Counter differing;
    final Counter problems;
    final Counter sent;
    final Counter applied;
    final Counter wholes;
    final Counter refused;
    final Counter foreign;
    final Counter malformed;
    final Counter bare;

    SetCounters(Counters counters) {
        elements = counters.gauge("sets_elements", "Elements of the mirrored sets, as this node knows them.");
        differing = counters.gauge("sets_differing", "Elements that the passive's kernel has not, or has otherwise.");
        problems = counters.gauge("sets_problems", "Configured sets that are not mirrored; the status says why.");
        sent = counters.counter("sets_changes_sent_total", "Changes of elements sent to the peer.");
        applied = counters.counter("sets_changes_applied_total", "Changes of elements made in this kernel.");
        wholes = counters.counter("sets_wholes_sent_total", "Whole sets sent, because the peer's copy differed.");
        refused = counters.counter("sets_refused_total", "Elements that this kernel would not take.");
        foreign = counters.counter(
                "sets_foreign_removed_total", "Elements found on the passive that the active does not have.");
        malformed = counters.counter(
                "sets_malformed_total", "Elements or messages about sets that did not add up, or were too long.");
        bare = counters.counter(
                "sets_expressions_left_out_total", "Elements put without their counter, quota or limit, refused with.");
    }
}
