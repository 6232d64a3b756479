/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import io.twinwall.base.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Makes new inputs of those there are, from a seed. */
final class Mutator {
    /** What lengths, counts and numbers go wrong at. */
    private static final int[] INTERESTING = {
        0,
        1,
        2,
        3,
        4,
        7,
        8,
        15,
        16,
        17,
        20,
        24,
        31,
        32,
        63,
        64,
        127,
        128,
        255,
        256,
        511,
        512,
        1_023,
        1_024,
        4_095,
        4_096,
        32_767,
        32_768,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        -1,
        -2,
        -4,
        -16
    };

    private static final int STEPS_MAX = 5;

    private final SeededRandom random;
    private final List<byte[]> corpus;
    private final int bytesMax;
    private final String[] words;

    /** {@code corpus} may grow meanwhile. */
    Mutator(SeededRandom random, List<byte[]> corpus, int bytesMax, String... words) {
        this.random = random;
        this.corpus = corpus;
        this.bytesMax = bytesMax;
        this.words = words;
    }

    byte[] next() {
        byte[] input = any().clone();
        for (int steps = 1 + random.nextInt(STEPS_MAX); steps > 0; steps--) {
            input = mutate(input);
        }
        return input.length > bytesMax ? Arrays.copyOf(input, bytesMax) : input;
    }

    /** The newest inputs found something new: half of the time one of them. */
    private byte[] any() {
        int size = corpus.size();
        int newest = Math.max(1, size / 8);
        return corpus.get(random.chance(2) ? size - 1 - random.nextInt(newest) : random.nextInt(size));
    }

    private byte[] mutate(byte[] input) {
        if (input.length == 0) {
            return any().clone();
        }
        int at = random.nextInt(input.length);
        return switch (random.nextInt(words.length == 0 ? 10 : 12)) {
            case 0, 1 -> {
                input[at] ^= (byte) (1 << random.nextInt(8));
                yield input;
            }
            case 2 -> {
                input[at] = (byte) random.nextInt(256);
                yield input;
            }
            case 3 -> number(input, at);
            case 4 -> length(input, at);
            case 5 -> Arrays.copyOf(input, random.nextInt(input.length) + 1);
            case 6 -> replaced(input, at, Math.min(input.length - at, 1 + random.nextInt(32)), new byte[0]);
            case 7 -> {
                byte[] other = any();
                yield replaced(input, at, 0, part(other));
            }
            case 8 -> replaced(input, at, 0, part(input));
            case 9 -> nest(input, at & ~3);
            default ->
                replaced(
                        input,
                        at,
                        random.nextInt(Math.min(8, input.length - at) + 1),
                        words[random.nextInt(words.length)].getBytes(StandardCharsets.UTF_8));
        };
    }

    /** An interesting number of 1, 2, 4 or 8 bytes, either way round. */
    private byte[] number(byte[] input, int at) {
        long number = INTERESTING[random.nextInt(INTERESTING.length)];
        int bytes = 1 << random.nextInt(4);
        boolean big = random.chance(2);
        for (int i = 0; i < bytes && at + i < input.length; i++) {
            input[at + i] = (byte) (number >>> (8 * (big ? bytes - 1 - i : i)));
        }
        return input;
    }

    /** The number of bytes from here to the end or thereabouts, where a length may stand. */
    private byte[] length(byte[] input, int at) {
        int even = at & ~1;
        int left = input.length - even + random.nextInt(9) - 4;
        if (even + 1 < input.length) {
            input[even] = (byte) left;
            input[even + 1] = (byte) (left >>> 8);
        }
        return input;
    }

    /** What is behind becomes the inside of an attribute: length, type, in host order, nested or not. */
    private byte[] nest(byte[] input, int at) {
        int inside = 4 + random.nextInt(input.length - at + 1);
        int type = random.nextInt(24) | (random.chance(2) ? 1 << 15 : 0);
        byte[] head = {(byte) inside, (byte) (inside >>> 8), (byte) type, (byte) (type >>> 8)};
        return replaced(input, at, 0, head);
    }

    private byte[] part(byte[] of) {
        if (of.length == 0) {
            return of;
        }
        int from = random.nextInt(of.length);
        return Arrays.copyOfRange(of, from, from + 1 + random.nextInt(Math.min(64, of.length - from)));
    }

    private static byte[] replaced(byte[] input, int at, int count, byte[] by) {
        byte[] all = new byte[input.length - count + by.length];
        System.arraycopy(input, 0, all, 0, at);
        System.arraycopy(by, 0, all, at, by.length);
        System.arraycopy(input, at + count, all, at + by.length, input.length - at - count);
        return all;
    }
}
