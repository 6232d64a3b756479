/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Check;
import io.twinwall.wire.ExpectationDecoder;
import java.util.Arrays;
import java.util.BitSet;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2LongHashMap;

/**
 * The expectations of the pair's flows, each as the wire's record, with what is still to be done for it: to be sent (source)
 * or to be brought into the kernel (mirror). Few and short-lived beside the flows, so the table is small and fixed; what it
 * has no room for is refused. On the sync agent's thread; allocates nothing after construction.
 *
 * <pre>
 *   FREE ── apply ──> LIVE ── remove ──> GONE (its end is still to be told) ── free ──> FREE
 * </pre>
 */
final class ExpectTable {
    static final int CAPACITY = 4096;
    static final int RECORD_BYTES = ExpectationDecoder.ENCODED_LENGTH;

    /** The first bytes of a record tell it from others: the tuple expected, with its mask. */
    static final int KEY_BYTES = ExpectationDecoder.masterSrcEncodingOffset();

    /** A deadline that moves by less is the grain of the kernel's seconds and of the way. */
    private static final long DEADLINE_SLACK_MS = 5_000;

    private static final int ABSENT = -1;

    private final MutableDirectBuffer records;
    private final long seed;
    private final Long2LongHashMap slotsByKey = new Long2LongHashMap(2 * CAPACITY, 0.55f, ABSENT);
    private final BitSet live = new BitSet(CAPACITY);
    private final BitSet gone = new BitSet(CAPACITY);
    private final BitSet dirty = new BitSet(CAPACITY);
    private final int[] free = new int[CAPACITY];
    private final long[] hashes = new long[CAPACITY];
    private final long[] deadlinesMs = new long[CAPACITY];
    private final int[] stamps = new int[CAPACITY];
    private final BitSet renewed = new BitSet(CAPACITY);
    private int freeCount;
    private int count;
    private long digest;
    private int generation;

    ExpectTable(MutableDirectBuffer records, long seed) {
        Check.that(records.capacity() >= bytes(), "expectation records", records.capacity());
        this.records = records;
        this.seed = seed;
        while (freeCount < CAPACITY) {
            free[freeCount] = CAPACITY - 1 - freeCount;
            freeCount++;
        }
    }

    static int bytes() {
        return CAPACITY * RECORD_BYTES;
    }

    /**
     * Takes in the newest state of an expectation; dirty when that is news. Returns its slot, or -1 when there is no room.
     */
    int apply(DirectBuffer record, int offset, long timeoutSeconds, long nowMs) {
        long key = hash(record, offset, KEY_BYTES);
        long deadlineMs = nowMs + timeoutSeconds * 1000;
        int slot = (int) slotsByKey.get(key);
        if (slot == ABSENT) {
            if (freeCount == 0) {
                return ABSENT;
            }
            slot = free[--freeCount];
            slotsByKey.put(key, slot);
        }
        boolean lived = live.get(slot);
        long newHash = hash(record, offset, RECORD_BYTES);
        if (!lived || newHash != hashes[slot]) {
            if (lived) {
                digest -= hashes[slot];
            } else {
                count++;
                live.set(slot);
                gone.clear(slot);
            }
            records.putBytes(slot * RECORD_BYTES, record, offset, RECORD_BYTES);
            hashes[slot] = newHash;
            digest += newHash;
            renewed.set(slot);
            dirty.set(slot);
            deadlinesMs[slot] = deadlineMs;
        } else if (Math.abs(deadlineMs - deadlinesMs[slot]) > DEADLINE_SLACK_MS) {
            // Else the peer's stays, and small changes add up until they are told.
            dirty.set(slot);
            deadlinesMs[slot] = deadlineMs;
        }
        stamps[slot] = generation;
        return slot;
    }

    /** The slot of the live expectation with this key, or -1. */
    int find(DirectBuffer record, int offset) {
        int slot = (int) slotsByKey.get(hash(record, offset, KEY_BYTES));
        return slot != ABSENT && live.get(slot) ? slot : ABSENT;
    }

    /** Ends the expectation in {@code slot}; it stays, dirty, until {@link #free}. */
    void remove(int slot) {
        Check.that(live.get(slot), "not a live expectation", slot);
        live.clear(slot);
        gone.set(slot);
        dirty.set(slot);
        count--;
        digest -= hashes[slot];
    }

    /** Gives the slot of an ended expectation back. */
    void free(int slot) {
        Check.that(gone.get(slot), "not an ended expectation", slot);
        gone.clear(slot);
        dirty.clear(slot);
        renewed.clear(slot);
        slotsByKey.remove(hash(records, slot * RECORD_BYTES, KEY_BYTES));
        free[freeCount++] = slot;
    }

    /** Nobody needs to hear of the ends any more. */
    void forgetGone() {
        for (int slot = gone.nextSetBit(0); slot >= 0; slot = gone.nextSetBit(slot + 1)) {
            free(slot);
        }
    }

    /** Forgets what was to be done for the other role. */
    void settle() {
        forgetGone();
        dirty.clear();
        renewed.clear();
    }

    /** What is applied from here on is told from what was before: see {@link #isStale}. */
    void newGeneration() {
        generation++;
    }

    void stamp(int slot) {
        stamps[slot] = generation;
    }

    /** True when nothing was heard of the expectation in {@code slot} since {@link #newGeneration}. */
    boolean isStale(int slot) {
        return stamps[slot] != generation;
    }

    int nextLive(int from) {
        return live.nextSetBit(from);
    }

    int nextDirty(int from) {
        return dirty.nextSetBit(from);
    }

    boolean isLive(int slot) {
        return live.get(slot);
    }

    boolean anyDirty() {
        return !dirty.isEmpty();
    }

    int dirtyCount() {
        return dirty.cardinality();
    }

    void dirty(int slot, boolean isDirty) {
        dirty.set(slot, isDirty);
    }

    /** True when more than the timeout changed since {@link #done}. */
    boolean isRenewed(int slot) {
        return renewed.get(slot);
    }

    void renewed(int slot) {
        renewed.set(slot);
    }

    /** What was to be done for {@code slot} is done. */
    void done(int slot) {
        dirty.clear(slot);
        renewed.clear(slot);
    }

    DirectBuffer records() {
        return records;
    }

    int offset(int slot) {
        return slot * RECORD_BYTES;
    }

    long remainingSeconds(int slot, long nowMs) {
        return Math.max(0, (deadlinesMs[slot] - nowMs + 999) / 1000);
    }

    /** Live expectations. */
    int count() {
        return count;
    }

    /** Sum of the hashes of all live expectations, timeouts left out. */
    long digest() {
        return digest;
    }

    /** Of the flow that expects. */
    long hashOfMaster(DirectBuffer record, int offset) {
        int addresses = ExpectationDecoder.masterSrcEncodingOffset();
        int ports = ExpectationDecoder.masterSportEncodingOffset();
        int proto = ExpectationDecoder.masterProtoEncodingOffset();
        long rest = record.getInt(offset + ports) * 256L + record.getByte(offset + proto);
        return hash(record, offset + addresses, 32) + 31 * rest;
    }

    /** Words of 8 bytes, each mixed as in MurmurHash3's finalizer. */
    private long hash(DirectBuffer record, int offset, int bytes) {
        long hash = seed;
        for (int i = 0; i < bytes; i += Long.BYTES) {
            hash ^= record.getLong(offset + i, java.nio.ByteOrder.LITTLE_ENDIAN);
            hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
            hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
            hash ^= hash >>> 33;
        }
        return hash;
    }

    /** Begins empty. */
    void clear() {
        for (int slot = live.nextSetBit(0); slot >= 0; slot = live.nextSetBit(slot + 1)) {
            remove(slot);
        }
        settle();
        Arrays.fill(stamps, 0);
    }
}
