/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;

/** Counters of received frames. Made once, shared by the openers of all sessions. One writing thread. */
public final class FrameCounters {
    final Counter opened;
    final Counter gaps;
    final Counter missed;
    final RefuseCounters refused;

    public FrameCounters(Counters counters) {
        opened = counters.counter("wire_frames_opened_total", "Frames accepted.");
        gaps = counters.counter("wire_frames_gaps_total", "Times that frames were missing; each asks for a resync.");
        missed = counters.counter("wire_frames_missed_total", "Frames that were missing.");
        refused = new RefuseCounters(counters, "frames");
    }

    /** Frames refused so far for {@code reason}. */
    public long refused(RefuseReason reason) {
        return refused.get(reason);
    }

    /** Frames refused so far. */
    public long refused() {
        return refused.sum();
    }
}
