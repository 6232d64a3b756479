/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.journal.Evidence;
import io.twinwall.protocol.Reach;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.trackers.Health;
import io.twinwall.trackers.Penalty;
import io.twinwall.trackers.Timing;
import io.twinwall.trackers.TrackSpec;
import io.twinwall.trackers.TrackerState;
import io.twinwall.trackers.Trackers;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * The trackers, as the daemon knows them: made of the configuration, translated for the role protocol and for people. The
 * listener is called on the trackers' thread; everything else is for any.
 */
final class Watchers implements AutoCloseable {
    private static final long NS_PER_MS = 1_000_000;

    private final Trackers trackers;
    private final NanoClock clock;
    private final IntSupplier priority;

    /** {@code priority}: the configured one, which a reload changes. */
    Watchers(Config config, Consumer<RoleEvent> roles, IntSupplier priority, NanoClock clock, Counters counters) {
        this.clock = clock;
        this.priority = priority;
        trackers = Trackers.open(specs(config), Presence.addressesOf(config), new Teller(roles), clock, counters);
    }

    private record Teller(Consumer<RoleEvent> roles) implements Trackers.Listener {
        @Override
        public void onHealth(Health health) {
            roles.accept(new RoleEvent.HealthChanged(health.penalty(), health.fault(), health.detail()));
            roles.accept(new RoleEvent.ReachChanged(
                    switch (health.reach()) {
                        case UNKNOWN -> Reach.UNKNOWN;
                        case ANSWERED -> Reach.ANSWERED;
                        case SILENT -> Reach.SILENT;
                    }));
        }

        @Override
        public void onAnswer(long begunNs, long answeredNs) {
            roles.accept(new RoleEvent.ReachAnswered(begunNs, answeredNs));
        }
    }

    /** Has the test addresses asked at once; any thread, returns at once. */
    void ask() {
        trackers.ask();
    }

    /** Tracks what {@code config} says from now on. */
    void replace(Config config) {
        trackers.replace(specs(config));
    }

    CliStatus.Health health() {
        Health health = trackers.health();
        return new CliStatus.Health(
                Math.max(0, priority.getAsInt() - health.penalty()),
                health.penalty(),
                health.fault(),
                health.detail(),
                health.reach().name());
    }

    List<CliStatus.Tracker> states() {
        long nowNs = clock.nanoTime();
        return trackers.health().trackers().stream()
                .map(state -> status(state, nowNs))
                .toList();
    }

    /** For the journal; any thread. */
    List<Evidence.Tracker> evidence() {
        List<TrackerState> states = trackers.health().trackers();
        // After the look: less than no time ago would stand for never.
        long nowNs = clock.nanoTime();
        return states.stream()
                .map(state -> new Evidence.Tracker(
                        state.name(), state.verdict().name(), nowNs - state.sinceNs(), state.detail()))
                .toList();
    }

    private static CliStatus.Tracker status(TrackerState state, long nowNs) {
        return new CliStatus.Tracker(
                state.name(),
                state.kind(),
                state.verdict().name(),
                state.penalty().toString(),
                state.detail(),
                Ago.ms(nowNs, state.sinceNs()));
    }

    @Override
    public void close() {
        trackers.close();
    }

    static List<TrackSpec> specs(Config config) {
        return config.tracks().stream().map(Watchers::spec).toList();
    }

    private static TrackSpec spec(Config.Track track) {
        Penalty penalty = track.weight() == Config.Track.FAULT ? Penalty.FAULT : Penalty.weight(track.weight());
        return switch (track) {
            case Config.TrackInterface t ->
                new TrackSpec.Interface(t.name(), penalty, t.interfaceName(), t.upDelayMs() * NS_PER_MS);
            case Config.TrackAddress t ->
                new TrackSpec.Address(
                        t.name(), penalty, timing(t.judgement()), method(t.method()), t.address(), t.interfaceName());
            case Config.TrackProcess t ->
                new TrackSpec.Process(
                        t.name(),
                        penalty,
                        timing(t.judgement()),
                        t.pidFile()
                                .<TrackSpec.ProcessKey>map(TrackSpec.PidFile::new)
                                .orElseGet(() -> new TrackSpec.Comm(t.process().orElseThrow())));
            case Config.TrackPort t ->
                new TrackSpec.TcpPort(t.name(), penalty, timing(t.judgement()), t.host(), t.port());
            case Config.TrackScript t -> new TrackSpec.Script(t.name(), penalty, timing(t.judgement()), t.command());
        };
    }

    private static Timing timing(Config.Judgement judgement) {
        return new Timing(
                judgement.intervalMs() * NS_PER_MS,
                judgement.timeoutMs() * NS_PER_MS,
                judgement.rise(),
                judgement.fall());
    }

    private static TrackSpec.Method method(Config.Method method) {
        return switch (method) {
            case ARP -> TrackSpec.Method.ARP;
            case ND -> TrackSpec.Method.ND;
            case ICMP -> TrackSpec.Method.ICMP;
        };
    }
}
