/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.Fence;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.Work;

/** {@link Rule#TWO_GATES}, {@link Rule#STALE_GATE}, {@link Rule#DEPOSED_FORWARDS}, {@link Rule#PROBE_DISREGARDED}. */
final class GateChecks {
    private final World world;
    private final long overlapMaxNs;
    private final boolean[] renewedAlone = new boolean[3];

    GateChecks(World world) {
        this.world = world;
        overlapMaxNs = world.plan.timing().leaseNs() + Host.JIFFY_NS + 2 * Network.TRANSIT_MAX_NS;
    }

    void look() {
        Node a = world.a;
        Node b = world.b;
        if (!a.host.gateOpen() || !b.host.gateOpen() || !a.awake() || !b.awake()) {
            return;
        }
        // Late answers hold up the step after the gate, of a switchover too.
        long lateNs = 2 * Math.max(a.answerLateNs, b.answerLateNs);
        long sinceNs = world.now() - overlapMaxNs - lateNs;
        boolean both = a.host.openSince(sinceNs) && b.host.openSince(sinceNs);
        boolean awake = a.awakeSinceNs() <= sinceNs && b.awakeSinceNs() <= sinceNs;
        if (both && awake && world.network.worksSince(sinceNs)) {
            world.broken(
                    Rule.TWO_GATES,
                    () -> "both gates are open for more than a lease though a path works; " + describe(a) + ", "
                            + describe(b));
        }
    }

    static String describe(Node node) {
        return node.name() + " " + node.role() + (node.running() ? " term " + node.state.term() : "")
                + (node.host.gateStands() ? ", gate open" : ", gate closed")
                + (node.host.vips() ? ", addresses held" : "") + (node.awake() ? "" : ", not awake")
                + (node.running() ? ", " + node.state.work().getClass().getSimpleName() : "");
    }

    /** The lease of {@code node} was renewed, or its gate opened: did it do so for itself alone? */
    void renewed(Node node) {
        RoleConfig.Timing t = node.config.timing();
        long aloneAfterNs = t.deadNs() - t.slopNs() - t.heartbeatNs() - t.heartbeatNs() / 4;
        boolean thinksSo = node.state.peers().getFirst().ackNs() + aloneAfterNs <= node.mono();
        boolean isSo = node.sentAckedNs + aloneAfterNs - World.MS <= world.now();
        boolean young = world.checks.takeovers.masterSinceNs(node) > world.now() - t.deadNs();
        renewedAlone[node.number] = thinksSo && (isSo || young);
    }

    /** The gate of {@code node} was closed and is open now. */
    void opened(Node node) {
        world.trace.mix(world.now(), node.number, 40, 0);
        Node other = world.other(node);
        boolean unplanned = node.role() == Role.MASTER
                && node.state.work() instanceof Work.TakingOver t
                && !t.soFar().planned()
                && !node.ordered();
        if (unplanned) {
            stale(node, other);
            probed(node, other);
        }
        if (!(node.state.work() instanceof Work.TakingOver)) {
            deposed(node, other);
        }
        world.checks.takeovers.opened(node);
    }

    private void deposed(Node node, Node other) {
        long sinceNs = world.now() - 2 * node.config.timing().heartbeatNs() - Network.TRANSIT_MAX_NS;
        boolean active = other.role() == Role.MASTER
                && other.awake()
                && other.awakeSinceNs() <= sinceNs
                && other.host.openSince(sinceNs)
                && other.state.term() > node.state.term()
                && world.checks.takeovers.masterSinceNs(other) <= sinceNs
                && node.host.frozenUntilNs <= sinceNs;
        boolean known = active && node.sessions.peer() == other.sessions.own();
        if (known && world.network.heardSince(other.number, sinceNs)) {
            world.broken(
                    Rule.DEPOSED_FORWARDS,
                    () -> node.name() + " opens its gate again; " + describe(node) + ", " + describe(other));
        }
    }

    private void stale(Node node, Node other) {
        // Whoever forges a hint shortens the wait, as is documented.
        boolean lied = world.now() - node.hintedNs < 2 * node.config.timing().deadNs();
        boolean gone = !other.awake() && !lied;
        boolean fenced = other.config.fence() != Fence.OFF && other.host.armed() && !renewedAlone[other.number];
        if (gone && fenced && other.host.gateStands()) {
            world.broken(
                    Rule.STALE_GATE,
                    () -> node.name() + " opens its gate while that of " + other.name() + " is open for us "
                            + (other.host.gateUntilNs() - world.now()) / World.US + " more");
        }
    }

    private void probed(Node node, Node other) {
        if (!node.config.probeVips()) {
            return;
        }
        long askedNs = world.checks.takeovers.masterSinceNs(node)
                - 8 * node.config.timing().slopNs();
        if (other.host.answersSince(askedNs) && world.network.lanWorksSince(askedNs)) {
            world.broken(
                    Rule.PROBE_DISREGARDED,
                    () -> node.name() + " takes over although " + other.name() + " answers for the addresses");
        }
    }
}
