/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * Slots whose newest state has yet to be taken, first marked first: a list through the slots themselves, so it needs no
 * memory and cannot overflow. A slot is in it at most once, which {@link SlotLayout#DIRTY} says.
 */
final class DirtyQueue {
    private static final int NIL = -1;

    private final Slots slots;
    private int head = NIL;
    private int tail = NIL;
    private int count;

    DirtyQueue(Slots slots) {
        this.slots = slots;
    }

    int count() {
        return count;
    }

    /** Appends {@code slot} unless it is there. */
    void add(int slot) {
        if (slots.is(slot, SlotLayout.DIRTY)) {
            return;
        }
        slots.set(slot, SlotLayout.DIRTY);
        slots.putInt(slot, SlotLayout.NEXT, NIL);
        if (tail == NIL) {
            head = slot;
        } else {
            slots.putInt(tail, SlotLayout.NEXT, slot);
        }
        tail = slot;
        count++;
    }

    /** Takes the oldest, or returns -1. */
    int poll() {
        int slot = head;
        if (slot != NIL) {
            head = slots.getInt(slot, SlotLayout.NEXT);
            if (head == NIL) {
                tail = NIL;
            }
            slots.reset(slot, SlotLayout.DIRTY);
            count--;
        }
        return slot;
    }

    void clear() {
        head = NIL;
        tail = NIL;
        count = 0;
    }
}
