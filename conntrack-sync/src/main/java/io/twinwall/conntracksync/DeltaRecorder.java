/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.flowtable.TableWatcher;
import io.twinwall.wire.PayloadWriter;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes down what this node knows of flows, so that it can be told later what it knew: every change as it happens, in
 * the form of the wire, and each hour, in slices between changes, all there is. On the sync agent's thread; allocates
 * nothing after construction, and never waits: what the sink does not take is lost, which is written down as soon as it
 * takes something, and everything is written anew.
 */
final class DeltaRecorder implements TableWatcher {
    private static final int PAYLOAD_BYTES = 1400;
    private static final int SLOTS_IN_A_CYCLE = 512;
    private static final long SNAPSHOT_EVERY_NS = 3_600_000_000_000L;
    private static final long SNAPSHOT_SPACED_NS = 30_000_000_000L;

    private final FlowTable table;
    private final DeltaSink sink;
    private final NanoClock clock;
    private final EpochClock hostClock;
    private final PayloadWriter payload = new PayloadWriter(PAYLOAD_BYTES);
    private final FlowWriter writer = new FlowWriter(payload);
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer message = new UnsafeBuffer(new byte[DeltaMessage.HEADER_BYTES + PAYLOAD_BYTES]);
    private final SlotCursor cursor;
    private final SlotConsumer intoSnapshot = this::tell;
    private final Counter recorded;
    private final Counter lostCounter;

    /** What the payload under way is of. */
    private int type = DeltaMessage.CHANGES;

    private boolean snapshotting;

    /** At first: nothing of an earlier life goes on. */
    private boolean lost = true;

    /** So that nothing is taken for known from then on. */
    private long lostAtMs;

    /** From the begin of the first snapshot on, until something is lost: before that a change tells nobody anything. */
    private boolean following;

    private long snapshotAtNs;
    private long lastBeganNs;

    /** Since the last snapshot began. */
    private long changesBytes;

    DeltaRecorder(FlowTable table, DeltaSink sink, NanoClock clock, EpochClock hostClock, Counters counters) {
        this.table = table;
        this.sink = sink;
        this.clock = clock;
        this.hostClock = hostClock;
        cursor = table.cursor();
        lostAtMs = hostClock.time();
        snapshotAtNs = clock.nanoTime();
        lastBeganNs = snapshotAtNs - SNAPSHOT_SPACED_NS;
        recorded = counters.counter("journal_deltas_total", "Changes of flows handed to the journal.");
        lostCounter = counters.counter(
                "journal_deltas_lost_total", "Times changes of flows came faster than the journal took them.");
    }

    @Override
    public void changed(int slot, boolean created) {
        if (following && table.isEligible(slot)) {
            become(DeltaMessage.CHANGES);
            tell(slot);
        } else if (following && !created) {
            // It may have been told of before.
            tellEnd(slot);
        }
    }

    @Override
    public void ending(int slot) {
        if (following && table.isEligible(slot)) {
            tellEnd(slot);
        }
    }

    private void tellEnd(int slot) {
        become(DeltaMessage.CHANGES);
        table.read(slot, image);
        if (!writer.delete(image)) {
            flush();
            writer.delete(image);
        }
        recorded.increment();
    }

    private void tell(int slot) {
        if (!table.isEligible(slot)) {
            return;
        }
        table.read(slot, image);
        long remainingS = table.remainingMs(slot, clock.nanoTime() / 1_000_000) / 1_000;
        if (!writer.upsert(image, remainingS)) {
            flush();
            writer.upsert(image, remainingS);
        }
        recorded.increment();
    }

    /** The order of changes and snapshot is kept: what is told in the other way goes first. */
    private void become(int next) {
        if (type != next) {
            flush();
            type = next;
        }
    }

    /** Once a cycle: hands over what has come together, and goes on with the snapshot. */
    int work(long nowNs) {
        if (sink.takeRestart()) {
            lose();
        }
        // Changes cannot wait for room, the snapshot can.
        boolean onward = snapshotting && sink.hasRoom();
        if (lost) {
            recover(nowNs);
        } else if (onward) {
            snapshot();
        } else if (!snapshotting && due(nowNs)) {
            begin(nowNs);
        }
        flush();
        return onward ? 1 : 0;
    }

    private boolean due(long nowNs) {
        return nowNs - snapshotAtNs >= 0 || (changesBytes > sink.snapshotBytes() && spaced(nowNs));
    }

    private boolean spaced(long nowNs) {
        return nowNs - lastBeganNs > SNAPSHOT_SPACED_NS;
    }

    /** A slice. */
    private void snapshot() {
        become(DeltaMessage.SNAPSHOT);
        cursor.advance(SLOTS_IN_A_CYCLE, intoSnapshot);
        if (cursor.done()) {
            flush();
            snapshotting = false;
            mark(DeltaMessage.SNAPSHOT_END);
        }
    }

    private void begin(long nowNs) {
        flush();
        cursor.restart();
        following = mark(DeltaMessage.SNAPSHOT_BEGIN);
        snapshotting = following;
        lastBeganNs = nowNs;
        changesBytes = 0;
        snapshotAtNs = nowNs + SNAPSHOT_EVERY_NS;
    }

    /** There is something missing, and it is to be said before anything else. */
    private void recover(long nowNs) {
        DeltaMessage.header(message, DeltaMessage.LOST, lostAtMs);
        if (sink.offer(message, DeltaMessage.HEADER_BYTES)) {
            lost = false;
            snapshotAtNs = Math.max(nowNs, lastBeganNs + SNAPSHOT_SPACED_NS);
        }
    }

    private boolean mark(int what) {
        DeltaMessage.header(message, what, hostClock.time());
        return offer(DeltaMessage.HEADER_BYTES);
    }

    private void flush() {
        if (payload.isEmpty()) {
            return;
        }
        int length = payload.length();
        DeltaMessage.header(message, type, hostClock.time());
        message.putBytes(DeltaMessage.HEADER_BYTES, payload.buffer(), 0, length);
        payload.reset();
        changesBytes += type == DeltaMessage.CHANGES ? length : 0;
        offer(DeltaMessage.HEADER_BYTES + length);
    }

    /** Once something is lost, nothing goes before that is told. */
    private boolean offer(int length) {
        boolean taken = !lost && sink.offer(message, length);
        if (!taken && !lost) {
            lostCounter.increment();
            lose();
        }
        return taken;
    }

    private void lose() {
        lost = true;
        lostAtMs = hostClock.time();
        following = false;
        snapshotting = false;
        payload.reset();
    }
}
