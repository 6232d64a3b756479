/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.SeededRandom;
import org.agrona.DirectBuffer;

/**
 * Hash of a flow's key under the cluster's secret: SipHash-1-3 (Aumasson, Bernstein, "SipHash: a fast short-input PRF",
 * 2012), so that nobody without the secret can aim flows at one place of the table. The same key gives the same hash on
 * both nodes.
 */
final class KeyHash {
    private final long k0;
    private final long k1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    KeyHash(long seed) {
        k0 = SeededRandom.mix(seed ^ 0x6b65792d6861736bL);
        k1 = SeededRandom.mix(k0 ^ seed);
    }

    /** The upper half of the hash; all places and buckets come from its highest bits. */
    int of(FlowImage key) {
        DirectBuffer buffer = key.buffer();
        begin();
        if (key.isIpv6()) {
            word(buffer.getLong(FlowImageLayout.ORIG_SRC));
            word(buffer.getLong(FlowImageLayout.ORIG_SRC + 8));
            word(buffer.getLong(FlowImageLayout.ORIG_DST));
            word(buffer.getLong(FlowImageLayout.ORIG_DST + 8));
        } else {
            long src = buffer.getInt(FlowImageLayout.ORIG_SRC) & 0xffff_ffffL;
            word(src | (long) buffer.getInt(FlowImageLayout.ORIG_DST) << 32);
        }
        long ports = buffer.getInt(FlowImageLayout.ORIG_SPORT) & 0xffff_ffffL;
        word(ports | (long) key.zoneOrig() << 32 | (long) key.l4proto() << 48 | (long) key.family() << 56);
        return (int) (end() >>> 32);
    }

    private void begin() {
        v0 = k0 ^ 0x736f6d6570736575L;
        v1 = k1 ^ 0x646f72616e646f6dL;
        v2 = k0 ^ 0x6c7967656e657261L;
        v3 = k1 ^ 0x7465646279746573L;
    }

    private void word(long word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }

    private long end() {
        // The length word of SipHash is left out: a key's length follows from its family, which is in its last word.
        v2 ^= 0xff;
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
        v0 += v1;
        v2 += v3;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 = Long.rotateLeft(v2, 32);
    }
}
