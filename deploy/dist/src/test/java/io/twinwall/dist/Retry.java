/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import io.twinwall.lab.StallTicker;

/**
 * Tests that a machine which stands still can break: that is a failure which nobody ordered, at a time that nobody chose.
 * Only then a test is made again.
 */
final class Retry {
    /** More than a heartbeat of profile {@code fast} and the slop that it allows for. */
    static final long FAST_STALL_NS = 60_000_000L;

    /** Less than a lease of profile {@code calm} less a heartbeat. */
    static final long CALM_STALL_NS = 250_000_000L;

    static final int TRIES = 3;

    /** What is to hold. */
    @FunctionalInterface
    interface Attempt<T, E extends Exception> {
        T make() throws E;
    }

    /** What is to hold, and yields nothing. */
    @FunctionalInterface
    interface Check<E extends Exception> {
        void make() throws E;
    }

    private Retry() {}

    /** What the attempt yields; it is made again when it failed and the machine stood still for {@code stallNs} meanwhile. */
    static <T, E extends Exception> T valueWhenStalled(long stallNs, Attempt<T, E> attempt) throws E {
        for (int i = 1; ; i++) {
            try (StallTicker ticker = new StallTicker()) {
                try {
                    return attempt.make();
                } catch (AssertionError | Exception e) {
                    long worstNs = ticker.worstNs();
                    boolean ending = e instanceof InterruptedException
                            || Thread.currentThread().isInterrupted();
                    if (ending || i == TRIES || worstNs < stallNs) {
                        throw e;
                    }
                    System.out.println(
                            "again, since the machine stood still for up to " + worstNs / 1_000_000 + " ms while " + e);
                }
            }
        }
    }

    /** The same of what yields nothing. */
    static <E extends Exception> void whenStalled(long stallNs, Check<E> check) throws E {
        Retry.<Void, E>valueWhenStalled(stallNs, () -> {
            check.make();
            return null;
        });
    }
}
