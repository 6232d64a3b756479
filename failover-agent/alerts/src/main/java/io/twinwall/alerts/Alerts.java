/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Tells people. Facts come from any thread and wait for nobody; one thread, {@code twinwall-alerts}, keeps a {@link
 * Lane} for each receiver, looks each second at which conditions hold, and never waits for a receiver either. Without
 * a receiver there is no thread, and nothing is kept or loaded.
 *
 * <p>Nothing here decides anything, and a bug here ends the alerts, which is logged and shown, and not the program: a
 * notice that is not sent must not cost the role.
 */
public final class Alerts implements AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.alerts");
    private static final int FACTS_MAX = 256;
    private static final long LOOK_NS = 1_000_000_000L;

    /** What the last notices of a program that ends are given. */
    private static final long LAST_NS = 1_500_000_000L;

    /** Finds the conditions that hold. */
    @FunctionalInterface
    public interface Look {
        /** On the alerts' thread; must not wait. */
        List<AlertFact.Raised> holding(long nowNs);
    }

    private final Supplier<Origin> origin;
    private final ScriptRun.Maker scripts;
    private final NanoClock clock;
    private final LongSupplier epochMs;
    private final AlertCounters counters;
    private final Queue<AlertFact> facts = new ManyToOneConcurrentArrayQueue<>(FACTS_MAX);
    private final Queue<AlertTest> tests = new ConcurrentLinkedQueue<>();
    private final AtomicLong missed = new AtomicLong();
    private final Thread thread =
            Thread.ofPlatform().name("twinwall-alerts").daemon().unstarted(this::run);
    private volatile List<AlertSpec> wanted = List.of();
    private volatile List<Lane> lanes = List.of();
    private volatile Look look;
    private volatile boolean ending;
    private volatile boolean broken;
    private long lookedNs;
    private long endNs;

    /**
     * @param origin this node, asked on the alerts' thread
     * @param scripts for receivers that are scripts
     * @param epochMs the time of day
     */
    public Alerts(
            Supplier<Origin> origin,
            ScriptRun.Maker scripts,
            NanoClock clock,
            LongSupplier epochMs,
            Counters counters) {
        this.origin = origin;
        this.scripts = scripts;
        this.clock = clock;
        this.epochMs = epochMs;
        this.counters = new AlertCounters(counters);
    }

    /** From now on {@code conditions} says what holds; before that nobody is told anything. */
    public void start(Look conditions) {
        lookedNs = clock.nanoTime() - LOOK_NS;
        look = conditions;
        wake();
        startIfWanted();
    }

    /**
     * Other receivers from now on; one that is the same goes on. Not on a thread whose priority the deliveries, which
     * are its children, should not have.
     */
    public void configure(List<AlertSpec> specs) {
        wanted = List.copyOf(specs);
        wake();
        startIfWanted();
    }

    private synchronized void startIfWanted() {
        if (look != null && !wanted.isEmpty() && thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    /** Whether there is a receiver: else nobody needs to make a fact of anything. Any thread. */
    public boolean listening() {
        return !wanted.isEmpty();
    }

    /** Something happened. Any thread; never waits. */
    public void tell(AlertFact fact) {
        if (wanted.isEmpty()) {
            return;
        }
        if (!facts.offer(fact)) {
            missed.incrementAndGet();
        }
        wake();
    }

    /**
     * Sends a notice to {@code name}, to all when it is null; null when there is none of that name. Returns at once.
     */
    public AlertTest test(String name) {
        List<AlertSpec> chosen = wanted.stream()
                .filter(spec -> name == null || spec.name().equals(name))
                .toList();
        if (chosen.isEmpty()) {
            return null;
        }
        AlertTest test = new AlertTest(chosen);
        if (broken) {
            chosen.forEach(spec -> test.ended(spec, Outcome.failed("a bug ended the alerts; see the log"), 0));
        } else {
            tests.add(test);
            wake();
        }
        return test;
    }

    /** The receivers, in the configuration's order. Any thread. */
    public List<AlertStatus> status() {
        return lanes.stream().map(Lane::status).toList();
    }

    /** True when a bug has ended this. */
    public boolean broken() {
        return broken;
    }

    /** Gives the last notices a moment, and ends what is under way. */
    @Override
    public void close() {
        endNs = clock.nanoTime() + LAST_NS;
        ending = true;
        wake();
        try {
            if (thread.getState() != Thread.State.NEW) {
                thread.join(Duration.ofNanos(2 * LAST_NS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            while (!ending || !through()) {
                long nowNs = clock.nanoTime();
                work(nowNs);
                LockSupport.parkNanos(this, restNs(nowNs));
            }
        } catch (RuntimeException | Error e) {
            broken = true;
            LOG.log(Level.ERROR, "a bug ended the alerts; the node goes on without them", e);
        } finally {
            lanes.forEach(Lane::forget);
        }
    }

    private long restNs(long nowNs) {
        if (ending) {
            return LOOK_NS / 20;
        }
        // Whoever configures a receiver wakes it.
        return lanes.isEmpty() ? Long.MAX_VALUE : lookedNs + LOOK_NS - nowNs;
    }

    private boolean through() {
        long nowNs = clock.nanoTime();
        return nowNs - endNs >= 0 || (facts.isEmpty() && lanes.stream().allMatch(lane -> lane.resting(nowNs)));
    }

    private void work(long nowNs) {
        reconcile();
        List<Lane> all = lanes;
        for (AlertFact fact = facts.poll(); fact != null; fact = facts.poll()) {
            for (Lane lane : all) {
                lane.take(fact, nowNs);
            }
        }
        if (nowNs - lookedNs >= LOOK_NS) {
            lookedNs = nowNs;
            List<AlertFact.Raised> holding = all.isEmpty() ? List.of() : look.holding(nowNs);
            all.forEach(lane -> lane.holding(holding, nowNs));
        }
        test(all);
        if (!all.isEmpty()) {
            Origin from = origin.get();
            long timeMs = epochMs.getAsLong();
            all.forEach(lane -> lane.work(from, timeMs, nowNs));
        }
        counters.now(
                all.stream().mapToInt(Lane::open).max().orElse(0),
                all.stream().mapToInt(Lane::waiting).sum(),
                missed.get());
    }

    private void test(List<Lane> all) {
        for (AlertTest test = tests.poll(); test != null; test = tests.poll()) {
            AlertTest asked = test;
            for (AlertTest.Result one : test.results()) {
                all.stream()
                        .filter(lane -> lane.spec().name().equals(one.name()))
                        .findFirst()
                        .ifPresentOrElse(lane -> lane.test(asked), () -> asked.gone(one.name()));
            }
        }
    }

    private void reconcile() {
        List<AlertSpec> specs = wanted;
        List<Lane> old = lanes;
        if (specs.equals(old.stream().map(Lane::spec).toList())) {
            return;
        }
        List<Lane> next = new ArrayList<>();
        for (AlertSpec spec : specs) {
            next.add(old.stream()
                    .filter(lane -> lane.spec().equals(spec))
                    .findFirst()
                    .orElseGet(() -> new Lane(spec, scripts, counters, this::wake)));
        }
        old.stream().filter(lane -> !next.contains(lane)).forEach(Lane::forget);
        lanes = List.copyOf(next);
    }
}
