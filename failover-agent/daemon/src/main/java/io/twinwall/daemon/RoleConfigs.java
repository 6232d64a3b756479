/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.Fence;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleConfig.FailBack;
import java.util.List;

/** The configuration as the role protocol, the trackers and the heartbeat paths want it. Pure. */
final class RoleConfigs {
    private RoleConfigs() {}

    static RoleConfig of(Config config) {
        Config.Timing timing = config.timing();
        return new RoleConfig(
                config.node().id(),
                config.node().name(),
                config.node().role() == Config.Role.MASTER,
                config.node().priority(),
                List.of(new RoleConfig.Peer(config.peer().id(), config.peer().name())),
                config.paths().size(),
                RoleConfig.Timing.of(timing.heartbeatNs(), timing.leaseNs(), timing.deadNs()),
                fence(config.fence()),
                limits(
                        HookRunner.beforeLimitNs(config.hooks()),
                        config.takeover().countdownNs()),
                config.takeover().probeVips() && !config.vips().isEmpty(),
                HookRunner.anyBefore(config.hooks()),
                new FailBack(
                        policy(config.failBack().policy()), config.failBack().delayNs()),
                new RoleConfig.Flap(
                        config.flap().max(),
                        config.flap().windowNs(),
                        config.flap().holdNs()));
    }

    private static RoleConfig.Limits limits(long beforeHooksNs, long countdownNs) {
        RoleConfig.Limits d = RoleConfig.Limits.DEFAULT;
        return new RoleConfig.Limits(
                d.drainNs(),
                d.effectNs(),
                d.timeoutsNs(),
                d.barrierNs(),
                d.grantNs(),
                d.lagDeltasMax(),
                beforeHooksNs,
                d.unfitNs(),
                d.unreadyNs(),
                d.refreshVipsNs(),
                countdownNs);
    }

    private static Fence fence(Config.Fence fence) {
        return switch (fence) {
            case STRICT -> Fence.STRICT;
            case WHEN_PEER_READY -> Fence.WHEN_PEER_READY;
            case OFF -> Fence.OFF;
        };
    }

    private static FailBack.Policy policy(Config.Policy policy) {
        return switch (policy) {
            case NEVER -> FailBack.Policy.NEVER;
            case ALWAYS -> FailBack.Policy.ALWAYS;
            case PRIORITY -> FailBack.Policy.PRIORITY;
        };
    }

    static List<HeartbeatPaths.PathSpec> paths(Config config) {
        return config.paths().stream()
                .<HeartbeatPaths.PathSpec>map(path -> switch (path) {
                    case Config.Udp udp ->
                        new HeartbeatPaths.PathSpec.Udp(
                                udp.name(),
                                udp.local(),
                                udp.peer(),
                                udp.interfaceName().orElse(""));
                    case Config.Serial serial ->
                        new HeartbeatPaths.PathSpec.Serial(
                                serial.name(), serial.device().toString(), serial.baud());
                })
                .toList();
    }
}
