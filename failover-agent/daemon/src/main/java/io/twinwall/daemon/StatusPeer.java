/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** {@link StatusPage}: the other node, and the paths it is heard by. */
final class StatusPeer {
    /** {@code pathHeardNs} of a path nothing was heard by is far before this, and no clock reading is. */
    private static final long EVER = Long.MIN_VALUE / 8;

    /** By the numbers of the gauge. */
    private static final List<String> SENDING = List.of("CLOSED", "FAILS", "WORKS");

    private StatusPeer() {}

    static CliStatus.Peer peer(
            RoleState state,
            PeerWatch.Seen seen,
            Optional<PairLikeness.Compared> likeness,
            Optional<PeerReports.Heard> report,
            long nowNs,
            RoleConfig config) {
        PeerView peer = state.peers().getFirst();
        boolean alive = state.alive(peer, nowNs, config);
        Optional<PairLikeness.Compared> now = likeness.filter(compared -> alive);
        String life = !peer.heard() ? "NEVER_SEEN" : alive ? "ALIVE" : "LOST";
        return new CliStatus.Peer(
                peer.name(),
                life,
                alive ? peer.last().role().name() : null,
                peer.last().term(),
                alive ? peer.last().readiness().name() : null,
                peer.heard() ? Ago.ms(nowNs, peer.heardNs()) : -1,
                alive && peer.last().hearsPeer(),
                peer.heard() ? peer.last().role().name() : null,
                alive ? roleForMs(peer, seen, nowNs) : -1,
                alive && peer.last().role() != Role.MASTER && !seen.begun(),
                alive ? peer.last().priority() : -1,
                alive && peer.last().gateOpen(),
                alive && peer.last().gateOpen() && !peer.last().alone(),
                seen.changes().stream()
                        .map(change -> new CliStatus.PeerChange(
                                change.from().name(), change.to().name(), change.term(), Ago.ms(nowNs, change.atNs())))
                        .toList(),
                now.map(PairLikeness.Compared::sameVersion).orElse(null),
                now.map(PairLikeness.Compared::samePair).orElse(null),
                now.map(PairLikeness.Compared::clockAheadMs).orElse(null),
                report.map(heard -> heard.report().shown(alive && heard.ofThisLife(), Ago.ms(nowNs, heard.atNs())))
                        .orElse(null));
    }

    /** An active one says how long; of another it is known since when it was heard of. */
    private static long roleForMs(PeerView peer, PeerWatch.Seen seen, long nowNs) {
        if (peer.last().role() == Role.MASTER) {
            return peer.last().tenureMs() + Ago.ms(nowNs, peer.heardNs());
        }
        return seen.role() == peer.last().role() ? Ago.ms(nowNs, seen.sinceNs()) : -1;
    }

    static List<CliStatus.Path> paths(
            Config config, RoleState state, IntFunction<String> problems, Map<String, Long> values, long nowNs) {
        PeerView peer = state.peers().getFirst();
        List<CliStatus.Path> paths = new ArrayList<>();
        for (int i = 0; i < config.paths().size(); i++) {
            Config.HeartbeatPath path = config.paths().get(i);
            long heardNs = peer.pathHeardNs().get(i);
            boolean heard = heardNs > EVER;
            String life =
                    heard && nowNs - heardNs < config.timing().deadNs() ? "HEARD" : heard ? "SILENT" : "NEVER_HEARD";
            paths.add(new CliStatus.Path(
                    path.name(),
                    switch (path) {
                        case Config.Udp udp -> "UDP";
                        case Config.Serial serial -> "SERIAL";
                    },
                    state.pathsUp().get(i) ? life : "DOWN",
                    heard ? Ago.ms(nowNs, heardNs) : -1,
                    problems.apply(i),
                    SENDING.get(value(values, i, "state").intValue()),
                    value(values, i, "sent_total"),
                    value(values, i, "received_total")));
        }
        return List.copyOf(paths);
    }

    private static Long value(Map<String, Long> values, int path, String what) {
        return values.getOrDefault("heartbeat_path_" + path + "_" + what, 0L);
    }
}
