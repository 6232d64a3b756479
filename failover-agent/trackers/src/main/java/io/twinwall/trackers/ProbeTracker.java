/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/**
 * A thing that is asked now and then: begins a try each interval and ends it as failed at the timeout. A thread that was
 * itself held up looks for the answer once more before it calls a try failed, and does not make up for tries it missed.
 */
abstract class ProbeTracker extends Tracker {
    private final Timing timing;
    private boolean trying;
    private long deadlineNs;
    private long nextNs;

    ProbeTracker(TrackSpec spec, Timing timing, long nowNs) {
        super(spec, new Judge(timing.rise(), timing.fall(), 0, nowNs));
        this.timing = timing;
        this.nextNs = nowNs;
    }

    /** Begins a try, which {@link #finish} ends, perhaps at once. */
    abstract void begin(long nowNs);

    /** Looks whether the try has ended, and calls {@link #finish} if so. */
    abstract void look(long nowNs);

    /** Stops a try that took too long; returns what to say of it. */
    abstract String giveUp();

    /** Until the try should be looked at although no descriptor says so; Long.MAX_VALUE for never. */
    long lookAgainNs(long nowNs) {
        return Long.MAX_VALUE;
    }

    /** Whether an answer may come although no try is under way. */
    boolean listening() {
        return false;
    }

    final boolean trying() {
        return trying;
    }

    final Timing timing() {
        return timing;
    }

    final void finish(boolean ok, String detail, long nowNs) {
        trying = false;
        result(ok, detail, nowNs);
    }

    @Override
    final void onReady(long nowNs) {
        if (trying || listening()) {
            look(nowNs);
        }
    }

    @Override
    final void onTime(long nowNs) {
        if (trying && (lookAgainNs(nowNs) <= 0 || nowNs - deadlineNs >= 0)) {
            look(nowNs);
        }
        if (trying && nowNs - deadlineNs >= 0) {
            finish(false, giveUp(), nowNs);
        }
        if (!trying && nowNs - nextNs >= 0) {
            nextNs = nowNs - nextNs >= timing.intervalNs() ? nowNs + timing.intervalNs() : nextNs + timing.intervalNs();
            trying = true;
            deadlineNs = nowNs + timing.timeoutNs();
            begin(nowNs);
        }
    }

    @Override
    final long waitNs(long nowNs) {
        return Math.max(0, trying ? Math.min(deadlineNs - nowNs, lookAgainNs(nowNs)) : nextNs - nowNs);
    }
}
