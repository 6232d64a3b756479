/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import io.twinwall.base.Check;
import io.twinwall.base.Counters;
import io.twinwall.base.OffHeap;
import io.twinwall.conntracksync.SyncConfig;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.linux.AnonymousMapping;

/**
 * A table of the program's, in the program's memory, that holds the first flows of the canonical workload. Its size is
 * the same for few flows and for many, as it is in an agent.
 */
public final class HeldFlows implements AutoCloseable {
    public static final int FLOWS_MAX = 1 << 18;
    public static final long HASH_SEED = 0x7477_696e_7761_6c6cL;

    /** When all of them were heard of, and whatever is measured happens. */
    public static final long NOW_MS = 1_000_000;

    private final AnonymousMapping memory = new AnonymousMapping();
    private final FlowTable table = new FlowTable(
            memory, new FlowTableConfig(FLOWS_MAX, SyncConfig.DEFAULT_BUCKET_BITS, HASH_SEED), new Counters());
    private final FlowMix mix = new FlowMix();
    private final FlowImage image = new FlowImage();

    public HeldFlows(int flows) {
        for (int number = 0; number < flows; number++) {
            mix.image(image, number, 0);
            int result = table.apply(image, FlowTable.NEW | FlowTable.REPLICATE, NOW_MS);
            Check.that(result == FlowTable.CREATED, "a flow of the workload was not taken", number);
        }
        settle();
    }

    public FlowTable table() {
        return table;
    }

    /** For what else is to live as long. */
    public OffHeap memory() {
        return memory;
    }

    /** The slot of flow {@code number}, which is held. */
    public int slot(int number) {
        mix.image(image, number, 0);
        return table.find(image);
    }

    /** Takes all marks off, as if every change had gone out. */
    public void settle() {
        for (int slot = table.takeDirty(); slot >= 0; slot = table.takeDirty()) {
            table.release(slot);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
