/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

/**
 * One tracked thing, driven by the trackers' thread: {@link #onReady} when its descriptor has something, {@link #onLinks}
 * when an interface changed, {@link #onTime} when {@link #waitNs} has passed. None of them blocks.
 */
abstract class Tracker implements AutoCloseable {
    static final int NO_FD = -1;

    /** When what was answered was asked, and when the answer came. */
    record Answer(long begunNs, long answeredNs) {}

    private final TrackSpec spec;
    private final Judge judge;
    private String detail = "not judged yet";
    private boolean detailChanged = true;
    private boolean verdictChanged;

    Tracker(TrackSpec spec, Judge judge) {
        this.spec = spec;
        this.judge = judge;
    }

    /** Does what is due. */
    abstract void onTime(long nowNs);

    /** Until {@link #onTime} wants to be called; Long.MAX_VALUE when it does not. */
    abstract long waitNs(long nowNs);

    /** The descriptor to wait for at this moment, or {@link #NO_FD}. */
    int fd() {
        return NO_FD;
    }

    /** What to wait for on {@link #fd}: {@code POLL*}. */
    int events() {
        return 0;
    }

    /** {@link #fd} has something. */
    void onReady(long nowNs) {}

    /** Some interface changed. */
    void onLinks(long nowNs) {}

    /** Asks at once, in addition to what {@link #onTime} does, where there is somebody to ask. It judges nothing but a try under way. */
    void ask(long nowNs) {}

    /** An answer that came since {@link #ask}: once, null when there is none. */
    Answer takeAnswer() {
        return null;
    }

    /** Gives back sockets and ends what runs. */
    @Override
    public void close() {}

    final TrackSpec spec() {
        return spec;
    }

    final Judge judge() {
        return judge;
    }

    final TrackerState state() {
        return new TrackerState(spec.name(), spec.kind(), judge.verdict(), judge.sinceNs(), detail, spec.penalty());
    }

    /** True once after something that {@link #state} shows has changed. */
    final boolean takeDetailChange() {
        boolean changed = detailChanged;
        detailChanged = false;
        return changed;
    }

    /** True once after the verdict has changed. */
    final boolean takeVerdictChange() {
        boolean changed = verdictChanged;
        verdictChanged = false;
        return changed;
    }

    final void result(boolean ok, String newDetail, long nowNs) {
        if (!detail.equals(newDetail)) {
            detail = newDetail;
            detailChanged = true;
        }
        changed(judge.judge(ok, nowNs));
    }

    final void changed(boolean verdict) {
        verdictChanged |= verdict;
        detailChanged |= verdict;
    }
}
