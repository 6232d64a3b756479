/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.protocol.Countdown;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleState;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Puts together what {@code GET /v1/status} answers. Reads published state only; any thread. */
final class StatusPage {
    /** Parts that tell of themselves. */
    interface Sources {
        /** What the trackers make of this node; null when there are none. */
        CliStatus.Health health();

        /** Each tracker, in the configuration's order. */
        List<CliStatus.Tracker> trackers();

        /** What is wrong with that heartbeat path, or "". */
        String pathProblem(int path);

        /** Each hook, in the configuration's order. */
        List<CliStatus.Hook> hooks();

        /** What is wrong now with the paths of the stream, and with the journal. */
        List<CliStatus.Alarm> partAlarms(long nowNs);

        /** The cluster keys in use. */
        CliStatus.Keys keys();

        /** Each mirrored set of nf_tables, in the configuration's order. */
        List<CliStatus.MirroredSet> sets();

        /** How the two nodes compare. */
        Optional<PairLikeness.Compared> likeness();

        /** What the peer told of itself last. */
        Optional<PeerReports.Heard> report();

        /** Each receiver of alerts, in the configuration's order. */
        List<CliStatus.Alert> alerts();
    }

    private final Supplier<Config> configured;
    private final RoleAgent roles;
    private final RoleJournal journal;
    private final Sources sources;
    private final Gate gate;
    private final Supplier<Set<InetAddress>> held;
    private final Counters counters;
    private final NanoClock clock;

    /**
     * @param configured what runs now, which a reload changes
     * @param held the virtual addresses that are on their interfaces; must not wait, nor must {@code gate}'s last look
     * @param sources asked on the admin thread: they must answer at once
     */
    StatusPage(
            Supplier<Config> configured,
            RoleAgent roles,
            RoleJournal journal,
            Sources sources,
            Gate gate,
            Supplier<Set<InetAddress>> held,
            Counters counters,
            NanoClock clock) {
        this.configured = configured;
        this.journal = journal;
        this.sources = sources;
        this.roles = roles;
        this.gate = gate;
        this.held = held;
        this.counters = counters;
        this.clock = clock;
    }

    CliStatus status() {
        Config config = configured.get();
        RoleState state = roles.state();
        CliStatus.Health health = health(config);
        long nowNs = clock.nanoTime();
        Map<String, Long> values = values("");
        return new CliStatus(
                config.node().name(),
                state.role().name(),
                Ago.ms(nowNs, state.roleSinceNs()),
                state.term(),
                config.node().role().text(),
                config.node().priority(),
                state.sync().readiness().name(),
                state.role() == Role.MAINTENANCE,
                health,
                failBack(config),
                StatusPeer.peer(state, roles.peer(), sources.likeness(), sources.report(), nowNs, roles.config()),
                StatusPeer.paths(config, state, sources::pathProblem, values, nowNs),
                StatusSync.sync(config, values),
                lease(config, state, nowNs),
                vips(config),
                sources.trackers(),
                state.lastTakeover() == null ? null : StatusTakeovers.takeover(state.lastTakeover(), nowNs),
                transitions(nowNs),
                sources.hooks(),
                alarms(state, health, nowNs),
                sources.keys(),
                values,
                sources.sets(),
                StatusSync.counts(config, values, state.alive(state.peers().getFirst(), nowNs, roles.config())),
                journal.takeovers().stream()
                        .map(takeover -> StatusTakeovers.takeover(takeover, nowNs))
                        .toList(),
                Cli.version(),
                PairDigest.of(config),
                ConfigDigest.of(config),
                sources.alerts(),
                countdown(state.countdown(), nowNs));
    }

    /** What the peer is told of this node. */
    PeerReport report() {
        Config config = configured.get();
        RoleState state = roles.state();
        CliStatus.Health health = health(config);
        long nowNs = clock.nanoTime();
        return new PeerReport(
                false,
                0,
                state.role().name(),
                state.term(),
                config.node().role().text(),
                config.node().priority(),
                health,
                failBack(config),
                StatusPeer.paths(config, state, sources::pathProblem, values("heartbeat_path_"), nowNs),
                lease(config, state, nowNs),
                vips(config),
                sources.trackers(),
                state.lastTakeover() == null ? null : StatusTakeovers.takeover(state.lastTakeover(), nowNs),
                transitions(nowNs),
                sources.hooks(),
                sources.alerts(),
                alarms(state, health, nowNs),
                countdown(state.countdown(), nowNs));
    }

    private static CliStatus.FailBack failBack(Config config) {
        return new CliStatus.FailBack(
                config.failBack().policy().text(), config.failBack().delayS());
    }

    private List<CliStatus.Alarm> alarms(RoleState state, CliStatus.Health health, long nowNs) {
        return Stream.concat(
                        StatusAlarms.alarms(journal.alarms(), state, health, roles.config(), nowNs).stream(),
                        sources.partAlarms(nowNs).stream())
                .toList();
    }

    private Map<String, Long> values(String prefix) {
        Map<String, Long> values = new TreeMap<>();
        for (Counter counter : counters.all()) {
            if (counter.name().startsWith(prefix)) {
                values.put(counter.name(), counter.get());
            }
        }
        return values;
    }

    private CliStatus.Lease lease(Config config, RoleState state, long nowNs) {
        long renewedNs = state.grip().renewedNs();
        boolean ever = renewedNs > Long.MIN_VALUE / 8;
        return new CliStatus.Lease(
                config.fence().text(),
                state.gate().armed(),
                gate.lastSeenOpen(),
                config.timing().leaseMs(),
                ever ? Ago.ms(nowNs, renewedNs) : -1);
    }

    private CliStatus.Health health(Config config) {
        CliStatus.Health told = sources.health();
        return told == null ? new CliStatus.Health(config.node().priority(), 0, "", "", "UNKNOWN") : told;
    }

    private List<CliStatus.Transition> transitions(long nowNs) {
        return journal.changes().stream()
                .map(change -> new CliStatus.Transition(
                        change.transition().from().name(),
                        change.transition().to().name(),
                        change.transition().term(),
                        change.transition().reason(),
                        Ago.ms(nowNs, change.atNs())))
                .toList();
    }

    private List<CliStatus.Vip> vips(Config config) {
        Set<InetAddress> there = held.get();
        return config.vips().stream()
                .map(vip -> new CliStatus.Vip(vip.text(), vip.interfaceName(), there.contains(vip.address())))
                .toList();
    }

    private static CliStatus.Countdown countdown(Countdown countdown, long nowNs) {
        if (countdown.vetoed()) {
            return new CliStatus.Countdown(0, true);
        }
        return countdown.running()
                ? new CliStatus.Countdown(Math.max(0, countdown.untilNs() - nowNs) / 1_000_000, false)
                : null;
    }
}
