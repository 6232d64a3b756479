/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.SeededRandom;
import org.agrona.DirectBuffer;

/**
 * 64-bit hash of a flow's replicated content: addresses, ports, zone, masked status, mark, protocol state, and the rare
 * attributes. Chunks are added up, so their order does not matter; no slot number, id or time goes in. Equal content
 * gives equal hashes on both nodes.
 *
 * <p>Words are folded by 128-bit multiplication (as in Wang Yi's wyhash), seeded with the cluster's secret.
 */
final class ContentHash {
    private static final long PRIME_A = 0xa0761d6478bd642fL;
    private static final long PRIME_B = 0xe7037ed1a0b428dbL;

    private final Slots slots;
    private final ExtensionPool extensions;
    private final long seed;
    private final long statusMask;
    private final long flagsOrigMask;
    private final long flagsReplyMask;

    ContentHash(FlowTableConfig config, Slots slots, ExtensionPool extensions) {
        this.slots = slots;
        this.extensions = extensions;
        this.seed = SeededRandom.mix(config.hashSeed() ^ PRIME_A);
        this.statusMask = (long) config.statusMask() << 32 | 0xffff_ffffL;
        this.flagsOrigMask = (long) config.tcpFlagsMask() << 56 | 0x00ff_ffff_ffff_ffffL;
        this.flagsReplyMask = config.tcpFlagsMask() | ~0xffL;
    }

    long of(int slot) {
        DirectBuffer buffer = slots.buffer(slot);
        int core = slots.core(slot);
        int addresses = 4 * slots.addressBytes(slot);
        long hash = seed ^ addresses;
        for (int at = core - addresses; at < core; at += 16) {
            hash = fold(hash, buffer.getLong(at), buffer.getLong(at + 8));
        }
        hash = fold(hash, buffer.getLong(core), buffer.getLong(core + SlotLayout.ZONE) & statusMask);
        hash = fold(
                hash,
                buffer.getLong(core + SlotLayout.MARK) & flagsOrigMask,
                buffer.getLong(core + SlotLayout.TCP_FLAGS_REPLY) & flagsReplyMask);
        hash = fold(hash, buffer.getLong(core + SlotLayout.SCTP_VTAG_REPLY), PRIME_B);
        int reference = buffer.getInt(core + SlotLayout.EXTENSION);
        return SeededRandom.mix(reference == 0 ? hash : hash + ofChunks(reference));
    }

    private long ofChunks(int head) {
        long sum = 0;
        for (int reference = head; reference != 0; reference = extensions.next(reference)) {
            int kind = extensions.kind(reference);
            if (kind <= Regions.LAST_REPLICATED) {
                sum += ofRegion(kind, ExtensionPool.region(reference));
            }
        }
        return sum;
    }

    private long ofRegion(int kind, int region) {
        DirectBuffer buffer = extensions.buffer();
        long hash = seed + kind + 1;
        for (int i = 0; i < 48; i += 16) {
            hash = fold(hash, buffer.getLong(region + i), buffer.getLong(region + i + 8));
        }
        return fold(hash, buffer.getLong(region + 48), PRIME_B);
    }

    private static long fold(long hash, long first, long second) {
        long a = first ^ hash ^ PRIME_A;
        long b = second ^ Long.rotateLeft(hash, 32) ^ PRIME_B;
        return (a * b) ^ Math.unsignedMultiplyHigh(a, b);
    }
}
