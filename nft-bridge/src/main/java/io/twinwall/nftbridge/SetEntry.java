/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.netlink.NftElem;
import java.util.Arrays;

/**
 * An element of a set as a node keeps it. Equal to another by its key. Of the thread that mirrors sets; {@code next} belongs
 * to the table that it is in.
 */
final class SetEntry {
    static final byte[] EMPTY = {};

    /** Deadline of what never expires. */
    static final long NEVER = Long.MAX_VALUE;

    final byte[] key;
    final byte[] keyEnd;
    byte[] attrs = EMPTY;
    byte[] exprs = EMPTY;

    /** 0: never expires. */
    long timeoutMs;

    long deadlineMs = NEVER;

    /** The source's own deadline as last told, in its clock: differs whenever the time left was told anew. */
    long stamp;

    /** The look at the kernel that saw it last. */
    int seen;

    /** Looks in a row that did not see it; on a mirror the look that last set its time right. */
    int noted;

    final int hash;
    SetEntry next;

    SetEntry(byte[] key, byte[] keyEnd) {
        this.key = key.length == 0 ? EMPTY : key;
        this.keyEnd = keyEnd.length == 0 ? EMPTY : keyEnd;
        hash = Arrays.hashCode(key) * 31 + Arrays.hashCode(keyEnd);
    }

    static SetEntry of(NftElem element, long timeoutMs, long nowMs) {
        SetEntry entry = new SetEntry(element.key(), element.keyEnd());
        entry.take(element, timeoutMs, nowMs);
        return entry;
    }

    void take(NftElem element, long effectiveTimeoutMs, long nowMs) {
        attrs = shared(element.attrs());
        exprs = shared(element.exprs());
        timeoutMs = effectiveTimeoutMs;
        deadlineMs = deadline(element.leftMs(), nowMs);
    }

    static byte[] shared(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : bytes;
    }

    static long deadline(long leftMs, long nowMs) {
        return leftMs < 0 ? NEVER : nowMs + leftMs;
    }

    /** Until it expires; -1: never. */
    long leftMs(long nowMs) {
        return deadlineMs == NEVER ? -1 : Math.max(0, deadlineMs - nowMs);
    }

    /** Whether there is still enough of its time to be worth a transaction. */
    boolean alive(long nowMs) {
        return deadlineMs - nowMs > SetTimes.WORTH_MS;
    }

    boolean is(NftElem element) {
        if (element.keyLength() != key.length || element.keyEndLength() != keyEnd.length) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (element.keyAt(i) != key[i]) {
                return false;
            }
        }
        for (int i = 0; i < keyEnd.length; i++) {
            if (element.keyEndAt(i) != keyEnd[i]) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #hash} of an entry made of {@code element}. */
    static int hash(NftElem element) {
        int key = 1;
        for (int i = 0; i < element.keyLength(); i++) {
            key = 31 * key + element.keyAt(i);
        }
        int keyEnd = 1;
        for (int i = 0; i < element.keyEndLength(); i++) {
            keyEnd = 31 * keyEnd + element.keyEndAt(i);
        }
        return key * 31 + keyEnd;
    }

    /** Its part of the set's digest. */
    long digest() {
        long hash64 = SetHash.of(key) * 3 + SetHash.of(keyEnd) * 5 + SetHash.of(attrs) * 7;
        return SetHash.mix(hash64 + SetHash.mix(timeoutMs) * 11 + SetHash.mix(stamp));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SetEntry entry && Arrays.equals(key, entry.key) && Arrays.equals(keyEnd, entry.keyEnd);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
