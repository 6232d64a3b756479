/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueStore;

/** The file that is written to: where its end is, and the memory that the next document will be written to. */
final class CurrentFile implements AutoCloseable {
    /** The head of a file: where the last document is, and the first of its indexes. */
    private static final int HEAD_BYTES = 8 << 10;

    private final SingleChronicleQueue queue;
    private final SingleChronicleQueueStore store;
    private final int cycle;
    private final MappedBytes head;
    private final MappedBytes tail;

    private CurrentFile(SingleChronicleQueue queue, SingleChronicleQueueStore store, int cycle) {
        this.queue = queue;
        this.store = store;
        this.cycle = cycle;
        head = store.bytes();
        tail = store.bytes();
    }

    /** The file of {@code cycle}; null when there is none. */
    static CurrentFile of(SingleChronicleQueue queue, int cycle) {
        SingleChronicleQueueStore store = queue.storeForCycle(cycle, queue.epoch(), false, null);
        return store == null ? null : new CurrentFile(queue, store, cycle);
    }

    int cycle() {
        return cycle;
    }

    Path path() {
        return store.file().toPath();
    }

    /** Where the next document will begin. */
    long end() {
        return LastDocument.end(tail, store.writePosition());
    }

    /** False when the disk has no room for {@code bytes} at the end. */
    boolean writable(Pages pages, int bytes) {
        return pages.writable(head.addressForWrite(0), HEAD_BYTES)
                && pages.writable(tail.addressForWrite(end()), bytes);
    }

    @Override
    public void close() {
        head.releaseLast();
        tail.releaseLast();
        queue.closeStore(store);
    }
}
