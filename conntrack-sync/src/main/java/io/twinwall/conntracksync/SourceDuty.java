/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.wire.AckDecoder;
import io.twinwall.wire.BucketRequestDecoder;
import io.twinwall.wire.ExpectRequestDecoder;
import io.twinwall.wire.HelloDecoder;
import java.util.function.Consumer;

/**
 * What the sync agent does as source: it reads its kernel's events, audits the table by dumps, publishes deltas and
 * digests, and hears what the mirror reports. On the sync agent's thread.
 */
final class SourceDuty extends IgnoringHandler {
    private static final long HANDOVER_NS = 5_000_000_000L;
    private static final int FRAMES_OUT = 64;
    private static final int TIMEOUTS_CORRECTED = 1024;

    /** How long a promoted mirror's audit waits to be told to correct timeouts. */
    private static final long CORRECTION_AWAITED_NS = 5_000_000_000L;

    private final FlowTable table;
    private final int bucketBits;
    private final EntryApplier applier;
    private final EventAdapter events;
    private final KernelDump dump;
    private final HoldBack holdBack;
    private final Injector injector;
    private final Expectations expectations;
    private final DeltaPublisher publisher;
    private final SyncGauges gauges;
    private final WorkLoad load;
    private final Answers answers;
    private final Consumer<SyncReport> reports;
    private final Proof proof;
    private final NanoClock clock;
    private final AuditPace pace = new AuditPace();
    private final SourceVerify verify;
    private final SlotConsumer timeoutCorrection;
    private final SlotCursor correction;

    private boolean tableComplete;
    private boolean helloPending;
    private SyncCommand.Barrier barrier;
    private SyncCommand.CorrectTimeouts correcting;
    private boolean correctionAwaited;
    private long promotedNs;
    private boolean auditDue;

    /** The role began, or other flows are to travel than before: what the next audit brings and takes tells of no repair. */
    private boolean selected;

    /** The audit under way is to make the table what the kernel holds; else it only looks. */
    private boolean learning;

    private long lossBeganNs;
    private long peerRefused;
    private long nowNs;
    private long barrierAskedNs = Long.MIN_VALUE / 2;

    SourceDuty(
            FlowTable table,
            SyncConfig config,
            EntryApplier applier,
            EventAdapter events,
            KernelDump dump,
            HoldBack holdBack,
            Injector injector,
            Expectations expectations,
            DeltaPublisher publisher,
            SyncGauges gauges,
            WorkLoad load,
            Proof proof,
            Verification verification,
            NanoClock clock,
            Answers answers,
            Consumer<SyncReport> reports) {
        this.table = table;
        bucketBits = config.bucketBits();
        this.applier = applier;
        this.events = events;
        this.dump = dump;
        this.holdBack = holdBack;
        this.injector = injector;
        this.expectations = expectations;
        this.publisher = publisher;
        this.gauges = gauges;
        this.load = load;
        this.answers = answers;
        this.reports = reports;
        this.proof = proof;
        this.clock = clock;
        verify = new SourceVerify(verification, publisher);
        timeoutCorrection = injector::correctTimeout;
        correction = table.cursor();
    }

    int work(long atNs) {
        nowNs = atNs;
        int work = load.limited(events.poll(EventAdapter.CYCLE_BATCHES), EventAdapter.CYCLE_SATURATED);
        noteLoss(nowNs);
        work += holdBack.release(nowNs);
        applier.review(nowNs);
        work += correctTimeouts();
        work += audit(nowNs);
        // An audit of the usual kind only looks whether the table is what it is taken for.
        boolean mayProve = tableComplete && !(dump.running() && learning) && lossBeganNs == 0;
        work += load.limited(publisher.step(FRAMES_OUT, nowNs, mayProve, expectations.published()), FRAMES_OUT);
        passBarrier(nowNs);
        return work;
    }

    long lagDeltas() {
        return publisher.lagDeltas();
    }

    long lagNs(long nowNs) {
        return publisher.lagNs(nowNs);
    }

    int bucketsPending() {
        return publisher.bucketsPending();
    }

    /** Flows that the peer's kernel would not take, by its last word. */
    long peerRefused() {
        return peerRefused;
    }

    /** Another session, or another term: the stream begins anew. */
    void reset(long term) {
        publisher.reset(term);
        verify.reset();
    }

    /** The role begins, or goes on under another term. */
    void forgetPeer() {
        peerRefused = 0;
    }

    /**
     * The role begins.
     *
     * @param promoted the table is a mirror's, which is trusted at once; its audit waits until the timeouts are right,
     *     since the dump would teach the table the slack that the injector added; and should nobody ask for them, not
     *     for ever
     */
    void begin(boolean promoted, long nowNs) {
        events.open(injector.portId());
        injector.dropMarks();
        tableComplete = promoted;
        correctionAwaited = promoted;
        promotedNs = nowNs;
        selected = true;
        auditDue = true;
        pace.begin(nowNs);
    }

    /**
     * Reads the last events before this node is to be mirror: what packets changed in this kernel after the last cycle
     * would else stay unknown, and a table equal to the new source's would stand for a kernel that is not. False when
     * events were lost, or an audit was still to come: then only a dump tells what this kernel holds.
     */
    boolean knowsItsKernel() {
        return !events.readQueued() && lossBeganNs == 0 && !auditDue && !(dump.running() && learning);
    }

    /** The role ended. */
    void end() {
        dump.cancel();
        injector.dropMarks();
        lossBeganNs = 0;
        tableComplete = false;
    }

    /** What was under way will not be finished; its askers are told. */
    void abandon() {
        if (barrier != null) {
            answers.done(barrier.token(), false, Answers.ROLE_CHANGED);
            barrier = null;
        }
        if (correcting != null) {
            answers.done(correcting.token(), false, Answers.ROLE_CHANGED);
            correcting = null;
        }
        helloPending = false;
        auditDue = false;
        correctionAwaited = false;
    }

    /** True during an audit, and from a handover's barrier on: what changes until the other claims is to be there. */
    boolean hurries() {
        return dump.running() || nowNs - barrierAskedNs < HANDOVER_NS;
    }

    void barrier(SyncCommand.Barrier asked) {
        barrierAskedNs = nowNs;
        if (barrier != null) {
            answers.superseded(barrier.token());
        }
        barrier = asked;
        expectations.hurry();
        publisher.barrier(asked.token());
    }

    void correct(SyncCommand.CorrectTimeouts asked) {
        if (correcting != null) {
            answers.superseded(correcting.token());
        }
        correctionAwaited = false;
        correcting = asked;
        correction.restart();
    }

    /** What travels is chosen anew: an audit brings what is wanted now, and takes what is not. */
    void select(FlowRules rules) {
        dump.rules(rules);
        selectAnew();
    }

    /** Whatever decides what travels is another. */
    void selectAnew() {
        selected = true;
        auditDue = true;
    }

    private void noteLoss(long nowNs) {
        if (!events.takeLost()) {
            return;
        }
        if (lossBeganNs == 0) {
            lossBeganNs = nowNs;
            gauges.lossWindows.increment();
        }
        // It is older than the loss: the dump is to have the last word.
        events.readQueued();
        auditDue = true;
    }

    private int audit(long nowNs) {
        verify.work(nowNs);
        // A loss during an audit wants another after it: to break one off means to read its dump to the end all the
        // same.
        if (!dump.running() && correcting == null && !awaitsCorrection(nowNs)) {
            beginAudit(nowNs);
        }
        if (!dump.running()) {
            return 0;
        }
        long beganNs = clock.nanoTime();
        int stepped = dump.step();
        pace.worked(clock.nanoTime() - beganNs);
        if (stepped > 0 && learning) {
            load.saturate();
        }
        if (!dump.running()) {
            compared(nowNs);
            if (!auditDue) {
                audited(nowNs);
            }
        }
        return stepped;
    }

    /** Because the table is not known to be what the kernel holds; or to see that it is, at the usual pace or asked to. */
    private void beginAudit(long nowNs) {
        boolean asked = verify.auditWanted();
        if (!auditDue && !asked && !pace.due(nowNs)) {
            return;
        }
        learning = auditDue;
        auditDue = false;
        verify.auditBegins();
        pace.started();
        dump.start();
    }

    private void compared(long nowNs) {
        long differing = 0;
        if (tableComplete && !selected) {
            // Else the table was empty, or a mirror's, or for other rules, and everything news.
            proof.repaired(RepairWhy.BEGIN_MISSED, dump.begun());
            proof.repaired(RepairWhy.CHANGE_MISSED, dump.changed());
            proof.repaired(RepairWhy.END_MISSED, dump.ended());
            differing = dump.begun() + dump.changed() + dump.ended();
        }
        proof.kernelTable.compared(dump.compared(), differing, nowNs);
        pace.ended(differing > 0, nowNs);
        verify.auditEnded();
        selected &= auditDue;
    }

    private void audited(long nowNs) {
        tableComplete = true;
        long repaired = dump.takeRepaired();
        if (lossBeganNs != 0) {
            long lengthNs = nowNs - lossBeganNs;
            lossBeganNs = 0;
            gauges.lossNs.add(lengthNs);
            reports.accept(new SyncReport.LossWindowClosed(lengthNs, repaired));
        }
        learning = false;
        if (helloPending) {
            helloPending = false;
            publisher.startRound();
        }
    }

    private boolean awaitsCorrection(long nowNs) {
        correctionAwaited &= nowNs - promotedNs < CORRECTION_AWAITED_NS;
        return correctionAwaited;
    }

    private int correctTimeouts() {
        if (correcting == null) {
            return 0;
        }
        int visited = correction.advance(TIMEOUTS_CORRECTED, timeoutCorrection);
        injector.flush();
        if (correction.done()) {
            answers.done(correcting.token(), true, "");
            correcting = null;
        }
        load.saturate();
        return visited + 1;
    }

    private void passBarrier(long nowNs) {
        if (barrier == null) {
            return;
        }
        if (publisher.barrierPassed()) {
            answers.done(barrier.token(), true, "");
            barrier = null;
        } else if (nowNs > barrier.deadlineNs()) {
            answers.done(
                    barrier.token(),
                    false,
                    "the peer did not confirm within the time allowed: " + publisher.lagDeltas() + " deltas behind");
            barrier = null;
        }
    }

    // What the mirror reports.

    @Override
    public void onHello(HelloDecoder hello) {
        if (hello.bucketBits() != bucketBits) {
            gauges.framesOutOfRole.increment();
        } else if (tableComplete && !(dump.running() && learning)) {
            publisher.startRound();
        } else {
            helloPending = true;
        }
    }

    @Override
    public void onExpectRequest(ExpectRequestDecoder request) {
        expectations.onRequest(request);
    }

    @Override
    public void onAck(AckDecoder ack) {
        publisher.confirmed(ack.injectedFrame(), ack.barrierToken());
        gauges.peerFlows.set(ack.flows());
        peerRefused = ack.refused();
        proof.told(ack, nowNs);
        verify.told(ack);
    }

    @Override
    public void onBucketRequest(BucketRequestDecoder request) {
        for (BucketRequestDecoder.BucketsDecoder bucket : request.buckets()) {
            if (bucket.bucket() < table.buckets()) {
                publisher.request(bucket.bucket());
            }
        }
    }
}
