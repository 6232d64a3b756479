/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.OffHeap;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.wire.Deletes4Decoder;
import io.twinwall.wire.Deletes6Decoder;
import io.twinwall.wire.Flows4Decoder;
import io.twinwall.wire.Flows6Decoder;
import io.twinwall.wire.PayloadReader;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Builds what a node knew of flows at a moment from what its {@link DeltaRecorder} wrote until then, given in order.
 * Nothing is known before the first whole snapshot, nor after a loss until the next. One thread.
 */
public final class DeltaReplay {
    private static final int APPLY = FlowTable.REPLACE | FlowTable.REPLICATE | FlowTable.TIMEOUT_TOLD;

    /** Nobody compares these digests. */
    private static final int BUCKET_BITS = 12;

    private final PayloadReader payloads = new PayloadReader(new Counters());
    private Flows known;
    private Flows coming;
    private boolean isKnown;
    private boolean isComing;
    private long sinceMs;
    private long lastMs;

    public DeltaReplay(OffHeap memory, int flowsMax) {
        FlowTableConfig config = new FlowTableConfig(flowsMax, BUCKET_BITS, 0);
        known = new Flows(new FlowTable(memory, config, new Counters()));
        coming = new Flows(new FlowTable(memory, config, new Counters()));
    }

    /** The next message; of a version that is not known, the begin of a gap. */
    public void message(DirectBuffer buffer, int offset, int length) {
        if (!DeltaMessage.readable(buffer, offset, length)) {
            gap();
            return;
        }
        lastMs = DeltaMessage.atMs(buffer, offset);
        int from = offset + DeltaMessage.HEADER_BYTES;
        int bytes = length - DeltaMessage.HEADER_BYTES;
        switch (DeltaMessage.type(buffer, offset)) {
            case DeltaMessage.CHANGES -> {
                if (isKnown) {
                    known.take(payloads, buffer, from, bytes, lastMs);
                }
                if (isComing) {
                    coming.take(payloads, buffer, from, bytes, lastMs);
                }
            }
            case DeltaMessage.SNAPSHOT_BEGIN -> {
                coming.table.clear();
                isComing = true;
            }
            case DeltaMessage.SNAPSHOT -> {
                if (isComing) {
                    coming.take(payloads, buffer, from, bytes, lastMs);
                }
            }
            case DeltaMessage.SNAPSHOT_END -> complete();
            default -> gap();
        }
    }

    private void complete() {
        if (isComing) {
            Flows before = known;
            known = coming;
            coming = before;
            isKnown = true;
            isComing = false;
            sinceMs = lastMs;
        }
    }

    /** Something is missing here. */
    public void gap() {
        isKnown = false;
        isComing = false;
    }

    /** Whether it is known what flows there were. */
    public boolean known() {
        return isKnown;
    }

    /** When the snapshot ended from which this was built. */
    public long sinceMs() {
        return sinceMs;
    }

    /** When the last message was written. */
    public long lastMs() {
        return lastMs;
    }

    /** Flows that there were. */
    public int size() {
        return known.table.size();
    }

    /** Gives {@code visitor} the flows, with the time they had left at {@code atMs}, until it answers false. */
    public void visit(long atMs, Predicate<FlowImage> visitor) {
        FlowImage image = new FlowImage();
        SlotCursor cursor = known.table.cursor();
        boolean[] more = {true};
        while (more[0] && !cursor.done()) {
            cursor.advance(1, slot -> {
                known.table.read(slot, image);
                image.timeoutSeconds(known.table.remainingMs(slot, atMs) / 1_000);
                more[0] = visitor.test(image);
            });
        }
    }

    /** A table that takes flows as they come. */
    private static final class Flows extends IgnoringHandler {
        private final FlowTable table;
        private final FlowDecoder decoder = new FlowDecoder();
        private final FlowImage image = new FlowImage();
        private final UnsafeBuffer ext = new UnsafeBuffer(0, 0);
        private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
        private long nowMs;

        Flows(FlowTable table) {
            this.table = table;
        }

        void take(PayloadReader payloads, DirectBuffer buffer, int offset, int length, long atMs) {
            nowMs = atMs;
            payloads.read(buffer, offset, length, this);
            settle();
        }

        /** Nobody else waits for these changes: what ended makes room. */
        private void settle() {
            while (table.dirtyCount() > 0) {
                int slot = table.takeDirty();
                if (slot < 0) {
                    return;
                }
                table.release(slot);
            }
        }

        @Override
        public void onFlows4(Flows4Decoder message) {
            for (Flows4Decoder.FlowsDecoder flow : message.flows()) {
                key4(flow.proto(), flow.origSrc(), flow.origDst(), flow.origSport(), flow.origDport());
                int parts = flow.parts();
                image.status(flow.status()).timeoutSeconds(flow.timeout());
                flow.wrapExt(ext);
                apply(parts);
            }
        }

        @Override
        public void onFlows6(Flows6Decoder message) {
            for (Flows6Decoder.FlowsDecoder flow : message.flows()) {
                flow.getOrigSrc(addresses, 0, 16);
                flow.getOrigDst(addresses, 16, 16);
                key6(flow.proto(), flow.origSport(), flow.origDport());
                int parts = flow.parts();
                image.status(flow.status()).timeoutSeconds(flow.timeout());
                flow.wrapExt(ext);
                apply(parts);
            }
        }

        @Override
        public void onDeletes4(Deletes4Decoder message) {
            for (Deletes4Decoder.FlowsDecoder flow : message.flows()) {
                key4(flow.proto(), flow.origSrc(), flow.origDst(), flow.origSport(), flow.origDport());
                remove(flow.zone());
            }
        }

        @Override
        public void onDeletes6(Deletes6Decoder message) {
            for (Deletes6Decoder.FlowsDecoder flow : message.flows()) {
                flow.getOrigSrc(addresses, 0, 16);
                flow.getOrigDst(addresses, 16, 16);
                key6(flow.proto(), flow.origSport(), flow.origDport());
                remove(flow.zone());
            }
        }

        private void key4(int proto, long src, long dst, int srcPort, int dstPort) {
            image.clear();
            image.family(FlowImage.AF_INET).l4proto(proto);
            image.orig(decoder.addresses4(src, dst), 0, 16, srcPort, dstPort);
        }

        private void key6(int proto, int srcPort, int dstPort) {
            image.clear();
            image.family(FlowImage.AF_INET6).l4proto(proto);
            image.orig(addresses, 0, 16, srcPort, dstPort);
        }

        private void apply(int parts) {
            if (decoder.decode(image, parts, ext, 0, ext.capacity())) {
                table.apply(image, APPLY, nowMs);
            }
        }

        private void remove(int zone) {
            if (zone != 0) {
                image.zone(zone, FlowImage.ZONE_DIR_ORIG);
            }
            table.remove(image);
        }
    }
}
