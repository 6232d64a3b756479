/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/**
 * A node's clocks, as functions of true time: a monotonic one that drifts, and a wall clock beside it that is stepped
 * besides. Only a planted bug looks at the latter.
 */
final class NodeClock {
    private final long originNs;
    private final double rate;
    private final boolean wall;
    private long steppedNs;

    NodeClock(long originNs, int driftPpm, boolean wall) {
        this.originNs = originNs;
        rate = 1 + driftPpm * 1e-6;
        this.wall = wall;
    }

    long read(long trueNs) {
        return originNs + (long) (trueNs * rate) + (wall ? steppedNs : 0);
    }

    /** The first true time at which the clock shows {@code shownNs} or later, as far as no step comes between. */
    long when(long shownNs) {
        return (long) Math.ceil((shownNs - originNs - (wall ? steppedNs : 0)) / rate);
    }

    void stepWall(long byNs) {
        steppedNs += byNs;
    }
}
