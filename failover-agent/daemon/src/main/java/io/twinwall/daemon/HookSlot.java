/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.daemon.HookRunner.Occasion;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** One hook: the newest transition it has not been run for, the run under way, and how the last one ended. */
final class HookSlot {
    private record Last(Occasion occasion, String outcome, boolean ok, long tookNs, long endedNs) {}

    private final Config.Hook hook;
    private final HookRunner runner;
    private final AtomicReference<Occasion> pending = new AtomicReference<>();
    private final AtomicBoolean queued = new AtomicBoolean();
    private volatile HookProcess process;
    private volatile Last last;

    HookSlot(Config.Hook hook, HookRunner runner) {
        this.hook = hook;
        this.runner = runner;
    }

    Config.Hook hook() {
        return hook;
    }

    /** Whether it is to be run after this; what a takeover waits for is run by the takeover. */
    boolean concerns(Occasion occasion) {
        return hook.on().contains(occasion.role()) && !hook.before();
    }

    /** Notes {@code occasion} as the newest; true when {@link #drain} is to be called by a thread of the pool. */
    boolean put(Occasion occasion) {
        if (pending.getAndSet(occasion) != null) {
            runner.countCoalesced();
        }
        return queued.compareAndSet(false, true);
    }

    /** The newest transition is none of its own: what waits is out of date. */
    void forget() {
        if (pending.getAndSet(null) != null) {
            runner.countCoalesced();
        }
    }

    /** Runs it for as long as there is something newer. */
    void drain() {
        do {
            try {
                runNewest();
            } finally {
                queued.set(false);
            }
            // Put between the last look and the mark: then nobody else was told to drain.
        } while (pending.get() != null && queued.compareAndSet(false, true));
    }

    private void runNewest() {
        Occasion occasion = pending.getAndSet(null);
        while (occasion != null) {
            run(occasion, Long.MAX_VALUE);
            occasion = pending.getAndSet(null);
        }
    }

    /** Runs it now, to be through at {@code deadlineNs}; what went wrong, or "". One run at a time. */
    synchronized String run(Occasion occasion, long deadlineNs) {
        long beganNs = runner.nanoTime();
        long limitNs = Math.min(hook.timeoutMs() * 1_000_000L, deadlineNs - beganNs);
        runner.countBegun();
        HookProcess one = new HookProcess(hook.command(), runner.environment(occasion));
        process = one;
        HookProcess.End end = limitNs > 0 ? one.run(limitNs) : new HookProcess.End.NotStarted("no time was left");
        process = null;
        long tookNs = runner.nanoTime() - beganNs;
        boolean ok = end instanceof HookProcess.End.Exited exited && exited.status() == 0;
        last = new Last(occasion, outcome(end, tookNs), ok, tookNs, beganNs + tookNs);
        String told = "hook " + hook.command().getFirst() + " (" + occasion.role() + ", term " + occasion.term() + "): "
                + last.outcome();
        runner.countEnded(end, told);
        return ok ? "" : told;
    }

    private static String outcome(HookProcess.End end, long tookNs) {
        return switch (end) {
            case HookProcess.End.Exited exited -> "exit status " + exited.status();
            case HookProcess.End.Killed killed -> "killed after " + tookNs / 1_000_000 + " ms";
            case HookProcess.End.NotStarted never -> "not started: " + never.reason();
        };
    }

    void kill() {
        HookProcess running = process;
        if (running != null) {
            running.kill();
        }
    }

    CliStatus.Hook result(long nowNs) {
        Last ended = last;
        return new CliStatus.Hook(
                hook.command().getFirst(),
                hook.on().stream().map(Config.Word::text).toList(),
                hook.before(),
                process != null,
                ended == null ? null : ended.occasion().role().name(),
                ended == null ? null : ended.outcome(),
                ended == null || ended.ok(),
                ended == null ? 0 : ended.tookNs() / 1_000_000,
                ended == null ? -1 : Ago.ms(nowNs, ended.endedNs()));
    }
}
