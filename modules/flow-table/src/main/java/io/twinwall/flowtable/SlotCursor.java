/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.flowtable;

/**
 * A walk over all live flows in slices, by slot number, while the table changes: a flow stays in its slot as long as it
 * lives, so every flow that lives throughout a walk is met exactly once. The table's thread.
 */
public final class SlotCursor {
    private final Slots slots;
    private int slot = -1;
    private boolean isDone;

    SlotCursor(Slots slots) {
        this.slots = slots;
    }

    /**
     * Looks at up to {@code slotsMax} slots, whether used or not, and hands the live ones to {@code consumer}, which may
     * change the table.
     *
     * @return how many were handed over
     */
    public int advance(int slotsMax, SlotConsumer consumer) {
        int visited = 0;
        for (int i = 0; i < slotsMax && !isDone; i++) {
            int next = slots.next(slot);
            if (next < 0) {
                isDone = true;
            } else {
                slot = next;
                if (slots.is(slot, SlotLayout.LIVE)) {
                    consumer.accept(slot);
                    visited++;
                }
            }
        }
        return visited;
    }

    /** True when the walk has met all; {@link #restart} begins the next. */
    public boolean done() {
        return isDone;
    }

    public void restart() {
        slot = -1;
        isDone = false;
    }
}
