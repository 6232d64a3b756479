/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What the state replication last said of itself: on the active how far its mirrors are behind, on the passive how far
 * it is behind.
 *
 * @param refused flows that the mirror's kernel would not take
 */
public record Sync(Readiness readiness, long lagDeltas, long lagNs, boolean equal, long refused) {
    static final Sync COLD = new Sync(Readiness.COLD, 0, 0, false);
    static final Sync SYNCING = new Sync(Readiness.SYNCING, 0, 0, false);
    static final Sync SOURCE = new Sync(Readiness.READY, 0, 0, true);

    public Sync(Readiness readiness, long lagDeltas, long lagNs, boolean equal) {
        this(readiness, lagDeltas, lagNs, equal, 0);
    }
}
