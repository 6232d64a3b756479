/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.addresses.Vips;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Takeover;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts together what {@code GET /v1/status} answers. Reads published state only; any thread. */
final class StatusPage {
    private static final List<String> SYNC_MODES = List.of("OFF", "ACTIVE", "MIRROR");

    private final Config config;
    private final RoleAgent roles;
    private final Gate gate;
    private final Vips vips;
    private final Counters counters;
    private final NanoClock clock;

    StatusPage(Config config, RoleAgent roles, Gate gate, Vips vips, Counters counters, NanoClock clock) {
        this.config = config;
        this.roles = roles;
        this.gate = gate;
        this.vips = vips;
        this.counters = counters;
        this.clock = clock;
    }

    CliStatus status() {
        RoleState state = roles.state();
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
                peer(state, nowNs),
                sync(values),
                new CliStatus.Lease(config.fence().text(), state.gate().armed(), gate.open()),
                vips(),
                takeover(state.lastTakeover()),
                values);
    }

    private CliStatus.Peer peer(RoleState state, long nowNs) {
        PeerView peer = state.peers().getFirst();
        String life = !peer.heard() ? "NEVER_SEEN" : state.alive(peer, nowNs, roles.config()) ? "ALIVE" : "LOST";
        return new CliStatus.Peer(
                peer.name(),
                life,
                peer.last().role().name(),
                peer.last().term(),
                peer.last().readiness().name(),
                peer.heard() ? (nowNs - peer.heardNs()) / 1_000_000 : -1,
                peer.last().hearsPeer());
    }

    private CliStatus.Sync sync(Map<String, Long> values) {
        if (!config.sync().enabled()) {
            return new CliStatus.Sync("OFF", 0, 0, 0, 0, 0, 0, 0, 0);
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
                values.get("sync_loss_nanoseconds_total") / 1e6);
    }

    private List<CliStatus.Vip> vips() {
        boolean held = roles.state().role() == Role.MASTER && vips.held();
        return config.vips().stream()
                .map(vip -> new CliStatus.Vip(vip.text(), vip.interfaceName(), held))
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
                        takeover.phaseNs(Takeover.Phase.DRAIN) / 1e6,
                        (takeover.phaseNs(Takeover.Phase.SOURCE) + takeover.phaseNs(Takeover.Phase.GATE)) / 1e6,
                        takeover.phaseNs(Takeover.Phase.VIPS) / 1e6,
                        takeover.phaseNs(Takeover.Phase.ANNOUNCE) / 1e6,
                        takeover.totalNs() / 1e6),
                new CliStatus.Flows(
                        takeover.counts().mirrored(),
                        takeover.counts().installed(),
                        takeover.counts().refused()));
    }
}
