/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

/** Walks over the numbers below a bound in great steps: what comes next is in no cache for what came before. */
public final class Scattered {
    /** A prime, so that all come before one comes again, as long as the bound is no multiple of it. */
    private static final int STEP = 100_003;

    private final int bound;
    private int at;

    public Scattered(int bound) {
        this.bound = bound;
    }

    public int next() {
        at = (at + STEP) % bound;
        return at;
    }
}
