/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import java.util.ArrayDeque;

/**
 * Walks through the table for people who ask what is in it: a slice each cycle of the agent, between which flows come, go
 * and are injected as ever; one walk after the other. A flow that lives throughout a walk is met once. Allocates for
 * questions only. The sync agent's thread.
 */
final class TableVisits {
    /** About a millisecond's worth: a takeover that begins meanwhile waits for no more than that. */
    static final int SLOTS_A_CYCLE = 2_048;

    private final FlowTable table;
    private final NanoClock clock;
    private final SlotCursor cursor;
    private final FlowImage image = new FlowImage();
    private final SlotConsumer consumer = this::show;
    private final ArrayDeque<SyncCommand.Visit> questions = new ArrayDeque<>();
    private boolean more;
    private int visited;
    private long nowMs;

    TableVisits(FlowTable table, NanoClock clock) {
        this.table = table;
        this.clock = clock;
        cursor = table.cursor();
    }

    void ask(SyncCommand.Visit question) {
        questions.add(question);
        if (questions.size() == 1) {
            begin();
        }
    }

    private void begin() {
        cursor.restart();
        more = true;
        visited = 0;
    }

    /** A slice of the walk under way. Returns the work done. */
    int step() {
        if (questions.isEmpty()) {
            return 0;
        }
        nowMs = clock.nanoTime() / 1_000_000;
        int shown = cursor.advance(SLOTS_A_CYCLE, consumer);
        if (!more || cursor.done()) {
            questions.remove().done().complete(visited);
            if (!questions.isEmpty()) {
                begin();
            }
        }
        return shown + 1;
    }

    private void show(int slot) {
        // The slice goes on to its end, for nobody.
        if (more) {
            table.read(slot, image);
            image.timeoutSeconds(table.remainingMs(slot, nowMs) / 1000);
            visited++;
            more = questions.element().visitor().test(image);
        }
    }
}
