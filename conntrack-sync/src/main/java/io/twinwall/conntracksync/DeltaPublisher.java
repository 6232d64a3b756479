/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.wire.DigestsEncoder;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.PayloadWriter;
import java.util.BitSet;
import org.agrona.collections.IntArrayList;

/**
 * The source's half of the stream: pending deltas first, then what equality needs. Digests leave only at a moment when
 * no delta is pending, so that they speak of exactly the state the mirror has at that place of the stream. On the sync
 * agent's thread; owns nothing but its scratch.
 *
 * <p>The table's note that a flow is "in the kernel" means, on the source, that the peer may hold it: set when a state is
 * written, taken back when an end is. It may be wrong in one direction only: a superfluous end does no harm.
 */
final class DeltaPublisher {
    private static final long ROUND_EVERY_NS = 5_000_000_000L;
    private static final int WINDOW_FRAMES = 1 << 13;
    private static final long WINDOW_STUCK_NS = 1_000_000_000L;
    private static final long BARRIER_AGAIN_NS = 50_000_000L;

    private final FlowTable table;
    private final FrameSender sender;
    private final Proof proof;
    private final PayloadWriter payload;
    private final FlowWriter writer;
    private final LagMeter lag = new LagMeter(WINDOW_FRAMES);
    private final FlowImage image = new FlowImage();
    private final BitSet requested;
    private final IntArrayList bucketSlots;
    private final SlotConsumer intoBucketSlots;
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
    private long verify;
    private long verifyInRound;

    private int bucket = -1;
    private boolean bucketBegun;
    private int bucketPosition;

    private long barrierToken;
    private long barrierFrame;
    private long barrierSentNs;
    private boolean barrierConfirmed;
    private long progressNs;
    private int flowsInFrame;

    DeltaPublisher(FlowTable table, int bucketBits, FrameSender sender, Proof proof, Counters counters) {
        this.table = table;
        this.bucketBits = bucketBits;
        this.sender = sender;
        this.proof = proof;
        payload = sender.payload();
        writer = new FlowWriter(payload);
        requested = new BitSet(table.buckets());
        // Four times what a bucket of a full table holds on average: it does not grow.
        bucketSlots =
                new IntArrayList(Math.max(64, 4 * table.flowsMax() / table.buckets()), IntArrayList.DEFAULT_NULL_VALUE);
        intoBucketSlots = bucketSlots::addInt;
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
        verify = 0;
        verifyInRound = 0;
        bucket = -1;
        barrierToken = 0;
        barrierConfirmed = false;
        progressNs = nowNs;
    }

    /** The peer does not know whether it is equal: begin a round of digests, unless one is under way. */
    void startRound() {
        if (roundOpen) {
            return;
        }
        round++;
        roundOpen = true;
        digestsSent = 0;
        verifyInRound = verify;
    }

    /** Rounds that begin from here on name this token, until it is 0 again; one begins as soon as may be. */
    void verify(long token) {
        verify = token;
    }

    /** The peer's bucket {@code index} differs. */
    void request(int index) {
        requested.set(index);
        verifyAfterBuckets = true;
    }

    /** Asks the peer to confirm that its kernel holds all that was pending until now. */
    void barrier(long token) {
        barrierToken = token;
        barrierConfirmed = false;
        barrierFrame = 0;
    }

    /**
     * The peer's kernel holds all that reached it up to {@code injectedFrame}, and for the barrier {@code token} also
     * vouches that nothing failed to reach it.
     */
    void confirmed(long injectedFrame, long token) {
        if (lag.confirmed(injectedFrame)) {
            progressNs = nowNs;
        }
        barrierConfirmed |= barrierFrame != 0 && token == barrierToken;
    }

    /** True when the last barrier was sent and all before it is in the peer's kernel. */
    boolean barrierPassed() {
        return barrierToken != 0 && barrierConfirmed;
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
     * @param mayProve false while the table is not known to equal the kernel's: then no digest and no barrier leaves
     * @param mayPass false while something else is to go before a barrier: digests, which are of flows alone, leave
     */
    int step(int framesMax, long atNs, boolean mayProve, boolean mayPass) {
        nowNs = atNs;
        forgetLostFrames();
        int frames = 0;
        while (frames < framesMax && lag.hasRoom() && sender.ready()) {
            flowsInFrame = 0;
            fill(mayProve);
            boolean barrierInside = mayProve && mayPass && barrierDue() && barrierFits();
            long number = sender.send(FrameKind.STATE, term);
            if (number == 0) {
                break;
            }
            lag.sent(number, flowsInFrame, nowNs);
            if (barrierInside) {
                barrierFrame = number;
                barrierSentNs = nowNs;
            }
            frames++;
        }
        return frames;
    }

    /**
     * A window full of frames that were all lost would never open again: nothing new leaves, so the peer has nothing to
     * confirm. Sending on shows it the gap, and it asks for what it missed.
     */
    private void forgetLostFrames() {
        if (!lag.hasRoom() && nowNs - progressNs > WINDOW_STUCK_NS) {
            lag.reset();
            progressNs = nowNs;
        }
    }

    /** To be sent, or to be sent again since the first may have been lost. */
    private boolean barrierDue() {
        return barrierToken != 0
                && !barrierConfirmed
                && (barrierFrame == 0 || nowNs - barrierSentNs > BARRIER_AGAIN_NS);
    }

    private boolean barrierFits() {
        return table.dirtyCount() == 0 && payload.barrier(barrierToken, nowNs);
    }

    private void fill(boolean mayProve) {
        if (!writeDeltas()) {
            return;
        }
        if (mayProve) {
            boolean due = nowNs - roundEndedNs > ROUND_EVERY_NS || verify != verifyInRound;
            if (!roundOpen && bucketsPending() == 0 && due) {
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
        if (dead && !table.inKernel(slot)) {
            // Begun and ended, and the peer never heard of it.
            table.release(slot);
            return true;
        }
        if (dead || (table.inKernel(slot) && table.needsRecreate(slot))) {
            table.read(slot, image);
            if (!writer.delete(image)) {
                table.markDirty(slot);
                return false;
            }
            deletes.increment();
            flowsInFrame++;
            if (dead) {
                table.inKernel(slot, false);
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
        table.inKernel(slot, true);
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
        proof.tell(payload.roundEndProof().verify(verifyInRound), nowNs);
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
            table.forEachInBucket(bucket, intoBucketSlots);
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
