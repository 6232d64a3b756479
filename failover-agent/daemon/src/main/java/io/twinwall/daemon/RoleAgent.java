/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Check;
import io.twinwall.base.NanoClock;
import io.twinwall.conntracksync.SyncCommand;
import io.twinwall.conntracksync.SyncReport;
import io.twinwall.journal.Evidence;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Step;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The loop around the role protocol: sleeps until a heartbeat arrives or the next tick is due, hands over everything that
 * happened, in order, and has every effect carried out before the next event. It knows how late it was woken, which the
 * protocol needs to not take its own pause for the peer's death.
 */
final class RoleAgent implements Runnable, HeartbeatPaths.Receiver {
    private static final int EVENTS_MAX = 1024;

    private record NewConfig(RoleConfig config, String what) {}

    private final HeartbeatPaths paths;
    private final PeerSession session;
    private final EffectExecutor executor;
    private final EffectExecutor.SyncPort sync;
    private final Witness witness;
    private final NanoClock clock;
    private final PeerWatch peer = new PeerWatch();
    private final Queue<Object> inbox = new ManyToOneConcurrentArrayQueue<>(EVENTS_MAX);

    private volatile RoleState published;
    private volatile RoleConfig config;
    private volatile boolean ending;
    private volatile long beatNs;
    private RoleState state;
    private long wakeAtNs;
    private long termTold;

    RoleAgent(
            RoleConfig config,
            HeartbeatPaths paths,
            PeerSession session,
            EffectExecutor executor,
            EffectExecutor.SyncPort sync,
            Witness witness,
            NanoClock clock) {
        this.config = config;
        this.paths = paths;
        this.session = session;
        this.executor = executor;
        this.sync = sync;
        this.witness = witness;
        this.clock = clock;
        state = RoleProtocol.initial(config, clock.nanoTime());
        published = state;
        beatNs = clock.nanoTime();
    }

    /** An event of the protocol, from any thread. */
    void post(RoleEvent event) {
        Check.that(inbox.offer(event), "the role agent's inbox is full");
        paths.wakeUp();
    }

    /** The configuration from the next step on; {@code what} names for people what changed. From any thread. */
    void reconfigure(RoleConfig changed, String what) {
        Check.that(changed.problems().isEmpty(), "a configuration with problems");
        Check.that(inbox.offer(new NewConfig(changed, what)), "the role agent's inbox is full");
        paths.wakeUp();
    }

    /** A report of the sync agent, from its thread. */
    void post(SyncReport report) {
        Check.that(inbox.offer(report), "the role agent's inbox is full");
        paths.wakeUp();
    }

    /** Has {@link #run} return soon, whatever the protocol says: another part failed. From any thread. */
    void end() {
        ending = true;
        paths.wakeUp();
    }

    /** The protocol's state after the last step, for status pages. */
    RoleState state() {
        return published;
    }

    RoleConfig config() {
        return config;
    }

    /** What was heard of the peer's roles. Any thread. */
    PeerWatch.Seen peer() {
        return peer.seen();
    }

    /** When the loop last began a cycle; it does each second at the latest. Any thread. */
    long beatNs() {
        return beatNs;
    }

    @Override
    public void run() {
        wakeAtNs = clock.nanoTime();
        while (!executor.stopped() && !ending) {
            long nowNs = clock.nanoTime();
            beatNs = nowNs;
            paths.await(Math.min(wakeAtNs, executor.workAtNs(nowNs)) - nowNs);
            long lateNs = Math.max(0, clock.nanoTime() - wakeAtNs);
            witness.late(clock.nanoTime(), lateNs);
            paths.receive(this);
            // An order that is judged by a question must not overtake the answer.
            executor.hearProbes(paths.othersReady());
            answers();
            drain();
            executor.work(paths.othersReady());
            answers();
            keys();
            step(new RoleEvent.Tick(lateNs));
        }
    }

    private void drain() {
        Object posted = inbox.poll();
        while (posted != null) {
            switch (posted) {
                case RoleEvent event -> step(event);
                case SyncReport report -> executor.translate(report).ifPresent(this::step);
                case NewConfig changed -> {
                    config = changed.config();
                    step(new RoleEvent.Reconfigured(changed.what()));
                }
                default -> Check.that(false, "posted to the role agent: " + posted);
            }
            posted = inbox.poll();
        }
    }

    @Override
    public void onDatagram(int path, DirectBuffer buffer, int length) {
        long nowNs = clock.nanoTime();
        RoleEvent.HeartbeatHeard heard = session.hear(path, buffer, length, nowNs);
        if (heard != null) {
            peer.heard(heard.heartbeat(), nowNs);
            witness.heard(path, heard.session(), heard.heartbeat().counter(), nowNs);
            tellSession();
            step(heard);
        }
    }

    @Override
    public void onPeerGone(int path) {
        step(new RoleEvent.PeerAgentGone(session.peer(), path));
    }

    @Override
    public void onPathChanged(int path, boolean up) {
        step(new RoleEvent.PathChanged(path, up));
    }

    private void step(RoleEvent event) {
        RoleEvent next = event;
        while (next != null) {
            long nowNs = clock.nanoTime();
            RoleState before = state;
            Step step = RoleProtocol.step(before, next, nowNs, config);
            state = step.state();
            published = state;
            wakeAtNs = step.wakeAtNs();
            Evidence evidence = changesRole(step) ? witness.evidence(before, state, next, nowNs, config) : null;
            for (RoleEffect effect : step.effects()) {
                executor.carryOut(effect, evidence);
            }
            if (state.term() > termTold) {
                termTold = state.term();
                tell(new SyncCommand.TermSeen(termTold));
            }
            next = executor.pollAnswer();
        }
    }

    private static boolean changesRole(Step step) {
        for (RoleEffect effect : step.effects()) {
            if (effect instanceof RoleEffect.Transition) {
                return true;
            }
        }
        return false;
    }

    private void keys() {
        long nowNs = clock.nanoTime();
        session.work(nowNs);
        tellSession();
        int length = session.encodeOffer(nowNs, paths.buffer());
        if (length > 0) {
            paths.send(length);
        }
    }

    private void tellSession() {
        Optional<SyncCommand> next = session.take();
        while (next.isPresent()) {
            tell(next.get());
            next = session.take();
        }
    }

    private void answers() {
        RoleEvent answer = executor.pollAnswer();
        if (answer != null) {
            step(answer);
        }
    }

    private void tell(SyncCommand command) {
        Check.that(sync.offer(command), "the sync agent does not keep up");
    }

    /** For wiring: reports go where this agent listens. */
    Consumer<SyncReport> reports() {
        return this::post;
    }
}
