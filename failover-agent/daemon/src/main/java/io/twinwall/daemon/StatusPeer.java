/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleState;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** {@link StatusPage}: the other node, and the paths it is heard by. */
final class StatusPeer {
    /** {@code pathHeardNs} of a path nothing was heard by is far before this, and no clock reading is. */
    private static final long EVER = Long.MIN_VALUE / 8;

    private StatusPeer() {}

    static CliStatus.Peer peer(RoleState state, long nowNs, RoleConfig config) {
        PeerView peer = state.peers().getFirst();
        boolean alive = state.alive(peer, nowNs, config);
        String life = !peer.heard() ? "NEVER_SEEN" : alive ? "ALIVE" : "LOST";
        return new CliStatus.Peer(
                peer.name(),
                life,
                alive ? peer.last().role().name() : null,
                peer.last().term(),
                alive ? peer.last().readiness().name() : null,
                peer.heard() ? (nowNs - peer.heardNs()) / 1_000_000 : -1,
                alive && peer.last().hearsPeer(),
                peer.heard() ? peer.last().role().name() : null);
    }

    static List<CliStatus.Path> paths(Config config, RoleState state, IntFunction<String> problems, long nowNs) {
        PeerView peer = state.peers().getFirst();
        List<CliStatus.Path> paths = new ArrayList<>();
        for (int i = 0; i < config.paths().size(); i++) {
            Config.HeartbeatPath path = config.paths().get(i);
            long heardNs = peer.pathHeardNs().get(i);
            boolean heard = heardNs > EVER;
            long agoNs = nowNs - heardNs;
            String life = heard && agoNs < config.timing().deadNs() ? "HEARD" : heard ? "SILENT" : "NEVER_HEARD";
            paths.add(new CliStatus.Path(
                    path.name(),
                    switch (path) {
                        case Config.Udp udp -> "UDP";
                        case Config.Serial serial -> "SERIAL";
                    },
                    state.pathsUp().get(i) ? life : "DOWN",
                    heard ? agoNs / 1_000_000 : -1,
                    problems.apply(i)));
        }
        return List.copyOf(paths);
    }
}
