/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import java.util.List;
import java.util.stream.Collectors;

/** Events and effects in words short enough for a line. */
final class Story {
    private Story() {}

    static String of(RoleEvent event) {
        return switch (event) {
            case RoleEvent.HeartbeatHeard e ->
                "hears " + e.heartbeat().role() + " term " + e.heartbeat().term() + " by path " + e.path() + " "
                        + e.heartbeat().readiness()
                        + (e.heartbeat().handover().term() > 0
                                        || e.heartbeat().handover().token() > 0
                                ? " " + e.heartbeat().handover()
                                : "");
            case RoleEvent.Tick e -> e.loopLateNs() > World.MS ? "tick, late ms " + e.loopLateNs() / World.MS : "tick";
            default -> event.toString();
        };
    }

    static String of(List<RoleEffect> effects) {
        return effects.isEmpty() ? "" : effects.stream().map(Story::of).collect(Collectors.joining("; ", " -> ", ""));
    }

    private static String of(RoleEffect effect) {
        return switch (effect) {
            case RoleEffect.SendHeartbeat e ->
                "says " + e.heartbeat().role() + " term " + e.heartbeat().term()
                        + (e.heartbeat().handover().term() > 0
                                        || e.heartbeat().handover().token() > 0
                                ? " " + e.heartbeat().handover()
                                : "");
            case RoleEffect.ReportTakeover e -> "report, ms " + e.takeover().totalNs() / World.MS;
            default -> effect.toString();
        };
    }
}
