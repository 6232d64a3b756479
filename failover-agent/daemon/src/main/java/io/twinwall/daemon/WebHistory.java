/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Some numbers over time, for a page that has just been opened: each second of the last ten minutes, and each minute of
 * the last day. Written by one thread, read by any. Bounded: some hundred kilobytes.
 */
final class WebHistory {
    static final int SECONDS_MAX = 600;
    static final int MINUTES_MAX = 1_440;
    private static final long MINUTE_MS = 60_000;

    /**
     * The numbers of a moment, in JSON an array in this order.
     *
     * @param atMs on the node's monotonic clock
     * @param flows replicated
     * @param lagDeltas on the active what the peer's kernel has not confirmed, on the passive what waits for its own
     * @param lagMs age of the oldest of them; 0 on the passive, which does not know
     * @param waiting to be sent on the active, to be applied on the passive
     * @param hostEntries in this host's table; -1: not known
     */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    record Sample(long atMs, long flows, long lagDeltas, double lagMs, long waiting, long hostEntries) {
        static Sample of(CliStatus status, long atMs) {
            CliStatus.Sync sync = status.sync();
            return new Sample(
                    atMs,
                    sync.flows(),
                    sync.lagDeltas(),
                    sync.lagMs(),
                    sync.dirty(),
                    status.flowCounts().hostEntries());
        }

        /** The worst of both, as it stands at the later. */
        Sample with(Sample later) {
            return new Sample(
                    later.atMs,
                    later.flows,
                    Math.max(lagDeltas, later.lagDeltas),
                    Math.max(lagMs, later.lagMs),
                    Math.max(waiting, later.waiting),
                    later.hostEntries);
        }
    }

    /** Oldest first; a minute's lag is its worst. */
    record Past(List<Sample> seconds, List<Sample> minutes) {}

    private final ArrayDeque<Sample> seconds = new ArrayDeque<>();
    private final ArrayDeque<Sample> minutes = new ArrayDeque<>();
    private Sample minute;
    private long minuteEndsMs;

    synchronized void add(Sample sample) {
        keep(seconds, sample, SECONDS_MAX);
        if (minute == null) {
            minuteEndsMs = sample.atMs() + MINUTE_MS;
        }
        minute = minute == null ? sample : minute.with(sample);
        if (sample.atMs() - minuteEndsMs >= 0) {
            keep(minutes, minute, MINUTES_MAX);
            minute = null;
        }
    }

    private static void keep(ArrayDeque<Sample> samples, Sample sample, int max) {
        if (samples.size() == max) {
            samples.removeFirst();
        }
        samples.addLast(sample);
    }

    synchronized Past past() {
        return new Past(List.copyOf(seconds), List.copyOf(minutes));
    }

    synchronized void forget() {
        seconds.clear();
        minutes.clear();
        minute = null;
    }
}
