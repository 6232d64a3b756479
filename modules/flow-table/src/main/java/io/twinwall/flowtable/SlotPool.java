/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

import io.twinwall.base.OffHeap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Slots of one family and size: never-used ones are handed out in order, so that memory becomes resident only as the
 * table grows, and freed ones first, last freed first. One thread; the memory lives as long as its {@link OffHeap}.
 */
final class SlotPool {
    static final int NONE = -1;

    private final UnsafeBuffer buffer;
    private final int slotBytes;
    private final int addressesBytes;
    private int fresh;
    private int firstFree = NONE;
    private int used;

    SlotPool(OffHeap memory, int slots, int slotBytes, int addressesBytes) {
        this.buffer = memory.map((long) slots * slotBytes);
        this.slotBytes = slotBytes;
        this.addressesBytes = addressesBytes;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /** Offset of the core of slot {@code index}. */
    int core(int index) {
        return index * slotBytes + addressesBytes;
    }

    /** Slots ever used: all live ones lie below. */
    int fresh() {
        return fresh;
    }

    int used() {
        return used;
    }

    /** A zeroed slot. The owner bounds their number. */
    int allocate() {
        used++;
        if (firstFree == NONE) {
            return fresh++;
        }
        int index = firstFree;
        firstFree = buffer.getInt(core(index) + SlotLayout.NEXT);
        buffer.setMemory(index * slotBytes, slotBytes, (byte) 0);
        return index;
    }

    void free(int index) {
        used--;
        buffer.putInt(core(index) + SlotLayout.FLAGS, 0);
        buffer.putInt(core(index) + SlotLayout.NEXT, firstFree);
        firstFree = index;
    }

    /** Frees all; what was used is zeroed, so that the next pass may hand it out as fresh. */
    void clear() {
        for (int i = 0; i < fresh; i++) {
            buffer.setMemory(i * slotBytes, slotBytes, (byte) 0);
        }
        fresh = 0;
        used = 0;
        firstFree = NONE;
    }
}
