/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Fence;
import io.twinwall.protocol.Heartbeat;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;

/**
 * {@link Rule#NOT_ARMED} and {@link Rule#UNFENCED}: that a gate ends with its agent whenever another may take over. Judged by
 * what the peer said on a path that works, not by what the agent thinks of it.
 */
final class FenceChecks {
    private final World world;
    private final long[] fitSinceNs = {0, Long.MAX_VALUE, Long.MAX_VALUE};
    /** By node: when its gate was last opened or renewed, and whether it had to be armed then. */
    private final long[] renewedNs = {World.NEVER, World.NEVER, World.NEVER};

    private final boolean[] owed = new boolean[3];

    FenceChecks(World world) {
        this.world = world;
    }

    void look() {
        one(world.a, world.b);
        one(world.b, world.a);
    }

    private void one(Node node, Node other) {
        int n = node.number;
        fitSinceNs[n] = fit(node, other) ? Math.min(fitSinceNs[n], world.now()) : Long.MAX_VALUE;
        boolean refused = node.condition.brokenSince(EffectKind.OPEN_GATE, world.now() - windowNs(node, other));
        if (node.host.gateStands() && !node.host.armed() && !refused && owes(node, windowNs(node, other))) {
            world.broken(
                    Rule.NOT_ARMED,
                    () -> GateChecks.describe(node) + ", without an end, beside " + GateChecks.describe(other)
                            + ", which is ready and acknowledges for ms "
                            + (world.now() - fitSinceNs[n]) / World.MS);
        }
        RoleConfig.Timing t = node.config.timing();
        boolean late = world.now() - renewedNs[n] > t.leaseNs() + Host.JIFFY_NS;
        if (!node.awake() && late && owed[n] && node.host.gateStands() && other.host.gateOpen()) {
            world.broken(
                    Rule.UNFENCED,
                    () -> GateChecks.describe(node) + " for ms " + (world.now() - renewedNs[n]) / World.MS
                            + " since it was renewed, beside " + GateChecks.describe(other));
        }
    }

    /** The gate of {@code node} was opened or renewed. */
    void renewed(Node node) {
        renewedNs[node.number] = world.now();
        // Twice the time in which it has to see it: who is just seen need not be fenced yet.
        owed[node.number] = owes(node, 2 * windowNs(node, world.other(node)));
    }

    /** Whether its gate has to be armed, and had reason to be for {@code forNs}. */
    private boolean owes(Node node, long forNs) {
        return switch (node.config.fence()) {
            case OFF -> false;
            case STRICT -> true;
            case WHEN_PEER_READY ->
                world.now() - forNs > fitSinceNs[node.number] && world.network.worksSince(world.now() - forNs);
        };
    }

    /** A few heartbeats, and what holds them up. */
    private long windowNs(Node node, Node other) {
        return 4 * node.config.timing().heartbeatNs()
                + 2 * Network.TRANSIT_MAX_NS
                + 2 * Math.max(node.answerLateNs, other.answerLateNs);
    }

    /** The active beside a backup that says it is ready, and that it hears it. */
    private boolean fit(Node node, Node other) {
        Heartbeat said = other.said;
        return node.awake()
                && other.awake()
                && node.role() == Role.MASTER
                && said != null
                && said.role() == Role.BACKUP
                && said.readiness() == Readiness.READY
                && said.hearsPeer()
                && world.now() - other.sentHeardNs < 2 * node.config.timing().heartbeatNs()
                && node.config.fence() != Fence.OFF;
    }
}
