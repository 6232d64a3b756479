/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

/** One way of one path: what the network does to it. */
final class Direction {
    boolean cut;
    int lossPermille;
    int duplicatePermille;
    int reorderPermille;
    private static final long DELAY_NS = 60 * World.US;

    long delayNs = DELAY_NS;
    long jitterNs = 200 * World.US;
    /** Since when it is clean; {@link Long#MAX_VALUE} while it is not. */
    private long cleanSinceNs;

    void set(long nowNs, boolean nowCut, int nowLossPermille) {
        boolean was = clean();
        cut = nowCut;
        lossPermille = nowLossPermille;
        cleaned(nowNs, was);
    }

    /** Holds everything up by {@code byNs}. */
    void delay(long nowNs, long byNs) {
        boolean was = clean();
        delayNs = byNs;
        cleaned(nowNs, was);
    }

    void heal(long nowNs) {
        set(nowNs, false, 0);
        delay(nowNs, DELAY_NS);
    }

    private void cleaned(long nowNs, boolean was) {
        if (clean() != was) {
            cleanSinceNs = clean() ? nowNs : Long.MAX_VALUE;
        }
    }

    boolean clean() {
        return !cut && lossPermille == 0 && delayNs == DELAY_NS;
    }

    boolean cleanSince(long sinceNs) {
        return clean() && cleanSinceNs <= sinceNs;
    }

    /** Neither lossless and quick nor cut: what nobody can promise anything about. */
    boolean murky() {
        return !cut && (lossPermille > 0 || delayNs != DELAY_NS);
    }
}
