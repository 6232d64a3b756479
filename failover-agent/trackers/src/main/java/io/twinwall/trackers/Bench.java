/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * The trackers of one configuration, and what they add up to: tells the listener when a verdict or the list has changed. No
 * clock, socket or thread of its own; the trackers' thread only, but for {@link #health}.
 */
final class Bench implements AutoCloseable {
    private static final Logger LOG = System.getLogger("twinwall.trackers");

    /** Makes a tracker of a spec. */
    @FunctionalInterface
    interface Maker {
        Tracker make(TrackSpec spec, long nowNs);
    }

    private final Maker maker;
    private final Trackers.Listener listener;
    private final TrackerCounters counters;
    private List<Tracker> trackers = List.of();
    private boolean replaced;
    private volatile Health health = Health.of(List.of());

    Bench(Maker maker, Trackers.Listener listener, TrackerCounters counters) {
        this.maker = maker;
        this.listener = listener;
        this.counters = counters;
    }

    /** Keeps the trackers whose specs are the same, closes the others, makes the new ones. */
    void replace(List<TrackSpec> specs, long nowNs) {
        List<Tracker> next = new ArrayList<>();
        for (TrackSpec spec : specs) {
            Tracker kept = find(spec);
            next.add(kept != null ? kept : maker.make(spec, nowNs));
        }
        for (Tracker old : trackers) {
            if (!next.contains(old)) {
                old.close();
                counters.left(old.spec().name());
            }
        }
        // The first list is no change: there is nobody yet who knows of another.
        replaced = !trackers.isEmpty() || health.trackers().size() > 0;
        trackers = List.copyOf(next);
        trackers.forEach(tracker -> counters.verdict(tracker.state()));
        rebuild();
    }

    private Tracker find(TrackSpec spec) {
        for (Tracker tracker : trackers) {
            if (tracker.spec().equals(spec)) {
                return tracker;
            }
        }
        return null;
    }

    List<Tracker> trackers() {
        return trackers;
    }

    Health health() {
        return health;
    }

    void onTime(long nowNs) {
        for (int i = 0; i < trackers.size(); i++) {
            trackers.get(i).onTime(nowNs);
        }
    }

    void onLinks(long nowNs) {
        for (int i = 0; i < trackers.size(); i++) {
            trackers.get(i).onLinks(nowNs);
        }
    }

    /** Until the next {@link #onTime}; Long.MAX_VALUE when nothing will be due. */
    long waitNs(long nowNs) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < trackers.size(); i++) {
            least = Math.min(least, trackers.get(i).waitNs(nowNs));
        }
        return least;
    }

    /** Asks every test address at once. */
    void ask(long nowNs) {
        for (int i = 0; i < trackers.size(); i++) {
            trackers.get(i).ask(nowNs);
        }
    }

    /** Tells what has changed since the last call, and who answered. */
    void report() {
        answers();
        boolean details = false;
        boolean verdicts = replaced;
        replaced = false;
        for (int i = 0; i < trackers.size(); i++) {
            Tracker tracker = trackers.get(i);
            details |= tracker.takeDetailChange();
            if (tracker.takeVerdictChange()) {
                verdicts = true;
                TrackerState state = tracker.state();
                counters.changed(state);
                LOG.log(
                        state.verdict() == Verdict.DOWN ? Level.WARNING : Level.INFO,
                        "track {0}: {1}: {2}",
                        state.name(),
                        state.verdict().text(),
                        state.detail());
            }
        }
        if (details || verdicts) {
            rebuild();
        }
        if (verdicts) {
            listener.onHealth(health);
        }
    }

    /** The newest says all that the others say. */
    private void answers() {
        Tracker.Answer newest = null;
        for (int i = 0; i < trackers.size(); i++) {
            Tracker.Answer answer = trackers.get(i).takeAnswer();
            if (newest == null || (answer != null && answer.begunNs() - newest.begunNs() > 0)) {
                newest = answer;
            }
        }
        if (newest != null) {
            listener.onAnswer(newest.begunNs(), newest.answeredNs());
        }
    }

    private void rebuild() {
        health = Health.of(trackers.stream().map(Tracker::state).toList());
    }

    @Override
    public void close() {
        trackers.forEach(Tracker::close);
    }
}
