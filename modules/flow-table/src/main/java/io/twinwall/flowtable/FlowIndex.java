/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.Check;
import io.twinwall.base.OffHeap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Key to slot: open addressing with linear probing, deletion by backward shift, at most three quarters full.
 *
 * <p>An entry is {@code hash << 32 | slot + 1}; 0 is empty. An entry's home is the highest bits of its hash, so homes
 * are in the order of hashes and the homes of one bucket are one run of places. A bucket's entries are found from the
 * first of these homes on: each lies at or behind its own home with no empty place between, so nothing of the bucket can
 * lie behind the first empty place that follows its last home. Both hold across the end of the array.
 *
 * <p>One thread; the memory lives as long as its {@link OffHeap}.
 */
final class FlowIndex {
    static final int NOT_FOUND = -1;

    private final UnsafeBuffer entries;
    private final int places;
    private final int shift;
    private final int mask;

    FlowIndex(OffHeap memory, int flowsMax) {
        int bits = Math.max(4, 32 - Integer.numberOfLeadingZeros(flowsMax + flowsMax / 3));
        places = 1 << bits;
        shift = 32 - bits;
        mask = places - 1;
        entries = memory.map((long) places * Long.BYTES);
    }

    long bytes() {
        return (long) places * Long.BYTES;
    }

    /** The place at which to begin looking for {@code hash}. */
    int home(int hash) {
        return hash >>> shift;
    }

    int next(int place) {
        return (place + 1) & mask;
    }

    int previous(int place) {
        return (place - 1) & mask;
    }

    /** The entry at {@code place}; 0 when empty. */
    long entry(int place) {
        return entries.getLong(place << 3);
    }

    static int hashOf(long entry) {
        return (int) (entry >>> 32);
    }

    static int slotOf(long entry) {
        return (int) entry - 1;
    }

    /** Adds an entry; the caller has made sure that its key is not there and that there is room. */
    void insert(int hash, int slot) {
        int place = home(hash);
        while (entry(place) != 0) {
            place = next(place);
        }
        put(place, (long) hash << 32 | (slot + 1));
    }

    void remove(int hash, int slot) {
        long wanted = (long) hash << 32 | (slot + 1);
        int hole = home(hash);
        while (entry(hole) != wanted) {
            Check.that(entry(hole) != 0, "a slot is missing in the index", slot);
            hole = next(hole);
        }
        int place = next(hole);
        long entry = entry(place);
        while (entry != 0) {
            int displacement = (place - home(hashOf(entry))) & mask;
            if (displacement >= ((place - hole) & mask)) {
                put(hole, entry);
                hole = place;
            }
            place = next(place);
            entry = entry(place);
        }
        put(hole, 0);
    }

    /** Zeroes what is not zero: reading a page that was never written does not make it resident. */
    void clear() {
        for (int place = 0; place < places; place++) {
            if (entry(place) != 0) {
                put(place, 0);
            }
        }
    }

    private void put(int place, long entry) {
        entries.putLong(place << 3, entry);
    }
}
