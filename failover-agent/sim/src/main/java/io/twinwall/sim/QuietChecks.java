/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;

/** What holds when nothing was disturbed for a while: {@link Rule#NONE_ACTIVE} and {@link Rule#VIPS_ASTRAY}. */
final class QuietChecks {
    private final World world;
    private final long noneMaxNs;
    private final long astrayMaxNs;
    private long disturbedNs;
    private long litNs;
    private final long[] astraySinceNs = {0, Long.MAX_VALUE, Long.MAX_VALUE};

    QuietChecks(World world) {
        this.world = world;
        RoleConfig.Timing t = world.plan.timing();
        // Never knew a master and is not preferred: a second dead time; a better one is alive: half of one; a hold; the
        // steps of the takeover.
        noneMaxNs = 3 * t.deadNs() + t.heartbeatNs() + 8 * t.slopNs() + 200 * World.MS;
        // An address that could not be added is tried again each second.
        astrayMaxNs = 2 * t.deadNs() + 1_500 * World.MS;
    }

    /** Something was done to the world. */
    void disturb() {
        disturbedNs = world.now();
    }

    void look() {
        if (lit(world.a.host) || lit(world.b.host)) {
            litNs = world.now();
        } else if (world.now() - Math.max(disturbedNs, litNs) > bound()) {
            dark();
        }
        astray(world.a);
        astray(world.b);
    }

    private long bound() {
        // Late answers of the kernel or the disk hold each step up.
        return noneMaxNs
                + 4 * Math.max(world.a.answerLateNs, world.b.answerLateNs)
                + 4 * Math.max(world.a.slowNs, world.b.slowNs)
                + (world.plan.a().beforeHooks() ? 20 * World.MS : 0);
    }

    private static boolean lit(Host host) {
        return host.gateOpen() && host.vips();
    }

    private void dark() {
        if (world.network.murky()) {
            return;
        }
        if (may(world.a) || may(world.b)) {
            world.broken(
                    Rule.NONE_ACTIVE,
                    () -> "nobody forwards since ms " + litNs / World.MS + "; " + GateChecks.describe(world.a) + ", "
                            + GateChecks.describe(world.b));
        }
    }

    /** Whether it could be active: up, undisturbed, and not told to stay out. */
    private boolean may(Node node) {
        boolean up = node.awake() && world.now() - node.awakeSinceNs() > bound();
        return up && !node.stopping && !node.silent && (node.role() == Role.BACKUP || node.role() == Role.MASTER);
    }

    private void astray(Node node) {
        // A master that hears nobody keeps the addresses behind its closed gate while another answers for them.
        boolean quiet = node.awake()
                && !node.stopping
                && !world.network.murky()
                && world.network.worksSince(world.now() - astrayMaxNs);
        if (!quiet || node.host.vips() == node.host.gateOpen()) {
            astraySinceNs[node.number] = Long.MAX_VALUE;
            return;
        }
        long sinceNs = Math.min(astraySinceNs[node.number], world.now());
        astraySinceNs[node.number] = sinceNs;
        long quietNs = Math.max(Math.max(sinceNs, disturbedNs), node.awakeSinceNs());
        if (world.now() - quietNs > astrayMaxNs) {
            world.broken(Rule.VIPS_ASTRAY, () -> "for long, " + GateChecks.describe(node));
        }
    }
}
