/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/** One way of one path: what the network does to it. */
final class Direction {
    boolean cut;
    int lossPermille;
    int duplicatePermille;
    int reorderPermille;
    long delayNs = 60 * World.US;
    long jitterNs = 200 * World.US;
    /** Since when it is clean; {@link Long#MAX_VALUE} while it is not. */
    private long cleanSinceNs;

    void set(long nowNs, boolean nowCut, int nowLossPermille) {
        boolean was = clean();
        cut = nowCut;
        lossPermille = nowLossPermille;
        if (clean() != was) {
            cleanSinceNs = clean() ? nowNs : Long.MAX_VALUE;
        }
    }

    boolean clean() {
        return !cut && lossPermille == 0;
    }

    boolean cleanSince(long sinceNs) {
        return clean() && cleanSinceNs <= sinceNs;
    }

    /** Neither lossless nor cut: what nobody can promise anything about. */
    boolean murky() {
        return !cut && lossPermille > 0;
    }
}
