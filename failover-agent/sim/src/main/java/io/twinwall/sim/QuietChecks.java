/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.Work;

/**
 * What holds when nothing new happened for a while, whatever stands broken: {@link Rule#NONE_ACTIVE} and {@link
 * Rule#VIPS_ASTRAY}. Whether a node could be active is judged by the world's truth, not by its role.
 */
final class QuietChecks {
    /** How long a node whose gate failed stays out beside one that may be active. */
    private static final long REST_NS = 31_000 * World.MS;
    /** How long one that never heard anybody waits for a carrier. */
    private static final long CARRIER_NS = 6_000 * World.MS;

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

    long disturbedNs() {
        return disturbedNs;
    }

    void look() {
        if (lit(world.a.host) || lit(world.b.host)) {
            litNs = world.now();
        } else if (world.now() - Math.max(disturbedNs, litNs) > boundNs()) {
            dark();
        }
        astray(world.a);
        astray(world.b);
    }

    /** After so long without anything new, and without anybody active, somebody who may has to be. */
    long boundNs() {
        // Late answers of the kernel or the disk hold each step up.
        return noneMaxNs
                + 4 * Math.max(world.a.answerLateNs, world.b.answerLateNs)
                + 4 * Math.max(world.a.slowNs, world.b.slowNs)
                + (world.a.condition.answersLost() || world.b.condition.answersLost()
                        ? 2 * world.plan.timing().deadNs()
                        : 0)
                + (world.plan.a().beforeHooks() ? 20 * World.MS : 0);
    }

    private static boolean lit(Host host) {
        return host.gateOpen() && host.vips();
    }

    private void dark() {
        if (world.network.murky() || broken(world.a) || broken(world.b)) {
            return;
        }
        if (may(world.a) || may(world.b)) {
            world.broken(
                    Rule.NONE_ACTIVE,
                    () -> "nobody forwards since ms " + litNs / World.MS + "; " + GateChecks.describe(world.a) + ", "
                            + GateChecks.describe(world.b));
        }
    }

    /** Its kernel refuses what makes it active, or did so a moment ago: while it tries, nobody else does. */
    private boolean broken(Node node) {
        long sinceNs = world.now() - boundNs() - 1_500 * World.MS;
        return node.condition.brokenSince(EffectKind.OPEN_GATE, sinceNs)
                || node.condition.brokenSince(EffectKind.ADD_VIPS, sinceNs)
                || node.condition.hangsUntilNs > sinceNs;
    }

    /** Whether it could be active: up, undisturbed, not told to stay out, with all it needs, and not cut off. */
    private boolean may(Node node) {
        long sinceNs = world.now() - boundNs();
        boolean up = node.awake() && node.awakeSinceNs() < sinceNs && !node.stopping;
        Condition is = node.condition;
        int all = (1 << world.network.paths()) - 1;
        boolean waits = is.carrierless == all && node.awakeSinceNs() > world.now() - CARRIER_NS;
        boolean rests = is.gateFailedNs > world.now() - REST_NS;
        return up && !waits && !is.out && is.fault.isEmpty() && !rests && !(is.silent && !hears(node, sinceNs));
    }

    /** Whether it hears the other: a path works both ways, without which a boot cannot prove itself. */
    private boolean hears(Node node, long sinceNs) {
        Node other = world.other(node);
        return other.awake() && other.awakeSinceNs() < sinceNs && world.network.worksSince(sinceNs);
    }

    private static boolean idle(Node node) {
        return !node.running() || node.state.work() instanceof Work.Idle;
    }

    private void astray(Node node) {
        // A master that hears nobody keeps the addresses behind its closed gate while another answers for them; so does
        // one
        // whose move is not through. Those of an earlier life are given up once anybody tells who is active, or run
        // out.
        boolean quiet = node.awake()
                && !node.stopping
                && idle(node)
                && idle(world.other(node))
                && (node.host.vipsSinceNs() >= node.bornNs()
                        || !node.host.vips()
                        || world.other(node).awake())
                && !world.network.murky()
                && !broken(node)
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
