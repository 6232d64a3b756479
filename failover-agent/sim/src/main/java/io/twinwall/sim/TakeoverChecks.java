/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.conntracksync.SyncReport.Readiness;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Reach;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Takeover;
import io.twinwall.protocol.Work;

/** {@link Rule#FALSE_TAKEOVER}, {@link Rule#CUT_OFF_TAKEOVER}, {@link Rule#READY_UNFOUNDED}, {@link Rule#NOT_DRAINED}; and what flows a takeover keeps. */
final class TakeoverChecks {
    private final World world;
    private final long[] masterSinceNs = {World.NEVER, World.NEVER, World.NEVER};
    private final boolean[] drained = new boolean[3];
    private final boolean[] drainedAll = new boolean[3];
    private final long[] barrierAskedNs = {World.NEVER, World.NEVER, World.NEVER};
    private final boolean[] barrierOk = new boolean[3];

    TakeoverChecks(World world) {
        this.world = world;
    }

    /** When {@code node} last became master. */
    long masterSinceNs(Node node) {
        return masterSinceNs[node.number];
    }

    void transition(Node node, RoleEffect.Transition e) {
        long role = e.to().name().hashCode();
        world.trace.mix(world.now(), node.number, 41, role);
        if (e.to() != Role.MASTER) {
            return;
        }
        masterSinceNs[node.number] = world.now();
        drained[node.number] = false;
        drainedAll[node.number] = false;
        world.checks.terms.claimed(node, e.term());
        if (node.state.work() instanceof Work.TakingOver taking) {
            decided(node, taking.soFar());
        }
    }

    private void decided(Node node, Takeover takeover) {
        boolean founded = node.delivered != null && node.delivered.readiness() == Readiness.READY;
        if (takeover.ready() && !founded) {
            world.broken(Rule.READY_UNFOUNDED, () -> node.name() + " takes over as ready; told was " + node.delivered);
        }
        // Stopped between the decision and this: it was decided on what was known then.
        boolean atOnce = node.mono() - node.state.roleSinceNs() < World.MS;
        if (!takeover.planned() && atOnce && !node.ordered()) {
            falseTakeover(node, world.other(node), takeover.reason());
            cutOff(node);
        }
    }

    private void cutOff(Node node) {
        RoleState is = node.state;
        // What the protocol allows, half a dead time, and the longest that an answer takes.
        long staleNs = world.now() - 3 * node.config.timing().deadNs() / 4 - World.MS;
        boolean sure = node.condition.silent && node.condition.silentSinceNs <= Math.max(node.heardAtNs, staleNs);
        boolean alone = is.peers().stream().noneMatch(peer -> is.alive(peer, node.mono(), node.config));
        if (sure && alone && is.standing().reach() != Reach.UNKNOWN) {
            world.broken(
                    Rule.CUT_OFF_TAKEOVER,
                    () -> node.name() + " takes over, but no test address answers since ms "
                            + node.condition.silentSinceNs / World.MS);
        }
    }

    private void falseTakeover(Node node, Node other, String reason) {
        RoleConfig.Timing t = other.config.timing();
        long sinceNs = world.now() - t.deadNs() - 2 * t.heartbeatNs() - Network.TRANSIT_MAX_NS;
        boolean master = other.role() == Role.MASTER
                && other.awake()
                && other.awakeSinceNs() <= sinceNs
                && masterSinceNs[other.number] <= sinceNs
                && other.host.openSince(sinceNs);
        // A boot that could not prove itself yet, for want of a way back, is not heard.
        boolean known = other.running() && node.sessions.peer() == other.sessions.own() && node.bornNs() <= sinceNs;
        if (master && known && world.network.heardSince(other.number, sinceNs)) {
            world.broken(
                    Rule.FALSE_TAKEOVER, () -> node.name() + " takes over from a healthy master it hears: " + reason);
        }
    }

    /** The sync agent of {@code node} answered. */
    void answered(Node node, EffectKind kind, boolean ok) {
        if (kind == EffectKind.DRAIN_INJECTOR) {
            drained[node.number] = true;
            drainedAll[node.number] = ok;
        } else if (kind == EffectKind.SEND_BARRIER) {
            barrierOk[node.number] = ok;
        }
    }

    void barrierAsked(Node node) {
        barrierAskedNs[node.number] = world.now();
        barrierOk[node.number] = false;
    }

    /** The gate of {@code node} opens. */
    void opened(Node node) {
        world.traffic.reopened(node.host);
        if (!(node.state.work() instanceof Work.TakingOver taking) || node.role() != Role.MASTER) {
            return;
        }
        int n = node.number;
        long limitNs = node.config.limits().drainNs() - World.MS;
        if (!drained[n] && world.now() < masterSinceNs[n] + limitNs) {
            world.broken(Rule.NOT_DRAINED, () -> node.name() + " opens its gate before the injector was drained");
        }
        Node from = world.other(node);
        if (!drainedAll[n] || world.traffic.on() != from.host) {
            return;
        }
        if (taking.soFar().planned()) {
            // Forced, an heir goes on that was started again since, and says that it is not ready.
            boolean same = taking.soFar().ready() || node.bornNs() <= barrierAskedNs[from.number];
            if (barrierOk[from.number] && from.running() && same) {
                world.checks.flows.kept(node, Rule.SWITCHOVER_LOST_FLOW, from, barrierAskedNs[from.number]);
            }
        } else if (taking.soFar().ready()) {
            world.checks.flows.kept(node, Rule.FLOW_LOST, from, World.NEVER);
        }
    }
}
