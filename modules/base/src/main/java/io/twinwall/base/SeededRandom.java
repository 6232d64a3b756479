/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

/**
 * Repeatable random numbers (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
 * The same seed gives the same numbers on every machine and version. Not for keys or nonces.
 */
public final class SeededRandom {
    private final long seed;
    private long state;

    public SeededRandom(long seed) {
        this.seed = seed;
        this.state = seed;
    }

    /** The seed this generator started from, to be printed by whoever reports a failure. */
    public long seed() {
        return seed;
    }

    public long nextLong() {
        return mix(state += 0x9e3779b97f4a7c15L);
    }

    /** Uniform in {@code [0, bound)}; {@code bound} is at least 1. */
    public int nextInt(int bound) {
        Check.that(bound > 0, "bound", bound);
        return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** True once in {@code oneIn} on average. */
    public boolean chance(int oneIn) {
        return nextInt(oneIn) == 0;
    }

    /** Fills {@code bytes}. */
    public void nextBytes(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (nextLong() >>> 56);
        }
    }

    /** SplitMix64's finaliser: a bijection on 64 bits whose every output bit depends on every input bit. */
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
