/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a soak does to a pair. After each the pair must become whole again and be equal, and nothing that flowed before may
 * be lost: what loses flows by its nature (both agents killed on hosts that forget, a flush on the active) is not here.
 */
enum SoakFault {
    KILL_ACTIVE("active's agent killed", 1, 1, true),
    KILL_PASSIVE("passive's agent killed", 0, 0, true),
    HANG_ACTIVE("active's agent hangs (SIGSTOP), later continued", 1, 1, false),
    HANG_PASSIVE("passive's agent hangs (SIGSTOP), later continued", 0, 0, false),
    RESTART_ACTIVE("active's agent restarted (SIGTERM)", 1, 1, true),
    RESTART_PASSIVE("passive's agent restarted (SIGTERM)", 0, 0, true),
    SYNC_LINK("sync link cut", 0, 0, false),
    LAN_LINK("active's LAN link cut", 1, 1, false),
    WAN_LINK("active's WAN link cut", 1, 1, false),
    SYNC_LOSS("packets lost on the sync link, both ways", 0, 0, false),
    BEAT_LOSS("heartbeats lost on all links, both ways", 0, 0, false),
    CPU("all cores busy", 0, 0, false),
    FLUSH("passive's kernel flushed (conntrack -F)", 0, 0, false),
    DELETE("one flow deleted in the active's kernel (conntrack -D)", 0, 0, false),
    /** A stop for less than a lease; on a machine that stands still besides it may cost the role. */
    OVERFLOW("event queue of the active overrun", 0, 1, false),
    SWITCHOVER("planned switchover", 1, 1, false),
    MAINTENANCE_ACTIVE("active sent into maintenance and back", 1, 1, false),
    MAINTENANCE_PASSIVE("passive sent into maintenance and back", 0, 0, false),
    CLOCK("wall clock stepped by 30 s, and back", 0, 0, false);

    private final String what;
    private final int takeoversMin;
    private final int takeoversMax;
    private final boolean endsAgent;

    SoakFault(String what, int takeoversMin, int takeoversMax, boolean endsAgent) {
        this.what = what;
        this.takeoversMin = takeoversMin;
        this.takeoversMax = takeoversMax;
        this.endsAgent = endsAgent;
    }

    /** What happens, in words. */
    String what() {
        return what;
    }

    /** How often some node must become active by it. */
    int takeoversMin() {
        return takeoversMin;
    }

    /** And how often at most; one beyond it is one that nobody asked for. */
    int takeoversMax() {
        return takeoversMax;
    }

    /** Whether an agent's process ends by it, and what is measured of that process with it. */
    boolean endsAgent() {
        return endsAgent;
    }

    /** The word of the command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The faults of a command line's words, separated by commas.
     *
     * @throws IllegalArgumentException naming the words there are
     */
    static List<SoakFault> parse(String words) {
        return Arrays.stream(words.toLowerCase(Locale.ROOT).split(","))
                .map(SoakFault::of)
                .distinct()
                .toList();
    }

    private static SoakFault of(String word) {
        return Arrays.stream(values())
                .filter(fault -> fault.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + word + "\" is not one of "
                        + Arrays.stream(values()).map(SoakFault::word).collect(Collectors.joining(", "))));
    }
}
