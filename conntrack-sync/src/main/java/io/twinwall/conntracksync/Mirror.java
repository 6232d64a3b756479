/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.wire.AckEncoder;
import io.twinwall.wire.BarrierDecoder;
import io.twinwall.wire.BucketBeginDecoder;
import io.twinwall.wire.BucketEndDecoder;
import io.twinwall.wire.BucketRequestEncoder;
import io.twinwall.wire.Deletes4Decoder;
import io.twinwall.wire.Deletes6Decoder;
import io.twinwall.wire.DigestsDecoder;
import io.twinwall.wire.ExpectDigestDecoder;
import io.twinwall.wire.ExpectSweepDecoder;
import io.twinwall.wire.ExpectsDecoder;
import io.twinwall.wire.Flows4Decoder;
import io.twinwall.wire.Flows6Decoder;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.Parts;
import io.twinwall.wire.PayloadWriter;
import io.twinwall.wire.RoundEndDecoder;
import io.twinwall.wire.WireReadiness;
import java.util.BitSet;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The passive's half of the stream: applies deltas to the mirror, compares digests where they stand in the stream, asks
 * for the buckets that differ and tells the source how far it is. On the sync agent's thread.
 */
final class Mirror extends IgnoringHandler {
    private static final long HELLO_EVERY_NS = 300_000_000L;
    private static final long ACK_EVERY_NS = 250_000_000L;

    /** A source ends a round every five seconds, so one that is silent for so long is gone. */
    private static final long SILENT_NS = 12_000_000_000L;

    private static final int APPLY = FlowTable.REPLACE | FlowTable.REPLICATE | FlowTable.TIMEOUT_TOLD;
    private static final int NEWS = FlowTable.CREATED | FlowTable.CHANGED | FlowTable.RECREATED;

    private final FlowTable table;
    private final Injector injector;
    private final Expectations expectations;
    private final FrameSender sender;
    private final Proof proof;
    private final Verification verification;
    private final KernelGuard guard;
    private final PayloadWriter payload;
    private final int bucketBits;
    private final FlowDecoder decoder = new FlowDecoder();
    private final FlowImage image = new FlowImage();
    private final UnsafeBuffer ext = new UnsafeBuffer(0, 0);
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[32]);
    private final BitSet differing;
    private final BitSet open;
    private final Counter applied;
    private final Counter malformed;
    private final Counter unknownParts;
    private final Counter differed;
    private final Counter swept;
    private final Counter gaps;

    private final Bulletin.Hysteresis behind;
    private SyncReport.Readiness readiness = SyncReport.Readiness.COLD;
    private long nowNs;
    private long nowMs;

    // Where this mirror stands in the stream.
    private boolean roundWhole;
    private long round;
    private boolean equal;
    private long heardNs;

    /** Once in this session: what differs after that is repaired, and not only brought. */
    private boolean wasEqual;

    private int openBuckets;
    private boolean helloDue = true;
    private boolean roundUnderWay;
    private long helloAtNs;
    private int bucketsAsked;
    private int bucketsDone;
    private int nextRequest = -1;

    // What is acknowledged.
    private long appliedFrame;
    private long injectedFrame;
    private long markerFrame;
    private long markerTaken;
    private boolean markerSet;
    private long barrierToken;
    private long barrierFrame;
    private long barrierPassed;
    private long barrierTold;
    private long ackedApplied = -1;
    private long ackedInjected = -1;
    private long ackAtNs;

    Mirror(
            FlowTable table,
            SyncConfig config,
            Injector injector,
            KernelGuard guard,
            Expectations expectations,
            FrameSender sender,
            Proof proof,
            Verification verification,
            Counters counters) {
        this.table = table;
        bucketBits = config.bucketBits();
        behind = new Bulletin.Hysteresis(config.lagDeltasMax());
        this.injector = injector;
        this.guard = guard;
        this.expectations = expectations;
        this.sender = sender;
        this.proof = proof;
        this.verification = verification;
        payload = sender.payload();
        differing = new BitSet(table.buckets());
        open = new BitSet(table.buckets());
        applied = counters.counter("sync_deltas_applied_total", "States and ends of flows applied to the mirror.");
        malformed = counters.counter(
                "sync_flows_malformed_total",
                "Flows of the peer that could not be read; the digests bring them again.");
        unknownParts = counters.counter(
                "sync_parts_unknown_total", "Flows with attributes only a newer version knows; those were left out.");
        differed = counters.counter("sync_buckets_differed_total", "Buckets found to differ from the source's.");
        swept = counters.counter("sync_swept_total", "Stale flows removed from the mirror.");
        gaps = counters.counter("sync_stream_gaps_total", "Gaps in the stream; each leads to a comparison.");
    }

    /**
     * Not ready, for all that is equal, while the injector is far behind, since a takeover would not wait for it; nor while
     * the kernel has lost it is not known how much.
     */
    SyncReport.Readiness readiness() {
        boolean unsure = behind.above() || guard.doubted();
        return readiness == SyncReport.Readiness.READY && unsure ? SyncReport.Readiness.SYNCING : readiness;
    }

    boolean equal() {
        return equal;
    }

    /** Equal to a source that speaks: what the mirror does not know is not the source's. */
    boolean trusted(long atNs) {
        return equal && atNs - heardNs < SILENT_NS;
    }

    /** Buckets that are known to differ still. */
    int bucketsDiffering() {
        return Math.max(0, bucketsAsked - bucketsDone);
    }

    /** 0..1: how much of what differed has come. */
    double progress() {
        return readiness == SyncReport.Readiness.READY
                ? 1.0
                : bucketsAsked == 0 ? 0.0 : Math.min(1.0, (double) bucketsDone / bucketsAsked);
    }

    /** Another session or another source: whatever the mirror holds is to be compared anew. */
    void reset() {
        appliedFrame = 0;
        injectedFrame = 0;
        markerSet = false;
        barrierToken = 0;
        barrierPassed = 0;
        barrierTold = 0;
        ackedApplied = -1;
        ackedInjected = -1;
        helloAtNs = nowNs - HELLO_EVERY_NS - 1;
        wasEqual = false;
        doubt();
    }

    /** The mirror may not be equal any more. */
    private void doubt() {
        equal = false;
        helloDue = true;
        roundUnderWay = false;
        roundWhole = false;
        nextRequest = -1;
        open.clear();
        openBuckets = 0;
        if (readiness == SyncReport.Readiness.READY) {
            readiness = SyncReport.Readiness.SYNCING;
        }
    }

    /** Frame {@code number} begins; {@code missed} frames before it never came. */
    void onFrame(long number, long missed, long atNs) {
        nowNs = atNs;
        nowMs = atNs / 1_000_000;
        appliedFrame = number;
        heardNs = atNs;
        if (missed > 0) {
            gaps.increment();
            doubt();
            expectations.gap();
        }
        if (readiness == SyncReport.Readiness.COLD) {
            readiness = SyncReport.Readiness.SYNCING;
        }
    }

    @Override
    public void onFlows4(Flows4Decoder message) {
        for (Flows4Decoder.FlowsDecoder flow : message.flows()) {
            begin(FlowImage.AF_INET, flow.proto());
            image.orig(decoder.addresses4(flow.origSrc(), flow.origDst()), 0, 16, flow.origSport(), flow.origDport());
            int parts = flow.parts();
            finish(flow.status(), flow.timeout());
            flow.wrapExt(ext);
            apply(parts);
        }
    }

    @Override
    public void onFlows6(Flows6Decoder message) {
        for (Flows6Decoder.FlowsDecoder flow : message.flows()) {
            begin(FlowImage.AF_INET6, flow.proto());
            flow.getOrigSrc(addresses, 0, 16);
            flow.getOrigDst(addresses, 16, 16);
            image.orig(addresses, 0, 16, flow.origSport(), flow.origDport());
            int parts = flow.parts();
            finish(flow.status(), flow.timeout());
            flow.wrapExt(ext);
            apply(parts);
        }
    }

    @Override
    public void onDeletes4(Deletes4Decoder message) {
        for (Deletes4Decoder.FlowsDecoder flow : message.flows()) {
            begin(FlowImage.AF_INET, flow.proto());
            image.orig(decoder.addresses4(flow.origSrc(), flow.origDst()), 0, 16, flow.origSport(), flow.origDport());
            remove(flow.zone());
        }
    }

    @Override
    public void onDeletes6(Deletes6Decoder message) {
        for (Deletes6Decoder.FlowsDecoder flow : message.flows()) {
            begin(FlowImage.AF_INET6, flow.proto());
            flow.getOrigSrc(addresses, 0, 16);
            flow.getOrigDst(addresses, 16, 16);
            image.orig(addresses, 0, 16, flow.origSport(), flow.origDport());
            remove(flow.zone());
        }
    }

    @Override
    public void onDigests(DigestsDecoder message) {
        if (message.bucketBits() != bucketBits) {
            malformed.increment();
            return;
        }
        int bucket = message.firstBucket();
        if (bucket == 0) {
            round = message.round();
            roundWhole = true;
            roundUnderWay = true;
            differing.clear();
        } else if (message.round() != round) {
            roundWhole = false;
        }
        for (DigestsDecoder.ValuesDecoder value : message.values()) {
            if (bucket < table.buckets() && value.digest() != table.digest(bucket)) {
                differing.set(bucket);
            }
            bucket++;
        }
    }

    @Override
    public void onRoundEnd(RoundEndDecoder message) {
        boolean whole = roundWhole && message.round() == round;
        roundWhole = false;
        roundUnderWay = false;
        if (!whole) {
            return;
        }
        helloDue = false;
        equal = differing.isEmpty();
        proof.told(message, nowNs);
        proof.tableMirror.compared(message.flows(), differing.cardinality(), nowNs);
        long verify = message.verify();
        if (verify != 0 && verify != RoundEndDecoder.verifyNullValue()) {
            guard.verify(verify);
        }
        if (equal) {
            wasEqual = true;
            bucketsAsked = 0;
            bucketsDone = 0;
        } else {
            bucketsAsked = differing.cardinality();
            bucketsDone = 0;
            differed.add(bucketsAsked);
            nextRequest = 0;
            helloAtNs = nowNs;
            if (readiness == SyncReport.Readiness.READY) {
                readiness = SyncReport.Readiness.SYNCING;
            }
        }
    }

    @Override
    public void onBucketBegin(BucketBeginDecoder message) {
        if (message.bucket() < table.buckets()) {
            table.beginBucket(message.bucket());
            openBuckets += open.get(message.bucket()) ? 0 : 1;
            open.set(message.bucket());
        }
    }

    @Override
    public void onBucketEnd(BucketEndDecoder message) {
        int bucket = message.bucket();
        if (bucket < table.buckets() && open.get(bucket)) {
            open.clear(bucket);
            openBuckets--;
            int stale = table.endBucket(bucket, null);
            swept.add(stale);
            repaired(stale);
            bucketsDone++;
            helloAtNs = nowNs;
        }
    }

    @Override
    public void onExpects(ExpectsDecoder message) {
        expectations.onExpects(message);
    }

    @Override
    public void onExpectDigest(ExpectDigestDecoder message) {
        expectations.onDigest(message);
    }

    @Override
    public void onExpectSweep(ExpectSweepDecoder message) {
        expectations.onSweep(message);
    }

    @Override
    public void onBarrier(BarrierDecoder message) {
        barrierToken = message.token();
        barrierFrame = appliedFrame;
    }

    /**
     * Injects, and says how far it came. Returns the work done.
     *
     * @param draining a takeover waits for what is there
     */
    int step(int flowsMax, long atNs, long term, boolean draining) {
        nowNs = atNs;
        injector.masters(
                draining ? Injector.Masters.NONE_COME : equal ? Injector.Masters.MAY_COME : Injector.Masters.COME);
        int work = injector.step(flowsMax);
        behind.update(table.dirtyCount());
        advanceMarker();
        if (barrierToken != 0 && equal && injectedFrame >= barrierFrame) {
            // Only an equal mirror can vouch: after a gap, what was lost may be what the barrier stands behind.
            barrierPassed = barrierToken;
            barrierToken = 0;
        }
        if (equal && table.dirtyCount() == 0 && readiness == SyncReport.Readiness.SYNCING) {
            readiness = SyncReport.Readiness.READY;
        }
        boolean news = ackedApplied != appliedFrame || ackedInjected != injectedFrame || barrierTold != barrierPassed;
        boolean due = news || nowNs - ackAtNs > ACK_EVERY_NS || nextRequest >= 0 || helloWanted();
        if (due && sender.ready()) {
            report();
            sender.send(FrameKind.REPORT, term);
        }
        return work;
    }

    private boolean helloWanted() {
        boolean stuck = !equal && !roundUnderWay && nextRequest < 0;
        return (helloDue || stuck) && nowNs - helloAtNs > HELLO_EVERY_NS;
    }

    private void report() {
        if (payload.ack(
                appliedFrame,
                injectedFrame,
                barrierPassed,
                table.dirtyCount(),
                table.size(),
                table.refusedCount(),
                wireReadiness())) {
            AckEncoder ack = payload.ackProof();
            ack.verifyAsked(verification.wanted()).verified(guard.verified());
            proof.tell(ack, nowNs);
            ackedApplied = appliedFrame;
            ackedInjected = injectedFrame;
            barrierTold = barrierPassed;
            ackAtNs = nowNs;
        }
        if (helloWanted() && payload.hello(bucketBits, wireReadiness(), table.size(), 0)) {
            helloAtNs = nowNs;
        }
        if (nextRequest >= 0) {
            request();
        }
    }

    /** As many of the differing buckets as this frame holds; the rest goes with the next. */
    private void request() {
        int room = payload.bucketsRoom();
        int count = 0;
        int end = differing.nextSetBit(nextRequest);
        while (end >= 0 && count < room) {
            count++;
            end = differing.nextSetBit(end + 1);
        }
        if (count == 0) {
            nextRequest = end < 0 ? -1 : nextRequest;
            return;
        }
        BucketRequestEncoder.BucketsEncoder buckets = payload.bucketRequest(round, count);
        int bucket = differing.nextSetBit(nextRequest);
        for (int i = 0; i < count; i++) {
            buckets.next().bucket(bucket);
            nextRequest = bucket + 1;
            bucket = differing.nextSetBit(nextRequest);
        }
        if (bucket < 0) {
            nextRequest = -1;
        }
    }

    /**
     * The injected frame: when the marker was set, {@code dirtyCount} flows stood before it in the queue; once as many
     * were taken, all frames up to the marker are in the kernel. Those it refused stand at the end of the queue again: then
     * the marker moves behind them.
     */
    private void advanceMarker() {
        if (markerSet && injector.taken() >= markerTaken && injector.retrying() > 0) {
            markerTaken = injector.taken() + table.dirtyCount();
        }
        if (markerSet && injector.taken() >= markerTaken) {
            injectedFrame = markerFrame;
            markerSet = false;
        }
        if (!markerSet && appliedFrame != injectedFrame) {
            markerFrame = appliedFrame;
            markerTaken = injector.taken() + table.dirtyCount();
            markerSet = true;
            if (table.dirtyCount() == 0) {
                injectedFrame = markerFrame;
                markerSet = false;
            }
        }
    }

    private void begin(int family, int proto) {
        image.clear();
        image.family(family).l4proto(proto);
    }

    private void finish(int status, long timeoutSeconds) {
        image.status(status).timeoutSeconds(timeoutSeconds);
    }

    private void apply(int parts) {
        if (!decoder.decode(image, parts, ext, 0, ext.capacity())) {
            malformed.increment();
            return;
        }
        if ((parts & ~Parts.KNOWN) != 0) {
            unknownParts.increment();
        }
        applied.increment();
        int result = table.apply(image, APPLY, nowMs);
        if (openBuckets > 0 && (result & NEWS) != 0 && open.get(table.bucketOf(table.appliedSlot()))) {
            repaired(1);
        }
    }

    private void repaired(int flows) {
        if (wasEqual) {
            proof.repaired(RepairWhy.DIGEST, flows);
        }
    }

    private void remove(int zone) {
        if (zone != 0) {
            image.zone(zone, FlowImage.ZONE_DIR_ORIG);
        }
        applied.increment();
        table.remove(image);
    }

    private WireReadiness wireReadiness() {
        return switch (readiness()) {
            case COLD -> WireReadiness.COLD;
            case SYNCING -> WireReadiness.SYNCING;
            case READY -> WireReadiness.READY;
        };
    }
}
