/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.OffHeap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Chunks of 64 bytes for the attributes that few flows have, linked from their slot. A chunk holds one region of a
 * {@link FlowImage} as it stands; a slot has at most one of each kind. Regions of nothing but zeroes are not kept.
 *
 * <pre>
 *   0 | next chunk + 1 | kind |      KIND 0: labels, helper, seqadj   1: master, synproxy     (content)
 *   8 | region (56)           |           2: counters   3, 4: security context        (not replicated)
 * </pre>
 *
 * One thread; the memory lives as long as its {@link OffHeap}. A reference is a chunk's number + 1, 0 is none.
 */
final class ExtensionPool {
    static final int KINDS = 5;

    private static final int CHUNK_BYTES = 64;
    private static final int KIND = 4;
    private static final int REGION = 8;
    private static final int REGION_BYTES = 56;

    private final UnsafeBuffer buffer;
    private int fresh;
    private int firstFree;
    private int used;

    ExtensionPool(OffHeap memory, int flowsMax) {
        buffer = memory.map((long) flowsMax * KINDS * CHUNK_BYTES);
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int used() {
        return used;
    }

    long touchedBytes() {
        return (long) fresh * CHUNK_BYTES;
    }

    static int region(int reference) {
        return (reference - 1) * CHUNK_BYTES + REGION;
    }

    int next(int reference) {
        return buffer.getInt((reference - 1) * CHUNK_BYTES);
    }

    int kind(int reference) {
        return buffer.getInt((reference - 1) * CHUNK_BYTES + KIND);
    }

    /** The chunk of {@code kind} in the list that starts with {@code head}, or 0. */
    int find(int head, int kind) {
        int reference = head;
        while (reference != 0 && kind(reference) != kind) {
            reference = next(reference);
        }
        return reference;
    }

    /** Adds a zeroed chunk and returns it; it is the list's new head. There is always room: one of a kind for each flow. */
    int add(int head, int kind) {
        int reference = firstFree;
        if (reference == 0) {
            reference = ++fresh;
        } else {
            firstFree = next(reference);
        }
        used++;
        int at = (reference - 1) * CHUNK_BYTES;
        buffer.setMemory(at, CHUNK_BYTES, (byte) 0);
        buffer.putInt(at, head);
        buffer.putInt(at + KIND, kind);
        return reference;
    }

    /** Takes {@code reference} out of the list and frees it; returns the list's head. */
    int remove(int head, int reference) {
        int newHead = head;
        if (head == reference) {
            newHead = next(reference);
        } else {
            int before = head;
            while (next(before) != reference) {
                before = next(before);
            }
            buffer.putInt((before - 1) * CHUNK_BYTES, next(reference));
        }
        free(reference);
        return newHead;
    }

    void removeAll(int head) {
        int reference = head;
        while (reference != 0) {
            int next = next(reference);
            free(reference);
            reference = next;
        }
    }

    boolean isZero(int reference) {
        long bits = 0;
        int region = region(reference);
        for (int i = 0; i < REGION_BYTES; i += Long.BYTES) {
            bits |= buffer.getLong(region + i);
        }
        return bits == 0;
    }

    void clear() {
        fresh = 0;
        firstFree = 0;
        used = 0;
    }

    private void free(int reference) {
        buffer.putInt((reference - 1) * CHUNK_BYTES, firstFree);
        firstFree = reference;
        used--;
    }
}
