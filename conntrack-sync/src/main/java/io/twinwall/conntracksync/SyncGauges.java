/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;

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
        String oldest = "Age of the oldest delta that the peer has not confirmed.";
        lagNs = counters.gauge(
                "sync_lag_nanoseconds",
                oldest,
                Series.of("sync_lag_seconds", oldest).scaled(Series.NANOSECONDS));
        bucketsDiffering = counters.gauge("sync_buckets_differing", "Buckets known to differ from the peer's.");
        String come = "How much of what differed has come.";
        progressPermille = counters.gauge(
                "sync_resync_progress_permille",
                come,
                Series.of("sync_resync_progress_ratio", come).scaled(1e-3));
        mode = counters.gauge("sync_mode", "0 off, 1 source, 2 mirror.");
        peerFlows = counters.gauge("sync_peer_flows", "Flows in the peer's mirror, by its last acknowledgement.");
        refused = counters.gauge(
                "sync_refused", "Flows of this mirror that its kernel would not take: a takeover would lose them.");
        peerRefused = counters.gauge(
                "sync_peer_refused", "Flows that the peer's kernel would not take: a takeover would lose them.");
        lossWindows =
                counters.counter("sync_loss_windows_total", "Times kernel events were lost, each repaired by a dump.");
        String lost = "Time from a loss of events to the end of its repair.";
        lossNs = counters.counter(
                "sync_loss_nanoseconds_total",
                lost,
                Series.of("sync_loss_seconds_total", lost).scaled(Series.NANOSECONDS));
        framesWithoutSession = counters.counter(
                "sync_frames_without_session_total",
                "Frames that came while no session with the peer existed; dropped.");
        framesOutOfRole = counters.counter(
                "sync_frames_out_of_role_total",
                "Frames that the other role expects, for example just after a switch.");
    }
}
