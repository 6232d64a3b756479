/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.AlarmCode;
import io.twinwall.protocol.PeerView;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleState;
import io.twinwall.wire.PathsLink;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link StatusPage}: which alarms still hold. Some tell of a condition, which is looked at; the others of an event, which is
 * news for a minute.
 */
final class StatusAlarms {
    private static final long NEWS_NS = 60_000_000_000L;

    private StatusAlarms() {}

    static List<CliStatus.Alarm> alarms(
            List<RoleJournal.Raised> raised, RoleState state, CliStatus.Health health, RoleConfig config, long nowNs) {
        return raised.stream()
                .map(one -> CliStatus.Alarm.of(
                        one.alarm().code().name(),
                        one.alarm().text(),
                        Ago.ms(nowNs, one.atNs()),
                        active(one.alarm().code(), nowNs - one.atNs(), state, health, config, nowNs)))
                .toList();
    }

    /** Paths of the stream that were lost while another was not, and are not back. */
    static List<CliStatus.Alarm> lostPaths(PathsLink link, long nowNs) {
        List<CliStatus.Alarm> alarms = new ArrayList<>();
        List<String> names = link.names();
        for (int i = 0; i < names.size(); i++) {
            long sinceNs = link.lostSinceNs(i);
            if (sinceNs != PathsLink.NOT_LOST) {
                alarms.add(CliStatus.Alarm.of(
                        AlarmHelp.SYNC_PATH_LOST,
                        "sync path " + names.get(i) + " is lost; the stream goes on by the others, if any",
                        Ago.ms(nowNs, sinceNs),
                        true));
            }
        }
        return List.copyOf(alarms);
    }

    private static boolean active(
            AlarmCode code, long ageNs, RoleState state, CliStatus.Health health, RoleConfig config, long nowNs) {
        PeerView peer = state.peers().getFirst();
        boolean alive = state.alive(peer, nowNs, config);
        boolean master = state.role() == Role.MASTER;
        return switch (code) {
            case PEER_LOST -> !alive;
            case PEER_DEAF -> alive && !peer.last().hearsPeer();
            case TWO_ACTIVES -> alive && master && peer.last().role() == Role.MASTER;
            case FAULT -> state.role() == Role.FAULT || !health.fault().isEmpty();
            case ISOLATED -> !alive && health.reach().equals("SILENT");
            case PEER_NOT_READY -> master && !peer.fitness().why().isEmpty();
            case GATE_FAILING -> master && !state.gateOpen(nowNs);
            case FLAPPING -> ageNs < config.flap().holdNs();
            case COUNTDOWN -> state.countdown().running();
            case UNREADY_TAKEOVER,
                    UNFENCED_PEER,
                    STEP_FAILED,
                    LATE,
                    GATE_LOST,
                    VIP_ANSWERED,
                    VIP_CONFLICT,
                    UNREADY_HANDOVER,
                    FORCED -> ageNs < NEWS_NS;
        };
    }
}
