/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.daemon.Config.When;
import io.twinwall.linux.CommandTree;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs the operator's commands when the role changes. A hook runs at most once at a time; transitions that come while it
 * runs leave only the newest to be run afterwards, and none when the newest does not concern it. Nothing here is ever
 * waited for, but for hooks marked {@code before}, and nothing here tells the protocol anything but that those are done.
 *
 * <p>Threads: {@link #PROCESSES_MAX} for ordinary hooks and {@link #BEFORE_MAX} for those that a takeover waits for, so
 * that the former cannot delay the latter. They are started by whoever configures, never by the role agent, whose real-time
 * priority they, and the commands, would inherit.
 */
final class HookRunner implements AutoCloseable {
    /** Ordinary hooks that run at once; the others wait. */
    static final int PROCESSES_MAX = 4;

    /** Hooks that run at once while a takeover waits. */
    static final int BEFORE_MAX = 4;

    private static final Logger LOG = System.getLogger("twinwall.hooks");
    private static final long CLOSE_WAIT_NS = TimeUnit.SECONDS.toNanos(2);

    /** A change of role, as hooks are told of it. */
    record Occasion(When role, When oldRole, long term, String reason) {}

    private final String node;
    private final String peer;
    private final NanoClock clock;
    private final Counter runs;
    private final Counter failed;
    private final Counter killed;
    private final Counter notStarted;
    private final Counter coalesced;
    private final Counter running;

    private volatile List<HookSlot> slots = List.of();
    private volatile ExecutorService ordinary;
    private volatile ExecutorService waitedFor;
    private volatile Occasion newest = new Occasion(When.INIT, When.INIT, 0, "");

    HookRunner(List<Config.Hook> hooks, String node, String peer, Counters counters, NanoClock clock) {
        this.node = node;
        this.peer = peer;
        this.clock = clock;
        runs = counters.counter("hooks_runs_total", "Runs of hooks begun.");
        failed = counters.counter("hooks_failed_total", "Runs of hooks that ended with another status than 0.");
        killed = counters.counter("hooks_killed_total", "Runs of hooks killed at their deadline.");
        notStarted = counters.counter("hooks_not_started_total", "Hooks whose command could not be started.");
        coalesced = counters.counter(
                "hooks_coalesced_total",
                "Transitions a hook was not run for, because a newer one came before it could.");
        running = counters.gauge("hooks_running", "Hooks that run now.");
        configure(hooks);
    }

    /** Whether any of {@code hooks} keeps a takeover waiting. */
    static boolean anyBefore(List<Config.Hook> hooks) {
        return hooks.stream().anyMatch(Config.Hook::before);
    }

    /** The longest that {@code hooks} may keep a takeover waiting. */
    static long beforeLimitNs(List<Config.Hook> hooks) {
        return hooks.stream()
                .filter(Config.Hook::before)
                .mapToLong(hook -> hook.timeoutMs() * 1_000_000L)
                .max()
                .orElse(0);
    }

    /** Other hooks from now on; those that run go on to their end. Not on the role agent's thread. */
    void configure(List<Config.Hook> hooks) {
        if (ordinary == null && !hooks.isEmpty()) {
            ordinary = threads("twinwall-hook", PROCESSES_MAX);
            waitedFor = threads("twinwall-hook-before", BEFORE_MAX);
        }
        List<HookSlot> next = new ArrayList<>();
        for (Config.Hook hook : hooks) {
            next.add(slots.stream()
                    .filter(slot -> slot.hook().equals(hook))
                    .findFirst()
                    .orElseGet(() -> new HookSlot(hook, this)));
        }
        slots.stream().filter(slot -> !next.contains(slot)).forEach(HookSlot::forget);
        slots = List.copyOf(next);
    }

    /** The role changed. Returns at once, whatever the hooks do. */
    void onTransition(Occasion occasion) {
        newest = occasion;
        for (HookSlot slot : slots) {
            if (slot.concerns(occasion)) {
                if (slot.put(occasion)) {
                    ordinary.execute(slot::drain);
                }
            } else {
                slot.forget();
            }
        }
    }

    /**
     * Runs what a takeover waits for, each for its own timeout and all together for at most {@code limitNs}; {@code done}
     * hears, once and on any thread, what went wrong, or "". Returns at once.
     */
    void before(long limitNs, Consumer<String> done) {
        List<HookSlot> waiting =
                slots.stream().filter(slot -> slot.hook().before()).toList();
        if (waiting.isEmpty()) {
            done.accept("");
            return;
        }
        Occasion occasion = newest;
        long deadlineNs = clock.nanoTime() + limitNs;
        AtomicInteger left = new AtomicInteger(waiting.size());
        List<String> problems = java.util.Collections.synchronizedList(new ArrayList<>());
        for (HookSlot slot : waiting) {
            waitedFor.execute(() -> {
                try {
                    String problem = slot.run(occasion, deadlineNs);
                    if (!problem.isEmpty()) {
                        problems.add(problem);
                    }
                } finally {
                    if (left.decrementAndGet() == 0) {
                        done.accept(String.join("; ", problems));
                    }
                }
            });
        }
    }

    /** How each hook's last run ended, in the configuration's order. Any thread. */
    List<CliStatus.Hook> results() {
        long nowNs = clock.nanoTime();
        return slots.stream().map(slot -> slot.result(nowNs)).toList();
    }

    /** Lets what runs end for a moment, so that the hooks of an orderly stop are run, then kills it. */
    @Override
    public void close() {
        if (ordinary == null) {
            return;
        }
        List<HookSlot> all = slots;
        slots = List.of();
        ordinary.shutdown();
        waitedFor.shutdown();
        try {
            if (!ordinary.awaitTermination(CLOSE_WAIT_NS, TimeUnit.NANOSECONDS)) {
                LOG.log(Level.WARNING, "hooks that still run are killed, because the program ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(HookSlot::forget);
        all.forEach(HookSlot::kill);
        ordinary.shutdownNow();
        waitedFor.shutdownNow();
        if (!CommandTree.awaitKilled(TimeUnit.NANOSECONDS.toMillis(CLOSE_WAIT_NS))) {
            LOG.log(Level.WARNING, "not all that hooks have started is killed");
        }
    }

    Map<String, String> environment(Occasion occasion) {
        return Map.of(
                "TWINWALL_ROLE", occasion.role().name(),
                "TWINWALL_OLD_ROLE", occasion.oldRole().name(),
                "TWINWALL_TERM", String.valueOf(occasion.term()),
                "TWINWALL_REASON", occasion.reason(),
                "TWINWALL_NODE", node,
                "TWINWALL_PEER", peer);
    }

    long nanoTime() {
        return clock.nanoTime();
    }

    // The counters have one writer at a time: whoever holds the lock.

    synchronized void countCoalesced() {
        coalesced.increment();
    }

    synchronized void countBegun() {
        running.add(1);
        runs.increment();
    }

    synchronized void countEnded(HookProcess.End end, String told) {
        running.add(-1);
        boolean well = false;
        switch (end) {
            case HookProcess.End.Exited exited -> {
                well = exited.status() == 0;
                failed.add(well ? 0 : 1);
            }
            case HookProcess.End.Killed gone -> killed.increment();
            case HookProcess.End.NotStarted never -> notStarted.increment();
        }
        LOG.log(well ? Level.INFO : Level.WARNING, "{0}", told);
    }

    private static ExecutorService threads(String name, int count) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Thread.ofPlatform()
                        .name(name + "-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(task));
        // Else the first transitions would start them, on the role agent's thread.
        pool.prestartAllCoreThreads();
        return pool;
    }
}
