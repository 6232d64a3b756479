/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.flowtable.FlowImage;
import io.twinwall.linux.AnonymousMapping;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.wire.Link;
import io.twinwall.wire.SessionKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongFunction;

/** One firewall of a {@link KernelPair}: a sync agent on a thread of its own that lives in the node's namespace. */
final class PairNode implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long IDLE_NS = 200_000;

    final String netNs;
    final Counters counters = new Counters();
    final ConcurrentLinkedQueue<SyncReport.LossWindowClosed> lossWindows = new ConcurrentLinkedQueue<>();
    private final ConcurrentHashMap<Long, SyncReport.Done> done = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();
    private final AnonymousMapping memory = new AnonymousMapping();
    private final Thread thread;
    private volatile SyncAgent agent;
    private volatile SyncReport.Changed changed;
    private volatile Throwable failure;
    private volatile boolean stopped;

    PairNode(String netNs, SyncConfig config, int eventBufferBytes, Link link) {
        this.netNs = netNs;
        thread = Thread.ofPlatform().name("sync " + netNs).daemon().start(() -> run(config, eventBufferBytes, link));
        Await.until("agent of " + netNs, DEADLINE, () -> agent != null || failure != null);
    }

    private void run(SyncConfig config, int eventBufferBytes, Link link) {
        try {
            NetNs.enter(netNs);
            ConntrackKernel kernel = ConntrackKernel.real(eventBufferBytes, socket -> {});
            SyncAgent made = new SyncAgent(config, kernel, link, memory, NanoClock.SYSTEM, counters, this::onReport);
            agent = made;
            while (!stopped) {
                if (made.doWork() == 0) {
                    LockSupport.parkNanos(IDLE_NS);
                }
            }
            made.onClose();
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void onReport(SyncReport report) {
        switch (report) {
            case SyncReport.Done ended -> done.put(ended.token(), ended);
            case SyncReport.Changed news -> changed = news;
            case SyncReport.LossWindowClosed loss -> lossWindows.add(loss);
        }
    }

    void session(SessionKeys keys, long term) {
        offer(new SyncCommand.SessionUp(keys, term));
    }

    void endSession() {
        // Keys that nobody else has: what either side sends from now on is refused by the other.
        offer(new SyncCommand.SessionUp(SimPair.keys(0, tokens.incrementAndGet() << 32, 1), 1));
    }

    void becomeSource(long term) {
        await("become source", token -> new SyncCommand.BecomeSource(token, term));
    }

    void becomeMirror(long term) {
        changed = null;
        await("become mirror", token -> new SyncCommand.BecomeMirror(token, term));
    }

    void drain() {
        await("drain", token -> new SyncCommand.DrainInjector(token, System.nanoTime() + DEADLINE.toNanos()));
    }

    void barrier() {
        await("barrier", token -> new SyncCommand.Barrier(token, System.nanoTime() + DEADLINE.toNanos()));
    }

    void correctTimeouts() {
        await("correct timeouts", SyncCommand.CorrectTimeouts::new);
    }

    /** How equal the pair is, as this node knows it; {@code now}: compared since. */
    SyncProof proof(boolean now) {
        CompletableFuture<SyncProof> answer = new CompletableFuture<>();
        offer(new SyncCommand.Verify(now, System.nanoTime() + DEADLINE.toNanos(), answer));
        try {
            return answer.get(2 * DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no proof of " + netNs, e);
        }
    }

    /** What {@code copy} takes of each flow in the table. */
    <T> List<T> visit(Function<FlowImage, T> copy) throws Exception {
        List<T> all = new ArrayList<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        offer(new SyncCommand.Visit(image -> all.add(copy.apply(image)), end));
        end.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        return all;
    }

    boolean ready() {
        rethrow();
        SyncReport.Changed now = changed;
        return now != null && now.equal() && now.readiness() == SyncReport.Readiness.READY;
    }

    void offer(SyncCommand command) {
        rethrow();
        if (!agent.offer(command)) {
            throw new AssertionError("the agent of " + netNs + " takes no commands");
        }
    }

    private void await(String what, LongFunction<SyncCommand> command) {
        long token = tokens.incrementAndGet();
        offer(command.apply(token));
        Await.until(what + " in " + netNs, DEADLINE, () -> {
            rethrow();
            return done.containsKey(token);
        });
        SyncReport.Done ended = done.get(token);
        if (!ended.ok()) {
            throw new AssertionError(what + " in " + netNs + ": " + ended.detail());
        }
    }

    private void rethrow() {
        if (failure != null) {
            throw new AssertionError("the agent of " + netNs + " died: " + failure, failure);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        memory.close();
        rethrow();
    }
}
