/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.conntracksync.SyncReport.Changed;
import io.twinwall.conntracksync.SyncReport.Readiness;
import java.util.function.Consumer;

/**
 * Tells what this node's copy is worth when that is news: another readiness or equality at once; that replication lags
 * when it crosses the bound, and that it does no longer below half of it; and now and then how the numbers stand while
 * they matter. Allocates for news only. The sync agent's thread.
 */
final class Bulletin {
    private static final long NUMBERS_EVERY_NS = 1_000_000_000L;

    private final Consumer<SyncReport> reports;
    private final Hysteresis lagging;
    private Changed last;
    private long lastNs;

    Bulletin(long lagDeltasMax, Consumer<SyncReport> reports) {
        this.reports = reports;
        lagging = new Hysteresis(lagDeltasMax);
    }

    /** A role begins, or goes on under another term: all is to be told anew. */
    void forget() {
        last = null;
    }

    void tell(
            long term, Readiness readiness, boolean equal, long lagDeltas, long lagNs, long refusedFlows, long nowNs) {
        boolean crossed = lagging.update(lagDeltas);
        boolean isNews = last == null || last.readiness() != readiness || last.equal() != equal || crossed;
        if (isNews || (nowNs - lastNs >= NUMBERS_EVERY_NS && numbersMoved(lagDeltas, refusedFlows))) {
            last = new Changed(term, readiness, equal, lagDeltas, lagNs, refusedFlows);
            lastNs = nowNs;
            reports.accept(last);
        }
    }

    private boolean numbersMoved(long lagDeltas, long refusedFlows) {
        return refusedFlows != last.refused() || (lagging.above() && lagDeltas != last.lagDeltas());
    }

    /** Above from more than {@code max} until less than half of it. */
    static final class Hysteresis {
        private final long max;
        private boolean above;

        Hysteresis(long max) {
            this.max = max;
        }

        /** True when {@code value} crosses. */
        boolean update(long value) {
            boolean was = above;
            above = value > (was ? max / 2 : max);
            return above != was;
        }

        boolean above() {
            return above;
        }
    }
}
