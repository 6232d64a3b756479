/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Takeover;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Puts together what {@code GET /v1/status} answers. Reads published state only; any thread. */
final class StatusPage {
    private static final List<String> SYNC_MODES = List.of("OFF", "ACTIVE", "MIRROR");

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

        /** What is wrong with the paths of the stream now. */
        List<CliStatus.Alarm> syncAlarms(long nowNs);

        /** The cluster keys in use. */
        CliStatus.Keys keys();
        /** Each mirrored set of nf_tables, in the configuration's order. */
        List<CliStatus.MirroredSet> sets();
    }

    private final Supplier<Config> configured;
    private final RoleAgent roles;
    private final RoleJournal journal;
    private final Sources sources;
    private final Gate gate;
    private final BooleanSupplier held;
    private final Counters counters;
    private final NanoClock clock;

    /**
     * @param configured what runs now, which a reload changes
     * @param held whether the virtual addresses are on their interfaces; must not wait, nor must {@code gate}'s last look
     * @param sources asked on the admin thread: they must answer at once
     */
    StatusPage(
            Supplier<Config> configured,
            RoleAgent roles,
            RoleJournal journal,
            Sources sources,
            Gate gate,
            BooleanSupplier held,
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
        Map<String, Long> values = new TreeMap<>();
        for (Counter counter : counters.all()) {
            values.put(counter.name(), counter.get());
        }
        return new CliStatus(
                config.node().name(),
                state.role().name(),
                (nowNs - state.roleSinceNs()) / 1_000_000,
                state.term(),
                config.node().role().text(),
                config.node().priority(),
                state.sync().readiness().name(),
                state.role() == Role.MAINTENANCE,
                health,
                new CliStatus.FailBack(
                        config.failBack().policy().text(), config.failBack().delayS()),
                StatusPeer.peer(state, nowNs, roles.config()),
                StatusPeer.paths(config, state, sources::pathProblem, nowNs),
                sync(config, values),
                new CliStatus.Lease(config.fence().text(), state.gate().armed(), gate.lastSeenOpen()),
                vips(config),
                sources.trackers(),
                takeover(state.lastTakeover()),
                transitions(nowNs),
                sources.hooks(),
                Stream.concat(
                                StatusAlarms.alarms(journal.alarms(), state, health, roles.config(), nowNs).stream(),
                                sources.syncAlarms(nowNs).stream())
                        .toList(),
                sources.keys(),
                values,
                sources.sets());
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
                        (nowNs - change.atNs()) / 1_000_000))
                .toList();
    }

    private static CliStatus.Sync sync(Config config, Map<String, Long> values) {
        if (!config.sync().enabled()) {
            return new CliStatus.Sync("OFF", 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
        return new CliStatus.Sync(
                SYNC_MODES.get(values.get("sync_mode").intValue()),
                values.get("sync_flows"),
                values.get("sync_dirty"),
                values.get("sync_lag_deltas"),
                values.get("sync_lag_nanoseconds") / 1e6,
                values.get("sync_buckets_differing"),
                values.get("sync_resync_progress_permille") / 1000.0,
                values.get("sync_loss_windows_total"),
                values.get("sync_loss_nanoseconds_total") / 1e6,
                values.getOrDefault("sync_expectations", 0L));
    }

    private List<CliStatus.Vip> vips(Config config) {
        boolean there = roles.state().role() == Role.MASTER && held.getAsBoolean();
        return config.vips().stream()
                .map(vip -> new CliStatus.Vip(vip.text(), vip.interfaceName(), there))
                .toList();
    }

    private static CliStatus.Takeover takeover(Takeover takeover) {
        if (takeover == null) {
            return null;
        }
        return new CliStatus.Takeover(
                takeover.reason(),
                takeover.planned(),
                takeover.term(),
                takeover.decidedNs(),
                takeover.detectNs() / 1e6,
                new CliStatus.Phases(
                        ms(takeover, Takeover.Phase.HOOKS),
                        ms(takeover, Takeover.Phase.DRAIN),
                        ms(takeover, Takeover.Phase.SOURCE),
                        ms(takeover, Takeover.Phase.GATE),
                        ms(takeover, Takeover.Phase.VIPS),
                        ms(takeover, Takeover.Phase.ANNOUNCE),
                        ms(takeover, Takeover.Phase.TIMEOUTS),
                        takeover.totalNs() / 1e6),
                new CliStatus.Flows(
                        takeover.counts().mirrored(),
                        takeover.counts().installed(),
                        takeover.counts().refused()));
    }

    private static double ms(Takeover takeover, Takeover.Phase phase) {
        return takeover.phaseNs(phase) / 1e6;
    }
}
