/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import io.twinwall.base.SeededRandom;

/** Seeds of randomised tests: {@code -Dtwinwall.seed=N} when given, else a new one; printed either way. */
public final class Seeds {
    private static final String PROPERTY = "twinwall.seed";

    private Seeds() {}

    /** A seed for the test {@code what}; the line printed says how to run the same again. */
    public static long seed(String what) {
        Long given = Long.getLong(PROPERTY);
        long seed = given != null ? given : SeededRandom.mix(System.nanoTime());
        System.out.println(what + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }

    /** A generator started from {@link #seed}. */
    public static SeededRandom random(String what) {
        return new SeededRandom(seed(what));
    }

    /** Runs {@code work}; its failure names the seed, so that the report alone is enough to repeat it. */
    public static void with(SeededRandom random, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("-D" + PROPERTY + "=" + random.seed() + ": " + e.getMessage(), e);
        }
    }
}
