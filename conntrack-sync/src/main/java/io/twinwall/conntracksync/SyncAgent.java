/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.base.OffHeap;
import io.twinwall.conntracksync.SyncReport.Tally;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.flowtable.SlotConsumer;
import io.twinwall.flowtable.SlotCursor;
import io.twinwall.wire.AckDecoder;
import io.twinwall.wire.BucketRequestDecoder;
import io.twinwall.wire.FrameCounters;
import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.FrameOpener;
import io.twinwall.wire.FrameSealer;
import io.twinwall.wire.HelloDecoder;
import io.twinwall.wire.Link;
import io.twinwall.wire.PayloadHandler;
import io.twinwall.wire.PayloadReader;
import java.util.Queue;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The one agent of state synchronisation. It alone touches the flow table, the conntrack sockets and the link. As source
 * it reads kernel events and publishes deltas; as mirror it applies deltas and injects them. Commands come in and reports
 * go out through lock-free queues; nothing here waits for anybody else.
 */
public final class SyncAgent implements Agent {
    /** {@link #doWork} answers this much when a limit was reached and more is waiting: do not rest. Else less. */
    public static final int SATURATED = 1 << 12;

    private static final int EVENT_BATCHES = 64;
    private static final int EVENTS_SATURATED = EVENT_BATCHES * 32;
    private static final int FRAMES_IN = 64;
    private static final int FRAMES_OUT = 64;
    private static final int FLOWS_INJECTED = 2048;
    private static final int TIMEOUTS_CORRECTED = 1024;
    private static final long RENEW_EVERY_NS = 100_000_000L;
    private static final int RENEW_SLOTS_MIN = 1024;

    /** Renewals a pass of the whole table takes at the most: at ten a second well within half the hold. */
    private static final int RENEW_TURNS_MAX = 2000;

    private static final int COMMANDS_MAX = 256;
    /** How long a promoted mirror's audit waits to be told to correct timeouts. */
    private static final long CORRECTION_AWAITED_NS = 5_000_000_000L;

    private enum Mode {
        OFF(0),
        SOURCE(1),
        MIRROR(2);

        /** As the gauge {@code sync_mode} shows it. */
        private final int number;

        Mode(int number) {
            this.number = number;
        }
    }

    private final SyncConfig config;
    private final NanoClock clock;
    private final Link link;
    private final Consumer<SyncReport> reports;
    private final Bulletin bulletin;
    private final int renewSlots;
    private final Queue<SyncCommand> commands = new ManyToOneConcurrentArrayQueue<>(COMMANDS_MAX);

    private final FlowTable table;
    private final EntryApplier applier;
    private final HoldBack holdBack;
    private final EventAdapter events;
    private final KernelDump dump;
    private final Injector injector;
    private final FrameSender sender;
    private final FrameCounters frameCounters;
    private final PayloadReader payloads;
    private final DeltaPublisher publisher;
    private final Mirror mirror;
    private final Adoption adoption;
    private final SyncGauges gauges;
    private final PayloadHandler sourceHandler = new SourceHandler();
    private final FrameHandler frameHandler = this::onFrame;
    private final SlotConsumer timeoutCorrection;

    private FrameSealer sealer;
    private FrameOpener opener;
    private Mode mode = Mode.OFF;
    private long term;
    private boolean tableComplete;
    private boolean helloPending;
    private long renewAtNs;

    private SyncCommand.DrainInjector draining;
    private SyncCommand.Barrier barrier;
    private SyncCommand.CorrectTimeouts correcting;
    private final SlotCursor correction;
    private boolean correctionAwaited;
    private long promotedNs;
    private boolean auditDue;
    private boolean saturated;

    private long lossBeganNs;
    private long roleTerm;
    private long peerRefused;

    public SyncAgent(
            SyncConfig config,
            ConntrackKernel kernel,
            Link link,
            OffHeap memory,
            NanoClock clock,
            Counters counters,
            Consumer<SyncReport> reports) {
        this.config = config;
        this.clock = clock;
        this.link = link;
        this.reports = reports;
        bulletin = new Bulletin(config.lagDeltasMax(), reports);
        renewSlots = Math.max(RENEW_SLOTS_MIN, config.flowsMax() / RENEW_TURNS_MAX);
        table = new FlowTable(
                memory, new FlowTableConfig(config.flowsMax(), config.bucketBits(), config.hashSeed()), counters);
        applier = new EntryApplier(table, FlowFilter.NONE_OWN);
        holdBack = new HoldBack(table, memory.map(HoldBack.ringBytes(config.flowsMax())), counters);
        events = new EventAdapter(table, applier, holdBack, kernel::events, clock, counters);
        dump = new KernelDump(
                table, applier, holdBack, kernel::dumps, memory.map(KernelDump.requestBytes()), clock, counters);
        injector = new Injector(table, kernel.injections(), memory.map(Injector.bufferBytes()), clock, counters);
        sender = new FrameSender(link, counters);
        frameCounters = new FrameCounters(counters);
        payloads = new PayloadReader(counters);
        publisher = new DeltaPublisher(table, config.bucketBits(), sender, counters);
        mirror = new Mirror(table, config, injector, sender, counters);
        adoption = new Adoption(events, dump, injector, mirror);
        gauges = new SyncGauges(counters);
        correction = table.cursor();
        timeoutCorrection = injector::correctTimeout;
    }

    /** Hands a command over, from any thread. False when the agent is hopelessly behind. */
    public boolean offer(SyncCommand command) {
        return commands.offer(command);
    }

    @Override
    public String roleName() {
        return "sync";
    }

    @Override
    public int doWork() {
        saturated = false;
        int work = link.doWork();
        long nowNs = clock.nanoTime();
        SyncCommand command = commands.poll();
        while (command != null) {
            work++;
            carryOut(command);
            command = commands.poll();
        }
        work += limited(link.poll(frameHandler, FRAMES_IN), FRAMES_IN);
        work += switch (mode) {
            case OFF -> 0;
            case SOURCE -> source(nowNs);
            case MIRROR -> mirror(nowNs);
        };
        if (work > 0) {
            // What this cycle wrote leaves with it; an idle cycle spares the system calls.
            work += link.doWork();
        }
        tell(nowNs);
        return saturated ? SATURATED : Math.min(work, SATURATED - 1);
    }

    /** Notes when a stage did all it may in one cycle: there may be more. */
    private int limited(int work, int limit) {
        saturated |= work >= limit;
        return work;
    }

    @Override
    public void onClose() {
        events.close();
        dump.close();
        injector.close();
        closeSession();
        link.close();
    }

    // ------------------------------------------------------------------ source

    private int source(long nowNs) {
        int work = limited(events.poll(EVENT_BATCHES), EVENTS_SATURATED);
        if (events.takeLost()) {
            if (lossBeganNs == 0) {
                lossBeganNs = nowNs;
                gauges.lossWindows.increment();
            }
            // It is older than the loss: the dump is to have the last word.
            events.readQueued();
            auditDue = true;
        }
        work += holdBack.release(nowNs);
        work += correctTimeouts();
        // A loss during an audit wants another after it: to break one off means to read its dump to the end all the
        // same.
        if (auditDue && correcting == null && !dump.running() && !awaitsCorrection(nowNs)) {
            auditDue = false;
            dump.start();
        }
        if (dump.running()) {
            int stepped = dump.step();
            saturated |= stepped > 0;
            work += stepped;
            if (!dump.running() && !auditDue) {
                audited(nowNs);
            }
        }
        boolean mayProve = tableComplete && !dump.running() && lossBeganNs == 0;
        work += limited(publisher.step(FRAMES_OUT, nowNs, mayProve), FRAMES_OUT);
        passBarrier(nowNs);
        return work;
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
        injector.flushTimeouts();
        if (correction.done()) {
            done(correcting.token(), true, "");
            correcting = null;
        }
        saturated = true;
        return visited + 1;
    }

    private void passBarrier(long nowNs) {
        if (barrier == null) {
            return;
        }
        if (publisher.barrierPassed()) {
            done(barrier.token(), true, "");
            barrier = null;
        } else if (nowNs > barrier.deadlineNs()) {
            done(
                    barrier.token(),
                    false,
                    "the peer did not confirm within the time allowed: " + publisher.lagDeltas() + " deltas behind");
            barrier = null;
        }
    }

    // ------------------------------------------------------------------ mirror

    private int mirror(long nowNs) {
        if (adoption.reading()) {
            return limited(adoption.read(EVENT_BATCHES), EVENTS_SATURATED);
        }
        int work = limited(adoption.watch(EVENT_BATCHES, nowNs), EVENTS_SATURATED);
        if (adoption.lost() && draining == null) {
            adoption.again();
            return work + 1;
        }
        work += limited(mirror.step(FLOWS_INJECTED, nowNs, term), FLOWS_INJECTED);
        if (draining != null && (table.dirtyCount() == 0 || nowNs > draining.deadlineNs())) {
            boolean all = table.dirtyCount() == 0;
            done(draining.token(), all, all ? "" : table.dirtyCount() + " flows not installed in time");
            draining = null;
        }
        if (nowNs - renewAtNs > RENEW_EVERY_NS) {
            renewAtNs = nowNs;
            injector.renew(renewSlots);
        }
        return work;
    }

    /** Everything that has arrived goes into the mirror before the injector is drained. */
    private void drain(SyncCommand.DrainInjector command) {
        supersede(draining == null ? 0 : draining.token(), draining != null);
        draining = command;
        int frames = FRAMES_IN;
        while (frames == FRAMES_IN && clock.nanoTime() < command.deadlineNs()) {
            link.doWork();
            frames = link.poll(frameHandler, FRAMES_IN);
        }
    }

    // ------------------------------------------------------------------ commands

    private void carryOut(SyncCommand command) {
        switch (command) {
            case SyncCommand.SessionUp up -> openSession(up);
            case SyncCommand.TermSeen seen -> term(seen.term());
            case SyncCommand.DrainInjector drain -> {
                if (mode == Mode.MIRROR) {
                    adoption.cutShort();
                    drain(drain);
                } else {
                    done(drain.token(), true, "");
                }
            }
            case SyncCommand.BecomeSource become -> becomeSource(become);
            case SyncCommand.BecomeMirror become -> becomeMirror(become);
            case SyncCommand.Barrier asked -> {
                if (mode == Mode.SOURCE && sealer != null) {
                    supersede(barrier == null ? 0 : barrier.token(), barrier != null);
                    barrier = asked;
                    publisher.barrier(asked.token());
                } else {
                    done(asked.token(), false, "there is no session with a peer to confirm it");
                }
            }
            case SyncCommand.CorrectTimeouts correct -> {
                if (mode == Mode.SOURCE) {
                    correctionAwaited = false;
                    supersede(correcting == null ? 0 : correcting.token(), correcting != null);
                    correcting = correct;
                    correction.restart();
                } else {
                    done(correct.token(), true, "");
                }
            }
            case SyncCommand.OwnAddresses own -> applier.filter(own.filter());
            case SyncCommand.Visit visit -> visit(visit);
        }
    }

    /** Each command is answered: the one before, still under way, by this. */
    private void supersede(long token, boolean underWay) {
        if (underWay) {
            done(token, false, "asked again before it was done");
        }
    }

    private void openSession(SyncCommand.SessionUp up) {
        closeSession();
        sealer = new FrameSealer(up.keys(), link.frameBytesMax());
        opener = new FrameOpener(up.keys(), link.frameBytesMax(), frameCounters);
        sender.session(sealer);
        term(up.term());
        publisher.reset(term);
        mirror.reset();
    }

    private void closeSession() {
        sender.session(null);
        if (sealer != null) {
            sealer.close();
            opener.close();
            sealer = null;
            opener = null;
        }
    }

    private void term(long seen) {
        term = Math.max(term, seen);
        if (opener != null) {
            opener.termMin(term);
        }
    }

    private void becomeSource(SyncCommand.BecomeSource become) {
        boolean promoted = mode == Mode.MIRROR && !adoption.reading();
        term(become.term());
        begin(become.term());
        if (mode != Mode.SOURCE) {
            abandon();
            adoption.cutShort();
            adoption.leave();
            events.open(injector.portId());
            injector.dropMarks();
            // A promoted mirror is trusted at once; its audit waits until the timeouts are right, since the dump would
            // teach the table the slack that the injector added; and should nobody ask for them, not for ever.
            tableComplete = promoted;
            correctionAwaited = promoted;
            promotedNs = clock.nanoTime();
            auditDue = true;
        }
        mode = Mode.SOURCE;
        publisher.reset(term);
        done(become.token(), true, "");
    }

    private void becomeMirror(SyncCommand.BecomeMirror become) {
        term(become.term());
        begin(become.term());
        boolean known = mode == Mode.SOURCE && knowsItsKernel();
        abandon();
        if (mode == Mode.SOURCE) {
            dump.cancel();
            injector.dropMarks();
            lossBeganNs = 0;
            adoption.follow(holdBack, known, clock.nanoTime());
        } else if (mode == Mode.OFF) {
            adoption.begin();
        }
        mode = Mode.MIRROR;
        tableComplete = false;
        mirror.reset();
        done(become.token(), true, "");
    }

    /**
     * Reads the last events of a source that is to be mirror: what packets changed in this kernel after the last cycle
     * would else stay unknown, and a table equal to the new source's would stand for a kernel that is not. False when
     * events were lost, or an audit was still to come: then only a dump tells what this kernel holds.
     */
    private boolean knowsItsKernel() {
        return !events.readQueued() && lossBeganNs == 0 && !auditDue && !dump.running();
    }

    /** A role begins, or goes on under another term: its readiness is to be told anew. */
    private void begin(long newRoleTerm) {
        roleTerm = newRoleTerm;
        bulletin.forget();
        peerRefused = 0;
    }

    /** What was under way for the old role will not be finished; its askers are told. */
    private void abandon() {
        if (draining != null) {
            done(draining.token(), false, "the role changed");
            draining = null;
        }
        if (barrier != null) {
            done(barrier.token(), false, "the role changed");
            barrier = null;
        }
        if (correcting != null) {
            done(correcting.token(), false, "the role changed");
            correcting = null;
        }
        helloPending = false;
        auditDue = false;
        correctionAwaited = false;
    }

    private void visit(SyncCommand.Visit visit) {
        FlowImage image = new FlowImage();
        SlotCursor cursor = table.cursor();
        int[] visited = {0};
        boolean[] more = {true};
        while (more[0] && !cursor.done()) {
            cursor.advance(1, slot -> {
                table.read(slot, image);
                image.timeoutSeconds(table.remainingMs(slot, clock.nanoTime() / 1_000_000) / 1000);
                visited[0]++;
                more[0] = visit.visitor().test(image);
            });
        }
        visit.done().complete(visited[0]);
    }

    private void done(long token, boolean ok, String detail) {
        reports.accept(new SyncReport.Done(
                token, ok, detail, new Tally(table.eligibleCount(), injector.installed(), table.refusedCount())));
    }

    // ------------------------------------------------------------------ frames and reports

    private void onFrame(DirectBuffer buffer, int offset, int length) {
        if (opener == null) {
            gauges.framesWithoutSession.increment();
            return;
        }
        int payloadLength = opener.open(buffer, offset, length);
        if (payloadLength < 0) {
            return;
        }
        if (adoption.reading()) {
            return;
        }
        if (opener.kind() == FrameKind.STATE && mode == Mode.MIRROR) {
            mirror.onFrame(opener.frameNumber(), opener.gap(), clock.nanoTime());
            payloads.read(opener.payload(), 0, payloadLength, mirror);
        } else if (opener.kind() == FrameKind.REPORT && mode == Mode.SOURCE) {
            payloads.read(opener.payload(), 0, payloadLength, sourceHandler);
        } else {
            gauges.framesOutOfRole.increment();
        }
    }

    private void tell(long nowNs) {
        boolean source = mode == Mode.SOURCE;
        SyncReport.Readiness readiness = source ? SyncReport.Readiness.READY : mirror.readiness();
        long lagDeltas = source ? publisher.lagDeltas() : table.dirtyCount();
        long lagNs = source ? publisher.lagNs(nowNs) : 0;
        gauges.flows.set(table.eligibleCount());
        gauges.held.set(table.size());
        gauges.dirty.set(table.dirtyCount());
        gauges.lagDeltas.set(lagDeltas);
        gauges.lagNs.set(lagNs);
        gauges.bucketsDiffering.set(source ? publisher.bucketsPending() : mirror.bucketsDiffering());
        gauges.progressPermille.set(source ? 1000 : (long) (mirror.progress() * 1000));
        gauges.mode.set(mode.number);
        long refused = source ? peerRefused : table.refusedCount();
        gauges.refused.set(source ? 0 : refused);
        gauges.peerRefused.set(peerRefused);
        if (mode != Mode.OFF) {
            bulletin.tell(roleTerm, readiness, mirror.equal(), lagDeltas, lagNs, refused, nowNs);
        }
    }

    /** What the mirror reports, heard by the source. */
    private final class SourceHandler extends IgnoringHandler {
        @Override
        public void onHello(HelloDecoder hello) {
            if (hello.bucketBits() != config.bucketBits()) {
                gauges.framesOutOfRole.increment();
            } else if (tableComplete && !dump.running()) {
                publisher.startRound();
            } else {
                helloPending = true;
            }
        }

        @Override
        public void onAck(AckDecoder ack) {
            publisher.confirmed(ack.injectedFrame(), ack.barrierToken());
            gauges.peerFlows.set(ack.flows());
            peerRefused = ack.refused();
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
}
