/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The rows of the table of failures: what happens, and the bar that what follows is held against. */
enum Trial {
    KILL("agent killed"),
    HANG("agent hangs (SIGSTOP), later continued"),
    POWER("host power: all links down, agent killed"),
    LAN_LINK("LAN link down"),
    WAN_LINK("WAN link down"),
    SYNC_LINK("sync link cut"),
    DEAF("all heartbeats lost, LAN and WAN live"),
    PASSIVE_DEAF("heartbeats lost towards the passive"),
    ACTIVE_DEAF("heartbeats lost towards the active"),
    LOSS("30 % of heartbeats lost, both ways"),
    CPU("all cores busy"),
    RESTART_ACTIVE("active's agent restarted (SIGTERM)"),
    RESTART_PASSIVE("passive's agent restarted (SIGTERM)"),
    START_BOTH("both agents killed, started at once"),
    CLOCK("wall clock stepped by 30 s, and back"),
    WRONG_KEY("passive restarted with a wrong key"),
    LONE("lone agent killed and restarted"),
    SWITCHOVER("planned switchover"),
    CONTROL("control: as hang, with fence = off");

    private final String what;

    Trial(String what) {
        this.what = what;
    }

    /** What happens, in words. */
    String what() {
        return what;
    }

    Bar bar() {
        return switch (this) {
            case KILL -> Bar.takeover().neverTwo();
            case HANG -> Bar.takeover().neverTwo();
            case POWER -> Bar.takeover().neverTwo().withSwift();
            case LAN_LINK -> Bar.takeover();
            case WAN_LINK -> Bar.takeover();
            case SYNC_LINK -> Bar.stays().withQuiet();
            case DEAF -> Bar.atMostOne();
            case PASSIVE_DEAF -> Bar.atMostOne();
            case ACTIVE_DEAF -> Bar.atMostOne();
            case LOSS -> Bar.stays().withQuiet();
            case CPU -> Bar.stays().withQuiet();
            case RESTART_ACTIVE -> Bar.takeover();
            case RESTART_PASSIVE -> Bar.stays().withQuiet();
            case START_BOTH -> Bar.takeover();
            case CLOCK -> Bar.stays().withQuiet();
            case WRONG_KEY -> Bar.stays().withQuiet();
            case SWITCHOVER -> Bar.takeover().withLossless();
            case LONE -> Bar.takeover().neverTwo().withQuiet();
            case CONTROL -> Bar.control();
        };
    }

    /** What one run takes on a quiet machine, about. */
    double seconds(FailuresOptions options) {
        double seconds = switch (this) {
            case LOSS, CPU -> 3 + options.loadMs() / 1e3;
            case WRONG_KEY -> 12;
            case SYNC_LINK, DEAF, PASSIVE_DEAF, ACTIVE_DEAF, LONE, CLOCK -> 6;
            case KILL, POWER, RESTART_ACTIVE, RESTART_PASSIVE, START_BOTH -> 5;
            case HANG, LAN_LINK, WAN_LINK, SWITCHOVER, CONTROL -> 3;
        };
        return seconds + options.flows() / 12_500.0;
    }

    /** The word of the command line. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether this one needs a pair that is not fenced. */
    boolean unfenced() {
        return this == CONTROL;
    }

    /**
     * The trials of a command line's words, separated by commas, in the table's order.
     *
     * @throws IllegalArgumentException naming the words there are
     */
    static List<Trial> parse(String words) {
        List<String> wanted = List.of(words.toLowerCase(Locale.ROOT).split(","));
        List<String> known = Arrays.stream(values()).map(Trial::word).toList();
        for (String word : wanted) {
            if (!known.contains(word)) {
                throw new IllegalArgumentException(
                        "\"" + word + "\" is not one of " + known.stream().collect(Collectors.joining(", ")));
            }
        }
        return Arrays.stream(values())
                .filter(trial -> wanted.contains(trial.word()))
                .toList();
    }
}
