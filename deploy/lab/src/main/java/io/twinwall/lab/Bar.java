/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What must hold in every run of a trial.
 *
 * @param takeoversMin how often some node becomes active, at least
 * @param takeoversMax and at most; a takeover beyond it is a false one
 * @param gates how long both gates may be open
 * @param quiet nobody notices: no stream is dark for longer than {@value #QUIET_MS} ms and the machine's own stall
 * @param swift the median of the dark times keeps the profile's promise for a loss of power
 * @param lossless not one probe is lost
 */
record Bar(int takeoversMin, int takeoversMax, Gates gates, boolean quiet, boolean swift, boolean lossless) {
    static final double QUIET_MS = 20;
    /** Frames on their way at the moment of asking are no loss. */
    private static final long MISSED_MAX = 16;

    /** How long two gates may be open together. */
    enum Gates {
        NEVER,
        ONE_LEASE,
        /** They must be, for the control: else the measure sees nothing. */
        SEEN
    }

    static Bar takeover() {
        return new Bar(1, 1, Gates.ONE_LEASE, false, false, false);
    }

    static Bar stays() {
        return new Bar(0, 0, Gates.ONE_LEASE, false, false, false);
    }

    static Bar atMostOne() {
        return new Bar(0, 1, Gates.ONE_LEASE, false, false, false);
    }

    static Bar control() {
        return new Bar(1, 2, Gates.SEEN, false, false, false);
    }

    Bar neverTwo() {
        return new Bar(takeoversMin, takeoversMax, Gates.NEVER, quiet, swift, lossless);
    }

    Bar withQuiet() {
        return new Bar(takeoversMin, takeoversMax, gates, true, swift, lossless);
    }

    Bar withSwift() {
        return new Bar(takeoversMin, takeoversMax, gates, quiet, true, lossless);
    }

    Bar withLossless() {
        return new Bar(takeoversMin, takeoversMax, gates, quiet, swift, true);
    }

    /** The dark time that is held against, on a machine that never stands still; null where none is. */
    Double darkMsMax(LabProfile profile) {
        return quiet ? Double.valueOf(QUIET_MS) : swift ? Double.valueOf(profile.powerDarkMs()) : null;
    }

    /** What did not hold, in words; empty when all did. */
    List<String> misses(List<RunResult> runs, LabProfile profile) {
        List<String> misses = new ArrayList<>();
        for (RunResult run : runs) {
            for (String miss : misses(run, profile)) {
                if (!misses.contains(miss)) {
                    misses.add(miss);
                }
            }
        }
        double median = Numbers.median(runs.stream().mapToDouble(RunResult::darkWorstMs));
        if (swift && median > profile.powerDarkMs()) {
            misses.add("dark for " + ms(median) + " in the median, more than " + profile.powerDarkMs());
        }
        return misses;
    }

    /** What must hold in each single run, whatever the machine's mood: roles, gates and flows. */
    List<String> misses(RunResult run, LabProfile profile) {
        List<String> misses = new ArrayList<>(run.problems());
        if (run.takeovers() < takeoversMin) {
            misses.add("nobody became active");
        }
        if (run.takeovers() > takeoversMax) {
            misses.add(takeoversMax == 0 ? "a false takeover" : run.takeovers() + " takeovers");
        }
        gates(run, profile, misses);
        if (gates != Gates.SEEN && run.survived() < run.opened()) {
            misses.add(run.opened() - run.survived() + " flows lost");
        }
        if (quiet && run.darkWorstMs() > QUIET_MS + run.stallMs()) {
            misses.add("dark for " + ms(run.darkWorstMs()));
        }
        if (lossless && run.probesLost() > 0) {
            misses.add(run.probesLost() + " probes lost");
        }
        return misses;
    }

    private void gates(RunResult run, LabProfile profile, List<String> misses) {
        switch (gates) {
            case NEVER -> {
                if (run.twoOpenMs() > 0) {
                    misses.add("two gates open for " + ms(run.twoOpenMs()));
                }
            }
            case ONE_LEASE -> {
                if (run.twoOpenMs() > profile.leaseMs()) {
                    misses.add("two gates open for " + ms(run.twoOpenMs()) + ", more than a lease");
                }
            }
            case SEEN -> {
                if (run.twoOpenMs() == 0) {
                    misses.add("two gates were not seen open: the measure is blind");
                }
            }
        }
        if (run.missedFrames() > MISSED_MAX) {
            misses.add("the capture missed " + run.missedFrames() + " frames");
        }
    }

    /** The bar in words, for the table. */
    String words(LabProfile profile) {
        List<String> words = new ArrayList<>();
        words.add(
                takeoversMax == 0
                        ? "no takeover"
                        : takeoversMin == takeoversMax
                                ? "1 takeover"
                                : takeoversMin + " to " + takeoversMax + " takeovers");
        words.add(
                switch (gates) {
                    case NEVER -> "never two gates";
                    case ONE_LEASE -> "two gates for at most " + profile.leaseMs() + " ms";
                    case SEEN -> "two gates seen";
                });
        if (gates != Gates.SEEN) {
            words.add("every flow survives");
        }
        if (quiet) {
            words.add("dark for at most " + ms(QUIET_MS) + " beyond the machine's stall");
        }
        if (swift) {
            words.add("median dark time at most " + profile.powerDarkMs() + " ms");
        }
        if (lossless) {
            words.add("no probe lost");
        }
        return String.join("; ", words);
    }

    /** Milliseconds in words, to a tenth where less than one counts; "ever" for what did not end. */
    private static String ms(double value) {
        return Double.isInfinite(value)
                ? "ever"
                : String.format(Locale.ROOT, value < 10 ? "%.1f ms" : "%.0f ms", value);
    }
}
