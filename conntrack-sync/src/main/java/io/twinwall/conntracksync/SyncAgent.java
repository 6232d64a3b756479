/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.base.OffHeap;
import io.twinwall.conntracksync.SyncReport.Tally;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.flowtable.FlowTableConfig;
import io.twinwall.wire.FrameCounters;
import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.FrameKind;
import io.twinwall.wire.FrameOpener;
import io.twinwall.wire.Link;
import io.twinwall.wire.PayloadReader;
import io.twinwall.wire.SideChannel;
import java.util.Queue;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The one agent of state synchronisation. It alone touches the flow table, the conntrack sockets and the link. As source
 * it reads kernel events and publishes deltas ({@link SourceDuty}); as mirror it applies deltas and injects them ({@link
 * MirrorDuty}). Commands come in and reports go out through lock-free queues; nothing here waits for anybody else.
 */
public final class SyncAgent implements Agent {
    /** {@link #doWork} answers this much when a limit was reached and more is waiting: do not rest. Else less. */
    public static final int SATURATED = 1 << 12;

    private static final int FRAMES_IN = 64;

    /** So many frames at once are more than a rest gathers in any but a flood of changes: more may be coming. */
    private static final int FRAMES_BEHIND = 16;

    /**
     * A wake-up costs as much as 20 to 40 changes, since caches have gone cold; so long do changes wait here for others,
     * and so much is lost with this host.
     */
    private static final long GATHER_NS = 4_000_000;

    /** What the mirror gathers is on this host already; only a drain would wait, and that wakes. */
    private static final long GATHER_MIRROR_NS = 8_000_000;

    /** While something is to come to its end soon: a mirror's first copy, an audit, a handover. */
    private static final long GATHER_SHORT_NS = 1_000_000;

    private static final int COMMANDS_MAX = 256;

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

    private final NanoClock clock;
    private final Link link;
    private final Consumer<SyncReport> reports;
    private final Bulletin bulletin;
    private final Queue<SyncCommand> commands = new ManyToOneConcurrentArrayQueue<>(COMMANDS_MAX);
    private final WorkLoad load = new WorkLoad();

    private final FlowTable table;
    private final EntryApplier applier;
    private final HoldBack holdBack;
    private final EventAdapter events;
    private final DumpSocket dumps;
    private final Proof proof;
    private final Verification verification;
    private final Injector injector;
    private final FrameSender sender;
    private final SyncSession session;
    private final PayloadReader payloads;
    private final Expectations expectations;
    private final Mirror mirror;
    private final SourceDuty source;
    private final MirrorDuty following;
    private final SyncGauges gauges;
    private final TableVisits visits;
    private final FrameHandler frameHandler = this::onFrame;

    private final Counters counters;
    private SideFrames side = SideFrames.NONE;
    private DeltaRecorder recorder;
    private Mode mode = Mode.OFF;
    private long roleTerm;

    public SyncAgent(
            SyncConfig config,
            ConntrackKernel kernel,
            Link link,
            OffHeap memory,
            NanoClock clock,
            Counters counters,
            Consumer<SyncReport> reports) {
        this.clock = clock;
        this.link = link;
        this.reports = reports;
        this.counters = counters;
        bulletin = new Bulletin(config.lagDeltasMax(), reports);
        table = new FlowTable(
                memory, new FlowTableConfig(config.flowsMax(), config.bucketBits(), config.hashSeed()), counters);
        applier = new EntryApplier(table, FlowFilter.NONE_OWN, counters);
        holdBack = new HoldBack(table, memory.map(HoldBack.ringBytes(config.flowsMax())), counters);
        proof = new Proof(clock, counters);
        verification = new Verification(clock, this::proof);
        sender = new FrameSender(link, counters);
        expectations = Expectations.of(config, kernel, table, applier, sender, memory, counters);
        events = new EventAdapter(table, applier, holdBack, expectations, kernel::events, proof, clock, counters);
        dumps = new DumpSocket(kernel::dumps, memory.map(DumpSocket.requestBytes()), events::catchUp);
        KernelDump dump = new KernelDump(table, applier, holdBack, dumps, clock, counters);
        injector = new Injector(table, kernel.injections(), memory.map(Injector.bufferBytes()), clock, counters);
        session = new SyncSession(link, sender, new FrameCounters(counters));
        payloads = new PayloadReader(counters);
        DeltaPublisher publisher = new DeltaPublisher(table, config.bucketBits(), sender, proof, counters);
        MirrorAudit audit = new MirrorAudit(table, applier, dumps, injector, proof, clock, counters);
        KernelGuard guard = new KernelGuard(table, audit, injector, proof, clock, counters);
        mirror = new Mirror(table, config, injector, guard, expectations, sender, proof, verification, counters);
        Adoption adoption = new Adoption(events, dump, injector, mirror, guard);
        gauges = new SyncGauges(counters);
        visits = new TableVisits(table, clock);
        source = new SourceDuty(
                table,
                config,
                applier,
                events,
                dump,
                holdBack,
                injector,
                expectations,
                publisher,
                gauges,
                load,
                proof,
                verification,
                clock,
                this::done,
                reports);
        following =
                new MirrorDuty(table, config, mirror, adoption, injector, guard, verification, clock, load, this::done);
    }

    /** To be called before the first {@link #doWork}: the frames also carry what {@code channel} has. */
    public void carry(SideChannel channel) {
        side = new SideFrames(channel, sender);
        payloads.side(channel::received);
    }

    /** How long this agent may rest though there was work. On its own thread. */
    public long gatherNs() {
        return switch (mode) {
            case OFF -> GATHER_NS;
            case SOURCE -> source.hurries() ? GATHER_SHORT_NS : GATHER_NS;
            case MIRROR ->
                following.auditing() || mirror.readiness() != SyncReport.Readiness.READY
                        ? GATHER_SHORT_NS
                        : GATHER_MIRROR_NS;
        };
    }

    /**
     * To be called before the first {@link #doWork}: what this node knows of flows, and all that changes in it, goes to
     * {@code sink}.
     */
    public void record(DeltaSink sink, EpochClock hostClock) {
        recorder = new DeltaRecorder(table, sink, clock, hostClock, counters);
        table.watch(recorder);
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
        load.begin();
        // Not counted: the frames by which links keep one another alive come all the time, and nothing follows from
        // them.
        link.doWork();
        int work = 0;
        long nowNs = clock.nanoTime();
        SyncCommand command = commands.poll();
        while (command != null) {
            work++;
            carryOut(command);
            command = commands.poll();
        }
        work += load.limited(link.poll(frameHandler, FRAMES_IN), FRAMES_BEHIND);
        work += switch (mode) {
            case OFF -> 0;
            case SOURCE -> source.work(nowNs);
            case MIRROR -> following.work(nowNs, session.term());
        };
        work += expectations.step(nowNs, session.term());
        work += sideFrames();
        work += visits.step();
        work += recorder == null ? 0 : recorder.work(nowNs);
        if (session.takeSent() || work > 0) {
            // What this cycle wrote leaves with it; an idle cycle spares the system calls.
            link.doWork();
        }
        verification.expire(nowNs);
        tell(nowNs);
        return load.saturated() ? SATURATED : Math.min(work, SATURATED - 1);
    }

    /** What rides along goes behind all that concerns flows. */
    private int sideFrames() {
        return switch (mode) {
            case OFF -> 0;
            case SOURCE -> side.step(FrameKind.STATE, session.term(), table.dirtyCount() == 0);
            case MIRROR -> following.reading() ? 0 : side.step(FrameKind.REPORT, session.term(), true);
        };
    }

    @Override
    public void onClose() {
        events.close();
        dumps.close();
        injector.close();
        expectations.close();
        session.close();
        link.close();
    }

    // ------------------------------------------------------------------ commands

    private void carryOut(SyncCommand command) {
        switch (command) {
            case SyncCommand.SessionUp up -> openSession(up);
            case SyncCommand.TermSeen seen -> session.term(seen.term());
            case SyncCommand.Rekey rekey -> session.rekey(rekey);
            case SyncCommand.DrainInjector drain -> {
                if (mode == Mode.MIRROR) {
                    drain(drain);
                } else {
                    done(drain.token(), true, "");
                }
            }
            case SyncCommand.BecomeSource become -> becomeSource(become);
            case SyncCommand.BecomeMirror become -> becomeMirror(become);
            case SyncCommand.Barrier asked -> {
                if (mode == Mode.SOURCE && session.isOpen()) {
                    source.barrier(asked);
                } else {
                    done(asked.token(), false, "there is no session with a peer to confirm it");
                }
            }
            case SyncCommand.CorrectTimeouts correct -> {
                if (mode == Mode.SOURCE) {
                    source.correct(correct);
                } else {
                    done(correct.token(), true, "");
                }
            }
            case SyncCommand.OwnAddresses own -> {
                applier.filter(own.filter());
                source.selectAnew();
            }
            case SyncCommand.Select select -> {
                applier.rules(select.rules());
                events.rules(select.rules());
                source.select(select.rules());
            }
            case SyncCommand.Visit visit -> visits.ask(visit);
            case SyncCommand.Verify verify -> verify(verify);
        }
    }

    private void openSession(SyncCommand.SessionUp up) {
        session.open(up.keys(), up.term());
        source.reset(session.term());
        mirror.reset();
        expectations.reset();
    }

    /** Everything that has arrived goes into the mirror before the injector is drained. */
    private void drain(SyncCommand.DrainInjector command) {
        following.drain(command);
        int frames = FRAMES_IN;
        while (frames == FRAMES_IN && clock.nanoTime() < command.deadlineNs()) {
            link.doWork();
            frames = link.poll(frameHandler, FRAMES_IN);
        }
    }

    private void becomeSource(SyncCommand.BecomeSource become) {
        boolean promoted = mode == Mode.MIRROR && !following.reading();
        begin(become.term());
        if (mode != Mode.SOURCE) {
            abandon();
            following.end();
            source.begin(promoted, clock.nanoTime());
        }
        mode = Mode.SOURCE;
        source.reset(session.term());
        expectations.becomeSource();
        side.turn(SideChannel.Side.SOURCE);
        done(become.token(), true, "");
    }

    private void becomeMirror(SyncCommand.BecomeMirror become) {
        begin(become.term());
        boolean known = mode == Mode.SOURCE && source.knowsItsKernel();
        abandon();
        if (mode == Mode.SOURCE) {
            source.end();
            following.follow(holdBack, known, clock.nanoTime());
        } else if (mode == Mode.OFF) {
            following.begin();
        }
        mode = Mode.MIRROR;
        mirror.reset();
        expectations.becomeMirror();
        side.turn(SideChannel.Side.MIRROR);
        done(become.token(), true, "");
    }

    /** A role begins, or goes on under another term: its readiness is to be told anew. */
    private void begin(long newRoleTerm) {
        session.term(newRoleTerm);
        roleTerm = newRoleTerm;
        bulletin.forget();
        source.forgetPeer();
    }

    /** What was under way for the old role will not be finished; its askers are told. */
    private void abandon() {
        following.abandon();
        source.abandon();
        verification.abandon();
        proof.forget();
    }

    private void verify(SyncCommand.Verify question) {
        if (question.now() && mode != Mode.OFF) {
            verification.ask(question);
        } else {
            question.done().complete(proof(false));
        }
    }

    private SyncProof proof(boolean complete) {
        return proof.snapshot(table.eligibleCount(), refused(), complete);
    }

    private long refused() {
        return mode == Mode.SOURCE ? source.peerRefused() : table.refusedCount();
    }

    private void done(long token, boolean ok, String detail) {
        reports.accept(new SyncReport.Done(
                token, ok, detail, new Tally(table.eligibleCount(), injector.installed(), table.refusedCount())));
    }

    // ------------------------------------------------------------------ frames and reports

    private void onFrame(DirectBuffer buffer, int offset, int length) {
        if (!session.isOpen()) {
            gauges.framesWithoutSession.increment();
            return;
        }
        FrameOpener opener = session.opener();
        int payloadLength = opener.open(buffer, offset, length);
        if (payloadLength < 0 || (mode == Mode.MIRROR && following.reading())) {
            return;
        }
        if (opener.kind() == FrameKind.STATE && mode == Mode.MIRROR) {
            following.onFrame(opener.frameNumber(), opener.gap());
            payloads.read(opener.payload(), 0, payloadLength, mirror);
        } else if (opener.kind() == FrameKind.REPORT && mode == Mode.SOURCE) {
            payloads.read(opener.payload(), 0, payloadLength, source);
        } else {
            gauges.framesOutOfRole.increment();
        }
    }

    private void tell(long nowNs) {
        boolean isSource = mode == Mode.SOURCE;
        SyncReport.Readiness readiness = isSource ? SyncReport.Readiness.READY : mirror.readiness();
        long lagDeltas = isSource ? source.lagDeltas() : table.dirtyCount();
        long lagNs = isSource ? source.lagNs(nowNs) : 0;
        gauges.flows.set(table.eligibleCount());
        gauges.held.set(table.size());
        gauges.dirty.set(table.dirtyCount());
        gauges.lagDeltas.set(lagDeltas);
        gauges.lagNs.set(lagNs);
        gauges.bucketsDiffering.set(isSource ? source.bucketsPending() : mirror.bucketsDiffering());
        gauges.progressPermille.set(isSource ? 1000 : (long) (mirror.progress() * 1000));
        gauges.mode.set(mode.number);
        proof.show(nowNs);
        long refused = refused();
        gauges.refused.set(isSource ? 0 : refused);
        gauges.peerRefused.set(source.peerRefused());
        if (mode != Mode.OFF) {
            bulletin.tell(roleTerm, readiness, mirror.equal(), lagDeltas, lagNs, refused, nowNs);
        }
    }
}
