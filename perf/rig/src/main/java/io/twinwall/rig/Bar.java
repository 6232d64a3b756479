/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a result of this program's is held against: a share of the other's in the same run, or a number.
 *
 * @param name what is compared, in words
 * @param scenario word of it
 * @param what of it
 * @param at on its scale; 0 when it has none
 * @param ours which tuning
 * @param theirs which tuning; null when the bar is a number
 * @param limit at most this, times the other's median
 * @param atLeast the other way round: at least this, times the other's median
 */
record Bar(
        String name,
        String scenario,
        String what,
        double at,
        Contender ours,
        Contender theirs,
        double limit,
        boolean atLeast) {
    private static final Contender FAST = Contender.TWINWALL_FAST;
    private static final Contender EXTREME = Contender.TWINWALL_EXTREME;
    private static final Contender DEFAULT = Contender.PEER_DEFAULT;
    private static final Contender TUNED = Contender.PEER_TUNED;

    /** All of them. */
    static final List<Bar> ALL = List.of(
            share("power lost, UDP dark, default timing", "power", "dark.udp", FAST, DEFAULT, 0.1),
            share("power lost, TCP stream dark, default timing", "power", "dark.tcp", FAST, DEFAULT, 0.1),
            share("power lost, UDP dark, hardest timing", "power", "dark.udp", EXTREME, TUNED, 1),
            share("power lost, TCP stream dark, hardest timing", "power", "dark.tcp", EXTREME, TUNED, 1),
            most("false takeovers under load, hardest timing", "load", "takeovers", EXTREME, 0),
            most("planned switchover, probes lost", "switchover", "lost", FAST, 0),
            most("planned switchover, streams that stayed away", "switchover", "away", FAST, 0),
            most("power lost, streams that stayed away, default timing", "power", "away", FAST, 0),
            most("power lost, streams that stayed away, hardest timing", "power", "away", EXTREME, 0),
            new Bar("new UDP flows a second without loss", "rate", "lossless", 0, FAST, DEFAULT, 2, true),
            share("processor, active, UDP flow", "cost", "udp.cpu.active", FAST, DEFAULT, 0.25),
            share("processor, active, TCP handshake", "cost", "tcp.cpu.active", FAST, DEFAULT, 0.25),
            share(
                    "processor, passive, UDP flow; the other's in a cache only",
                    "cost",
                    "udp.cpu.passive",
                    FAST,
                    DEFAULT,
                    1 / 3.0),
            share(
                    "processor, passive, TCP handshake; the other's in a cache only",
                    "cost",
                    "tcp.cpu.passive",
                    FAST,
                    DEFAULT,
                    1 / 3.0),
            share("link, UDP flow, encrypted against clear", "cost", "udp.wire", FAST, DEFAULT, 0.6),
            share("link, TCP handshake, encrypted against clear", "cost", "tcp.wire", FAST, DEFAULT, 0.35),
            share("resident memory, active, a flow", "memory", "active", FAST, DEFAULT, 1 / 3.0),
            share("resident memory, passive, a flow", "memory", "passive", FAST, DEFAULT, 1 / 3.0),
            share("cold standby to all flows in its kernel", "cold", "in.kernel.since.up", FAST, DEFAULT, 1 / 3.0),
            most("FTP: lost data connections of 10", "ftp", "data.lost", FAST, 0),
            most("FTP: lost control connections of 10", "ftp", "control.lost", FAST, 0),
            most("idle, active, % of a core", "idle", "cpu.active", FAST, 2),
            most("idle, passive, % of a core", "idle", "cpu.passive", FAST, 2),
            most("idle, active, MB resident", "idle", "resident.active", FAST, 120),
            most("idle, passive, MB resident", "idle", "resident.passive", FAST, 120));

    private static Bar share(
            String name, String scenario, String what, Contender ours, Contender theirs, double limit) {
        return new Bar(name, scenario, what, 0, ours, theirs, limit, false);
    }

    private static Bar most(String name, String scenario, String what, Contender ours, double limit) {
        return new Bar(name, scenario, what, 0, ours, null, limit, false);
    }

    /** A row of the report, or nothing when what it needs was not measured. */
    Optional<Row> judge(List<Result> results) {
        Optional<Result> mine = find(results, ours);
        Optional<Result> other = theirs == null ? Optional.empty() : find(results, theirs);
        if (mine.isEmpty() || (theirs != null && other.isEmpty())) {
            return Optional.empty();
        }
        double allowed = limit * other.map(Result::median).orElse(1.0);
        // What must not happen must not happen in any run.
        double value = theirs == null ? mine.get().max() : mine.get().median();
        boolean held = Double.isFinite(value) && (atLeast ? value >= allowed : value <= allowed);
        return Optional.of(new Row(
                name,
                mine.get().words(),
                other.map(Result::words).orElse("-"),
                (atLeast ? "at least " : "at most ") + Result.number(allowed) + share(),
                other.isPresent() && other.get().median() != 0
                        ? String.format(Locale.ROOT, "%.2f", value / other.get().median())
                        : "-",
                held));
    }

    private String share() {
        return theirs == null ? "" : String.format(Locale.ROOT, " (%.2f times)", limit);
    }

    private Optional<Result> find(List<Result> results, Contender contender) {
        return results.stream()
                .filter(result -> result.scenario().equals(scenario)
                        && result.what().equals(what)
                        && result.contender() == contender
                        && result.at() == at)
                .findFirst();
    }

    /** One bar and what became of it. */
    record Row(String name, String ours, String theirs, String bar, String ratio, boolean held) {}
}
