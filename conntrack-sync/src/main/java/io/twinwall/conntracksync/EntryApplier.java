/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;

/** Puts a flow of the own kernel into the table, unless it is the node's own, and decides whether it is replicated. */
final class EntryApplier {
    private static final int NEWS = FlowTable.CREATED | FlowTable.CHANGED | FlowTable.RECREATED;

    private final FlowTable table;
    private FlowFilter filter;
    private int slot = -1;
    private int result;

    EntryApplier(FlowTable table, FlowFilter filter) {
        this.table = table;
        this.filter = filter;
    }

    void filter(FlowFilter newFilter) {
        filter = newFilter;
    }

    /**
     * Applies {@code image}; {@code how} as in {@link FlowTable#apply}, without REPLICATE, which is decided here. True
     * when that brought news.
     */
    boolean apply(FlowImage image, int how, long nowMs) {
        slot = -1;
        result = FlowTable.UNCHANGED;
        if (!filter.accepts(image)) {
            return false;
        }
        result = table.apply(image, replicated(image) ? how | FlowTable.REPLICATE : how, nowMs);
        slot = table.appliedSlot();
        return (result & NEWS) != 0;
    }

    /** The slot of the last flow applied, or -1 when that was the node's own or not taken. */
    int slot() {
        return slot;
    }

    /** What the last {@link #apply} did, as {@link FlowTable#apply} says it. */
    int result() {
        return result;
    }

    /** True when the flow belongs to the pair, not to the node alone. */
    boolean accepts(FlowImage image) {
        return filter.accepts(image);
    }

    private boolean replicated(FlowImage image) {
        if (image.l4proto() == CtImage.IPPROTO_TCP && !image.has(FlowImage.TCP)) {
            // An update that does not speak of the state leaves it as it was.
            int known = table.find(image);
            return known >= 0 && table.isEligible(known);
        }
        return CtImage.settled(image);
    }
}
