/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.wire.DigestsEncoder;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.PayloadWriter;
import java.util.BitSet;
import org.agrona.collections.IntArrayList;

/**
 * The source's half of the stream: pending deltas first, then what equality needs. Digests leave only at a moment when
 * no delta is pending, so that they speak of exactly the state the mirror has at that place of the stream. On the sync
 * agent's thread; owns nothing but its scratch.
 */
final class DeltaPublisher {
    private static final long ROUND_EVERY_NS = 5_000_000_000L;
    private static final int WINDOW_FRAMES = 1 << 13;

    private final FlowTable table;
    private final FrameSender sender;
    private final PayloadWriter payload;
    private final FlowWriter writer;
    private final LagMeter lag = new LagMeter(WINDOW_FRAMES);
    private final FlowImage image = new FlowImage();
    private final BitSet requested;
    private final IntArrayList bucketSlots = new IntArrayList();
    private final Counter upserts;
    private final Counter deletes;
    private final Counter rounds;
    private final Counter bucketsSent;
    private final int bucketBits;

    private long term;
    private long nowNs;
    private long round;
    private int digestsSent;
    private boolean roundOpen;
    private long roundEndedNs;
    private boolean verifyAfterBuckets;

    private int bucket = -1;
    private boolean bucketBegun;
    private int bucketPosition;

    private long barrierToken;
    private long barrierFrame;
    private long confirmedFrame;
    private int flowsInFrame;

    DeltaPublisher(FlowTable table, int bucketBits, FrameSender sender, Counters counters) {
        this.table = table;
        this.bucketBits = bucketBits;
        this.sender = sender;
        payload = sender.payload();
        writer = new FlowWriter(payload);
        requested = new BitSet(table.buckets());
        upserts = counters.counter("sync_deltas_sent_total", "Newest states of flows sent to the peer.");
        deletes = counters.counter("sync_deletes_sent_total", "Ends of flows sent to the peer.");
        rounds = counters.counter("sync_rounds_sent_total", "Digest rounds sent to the peer.");
        bucketsSent = counters.counter(
                "sync_buckets_sent_total", "Whole buckets sent because the peer's differed or was empty.");
    }

    /** Another session, or another role: nothing of what was asked for or in flight counts any more. */
    void reset(long newTerm) {
        term = newTerm;
        lag.reset();
        requested.clear();
        roundOpen = false;
        verifyAfterBuckets = false;
        bucket = -1;
        barrierToken = 0;
        confirmedFrame = 0;
    }

    /** The peer does not know whether it is equal: begin a round of digests. */
    void startRound() {
        round++;
        roundOpen = true;
        digestsSent = 0;
    }

    /** The peer's bucket {@code index} differs. */
    void request(int index) {
        requested.set(index);
        verifyAfterBuckets = true;
    }

    /** Asks the peer to confirm that its kernel holds all that was pending until now. */
    void barrier(long token) {
        barrierToken = token;
        barrierFrame = 0;
    }

    /** The peer's kernel holds all frames up to {@code injectedFrame}. */
    void confirmed(long injectedFrame) {
        lag.confirmed(injectedFrame);
        confirmedFrame = Math.max(confirmedFrame, injectedFrame);
    }

    /** True when the last barrier was sent and all before it is in the peer's kernel. */
    boolean barrierPassed() {
        return barrierFrame != 0 && confirmedFrame >= barrierFrame;
    }

    /** Deltas that the peer's kernel does not have yet. */
    long lagDeltas() {
        return table.dirtyCount() + lag.flowsInFlight();
    }

    long lagNs(long atNs) {
        return lag.oldestAgeNs(atNs);
    }

    /** Buckets asked for and not sent yet. */
    int bucketsPending() {
        return requested.cardinality() + (bucket >= 0 ? 1 : 0);
    }

    /**
     * Fills and sends at most {@code framesMax} frames.
     *
     * @param mayProve false while the table is not known to equal the kernel's: then no digest leaves
     */
    int step(int framesMax, long atNs, boolean mayProve) {
        nowNs = atNs;
        int frames = 0;
        while (frames < framesMax && lag.hasRoom() && sender.ready()) {
            flowsInFrame = 0;
            fill(mayProve);
            boolean barrierInside = barrierToken != 0 && barrierFrame == 0 && barrierFits();
            long number = sender.send(FrameKind.STATE, term);
            if (number == 0) {
                break;
            }
            lag.sent(number, flowsInFrame, nowNs);
            if (barrierInside) {
                barrierFrame = number;
            }
            frames++;
        }
        return frames;
    }

    private boolean barrierFits() {
        return table.dirtyCount() == 0 && payload.barrier(barrierToken, nowNs);
    }

    private void fill(boolean mayProve) {
        if (!writeDeltas()) {
            return;
        }
        if (mayProve) {
            if (!roundOpen && bucketsPending() == 0 && nowNs - roundEndedNs > ROUND_EVERY_NS) {
                startRound();
            }
            if (roundOpen && !writeDigests()) {
                return;
            }
            writeBuckets();
        }
    }

    /** True when no delta is pending any more. */
    private boolean writeDeltas() {
        while (table.dirtyCount() > 0) {
            int slot = table.takeDirty();
            if (slot < 0) {
                return true;
            }
            if (!writeDelta(slot)) {
                return false;
            }
        }
        return true;
    }

    private boolean writeDelta(int slot) {
        boolean dead = table.isDead(slot);
        if (dead || table.needsRecreate(slot)) {
            table.read(slot, image);
            if (!writer.delete(image)) {
                table.markDirty(slot);
                return false;
            }
            deletes.increment();
            flowsInFrame++;
            if (dead) {
                table.release(slot);
                return true;
            }
        }
        if (!upsert(slot)) {
            // When a delete went before, it goes again: twice does no harm.
            table.markDirty(slot);
            return false;
        }
        table.release(slot);
        return true;
    }

    private boolean upsert(int slot) {
        table.read(slot, image);
        if (!writer.upsert(image, table.remainingMs(slot, nowNs / 1_000_000) / 1000)) {
            return false;
        }
        upserts.increment();
        flowsInFrame++;
        return true;
    }

    /** True when the round is complete. */
    private boolean writeDigests() {
        int buckets = table.buckets();
        while (digestsSent < buckets) {
            int count = Math.min(payload.digestsRoom(), buckets - digestsSent);
            if (count < 1) {
                return false;
            }
            DigestsEncoder.ValuesEncoder values = payload.digests(round, digestsSent, bucketBits, count);
            for (int i = 0; i < count; i++) {
                values.next().digest(table.digest(digestsSent + i));
            }
            digestsSent += count;
        }
        if (!payload.roundEnd(round, table.eligibleCount())) {
            return false;
        }
        rounds.increment();
        roundOpen = false;
        roundEndedNs = nowNs;
        return true;
    }

    private void writeBuckets() {
        while (bucket >= 0 || !requested.isEmpty()) {
            if (bucket < 0) {
                openBucket();
            }
            if (!writeBucket()) {
                return;
            }
            bucket = -1;
            bucketsSent.increment();
        }
        if (verifyAfterBuckets) {
            verifyAfterBuckets = false;
            startRound();
        }
    }

    private void openBucket() {
        bucket = requested.nextSetBit(0);
        requested.clear(bucket);
        bucketBegun = false;
        bucketPosition = 0;
        bucketSlots.clear();
    }

    private boolean writeBucket() {
        if (!bucketBegun) {
            if (!payload.bucketBegin(round, bucket)) {
                return false;
            }
            bucketBegun = true;
            table.forEachInBucket(bucket, bucketSlots::addInt);
        }
        while (bucketPosition < bucketSlots.size()) {
            int slot = bucketSlots.getInt(bucketPosition);
            // Between two cycles the slot may have been freed, and even used again; a delta then says so.
            if (table.isLive(slot) && table.isEligible(slot) && table.bucketOf(slot) == bucket && !upsert(slot)) {
                return false;
            }
            bucketPosition++;
        }
        return payload.bucketEnd(round, bucket, table.count(bucket), table.digest(bucket));
    }
}
