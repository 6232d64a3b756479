/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;

/** What the sync agent shows of itself to status pages and metrics. Written by its thread only. */
final class SyncGauges {
    final Counter flows;
    final Counter held;
    final Counter dirty;
    final Counter lagDeltas;
    final Counter lagNs;
    final Counter bucketsDiffering;
    final Counter progressPermille;
    final Counter mode;
    final Counter peerFlows;
    final Counter refused;
    final Counter peerRefused;
    final Counter lossWindows;
    final Counter lossNs;
    final Counter framesWithoutSession;
    final Counter framesOutOfRole;

    SyncGauges(Counters counters) {
        flows = counters.gauge("sync_flows", "Flows replicated: known here and held, or to be held, by the peer.");
        held = counters.gauge(
                "sync_flows_held",
                "Flows known here, with those not replicated yet (TCP not answered, or sync.filter).");
        dirty = counters.gauge(
                "sync_dirty", "Flows changed and not yet sent (source) or not yet in the kernel (mirror).");
        lagDeltas = counters.gauge("sync_lag_deltas", "Deltas that the peer's kernel does not hold yet.");
        lagNs = counters.gauge("sync_lag_nanoseconds", "Age of the oldest delta that the peer has not confirmed.");
        bucketsDiffering = counters.gauge("sync_buckets_differing", "Buckets known to differ from the peer's.");
        progressPermille = counters.gauge("sync_resync_progress_permille", "How much of what differed has come.");
        mode = counters.gauge("sync_mode", "0 off, 1 source, 2 mirror.");
        peerFlows = counters.gauge("sync_peer_flows", "Flows in the peer's mirror, by its last acknowledgement.");
        refused = counters.gauge(
                "sync_refused", "Flows of this mirror that its kernel would not take: a takeover would lose them.");
        peerRefused = counters.gauge(
                "sync_peer_refused", "Flows that the peer's kernel would not take: a takeover would lose them.");
        lossWindows =
                counters.counter("sync_loss_windows_total", "Times kernel events were lost, each repaired by a dump.");
        lossNs =
                counters.counter("sync_loss_nanoseconds_total", "Time from a loss of events to the end of its repair.");
        framesWithoutSession = counters.counter(
                "sync_frames_without_session_total",
                "Frames that came while no session with the peer existed; dropped.");
        framesOutOfRole = counters.counter(
                "sync_frames_out_of_role_total",
                "Frames that the other role expects, for example just after a switch.");
    }
}
