/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

/** FNV-1a with a finish that spreads, the same on both nodes. */
final class SetHash {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private SetHash() {}

    static long of(byte[] bytes) {
        long hash = BASIS;
        for (byte one : bytes) {
            hash = (hash ^ (one & 0xff)) * PRIME;
        }
        return mix(hash ^ bytes.length);
    }

    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
