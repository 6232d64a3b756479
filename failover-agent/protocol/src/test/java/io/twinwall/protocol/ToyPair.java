/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.base.SeededRandom;
import java.util.List;

/**
 * Two toy nodes, a network between them that loses, delays and is cut, and the checks that hold whatever happens. One
 * thread, one seed, time in steps of a millisecond.
 */
final class ToyPair {
    static final long MS = 1_000_000L;

    final SeededRandom random;
    final ToyNode a;
    final ToyNode b;
    long order;
    long sent;
    boolean cut;
    int lossPercent;
    /** Nothing that this node sends arrives. */
    ToyNode mute;
    /** The control: no more than one heartbeat an interval gets out, as if there were no urgent ones. */
    boolean withoutUrgent;

    int pauseOneIn;
    long nowNs = 1_000_000_000L;
    private long disturbedNs;
    private long bothOpenSinceNs = Long.MAX_VALUE;
    String violation;

    ToyPair(SeededRandom random, RoleConfig.Timing timing, Fence fence) {
        this(random, timing, fence, fence == Fence.WHEN_PEER_READY);
    }

    ToyPair(SeededRandom random, RoleConfig.Timing timing, Fence fence, boolean probe) {
        this.random = random;
        int priorityOfA = 50 + 50 * random.nextInt(3);
        a = new ToyNode(this, config(1, "fw-a", true, priorityOfA, 2, "fw-b", timing, fence, probe));
        b = new ToyNode(this, config(2, "fw-b", random.chance(4), 100, 1, "fw-a", timing, fence, probe));
    }

    /** The same pair with other habits. */
    ToyPair(ToyPair base, boolean hooks, RoleConfig.FailBack failBack, RoleConfig.Flap flap) {
        random = base.random;
        a = new ToyNode(this, with(base.a.config, hooks, failBack, flap));
        b = new ToyNode(this, with(base.b.config, hooks, failBack, flap));
    }

    static RoleConfig config(
            int node,
            String name,
            boolean preferred,
            int priority,
            int peer,
            String peerName,
            RoleConfig.Timing timing,
            Fence fence,
            boolean probe) {
        return new RoleConfig(
                node,
                name,
                preferred,
                priority,
                List.of(new RoleConfig.Peer(peer, peerName)),
                1,
                timing,
                fence,
                RoleConfig.Limits.DEFAULT,
                probe,
                false,
                RoleConfig.FailBack.NEVER,
                RoleConfig.Flap.DEFAULT);
    }

    /** The same with hooks before a takeover, a fail-back policy and flap damping. */
    static RoleConfig with(RoleConfig c, boolean hooks, RoleConfig.FailBack failBack, RoleConfig.Flap flap) {
        return new RoleConfig(
                c.node(),
                c.name(),
                c.preferred(),
                c.priority(),
                c.peers(),
                c.paths(),
                c.timing(),
                c.fence(),
                c.limits(),
                c.probeVips(),
                hooks,
                failBack,
                flap);
    }

    /** The same with a countdown before a takeover. */
    static RoleConfig with(RoleConfig c, long countdownNs) {
        return new RoleConfig(
                c.node(),
                c.name(),
                c.preferred(),
                c.priority(),
                c.peers(),
                c.paths(),
                c.timing(),
                c.fence(),
                c.limits().withCountdown(countdownNs),
                c.probeVips(),
                c.beforeHooks(),
                c.failBack(),
                c.flap());
    }

    ToyNode other(ToyNode node) {
        return node == a ? b : a;
    }

    void send(ToyNode from, Heartbeat heartbeat, long atNs) {
        ToyNode to = other(from);
        sent++;
        if (cut
                || from == mute
                || (withoutUrgent && !from.paced(atNs))
                || !to.running
                || random.nextInt(100) < lossPercent) {
            return;
        }
        boolean knowsSession = from.heardSession == to.session;
        Heartbeat arriving = knowsSession ? heartbeat : withoutEcho(heartbeat);
        long session = from.session;
        to.deliver(
                atNs + 50_000 + random.nextInt(3_000_000),
                new RoleEvent.HeartbeatHeard(from.config.node(), session, 0, arriving));
    }

    private static Heartbeat withoutEcho(Heartbeat h) {
        return new Heartbeat(
                h.counter(),
                0,
                h.term(),
                h.role(),
                h.readiness(),
                h.priority(),
                h.hearsPeer(),
                h.gateOpen(),
                h.alone(),
                h.urgent(),
                h.blind(),
                h.tenureMs(),
                h.handover());
    }

    /** Now and then a node is stopped between two effects. */
    boolean pauseNow(ToyNode node, long atNs) {
        if (pauseOneIn > 0 && random.chance(pauseOneIn)) {
            node.pause(atNs, MS * (1 + random.nextInt(400)));
            return true;
        }
        return false;
    }

    /** Called before a node opens its gate. After a kill, hang or stop the other's must be closed by then. */
    void opening(ToyNode node, long atNs) {
        ToyNode other = other(node);
        boolean planned =
                node.state.work() instanceof Work.TakingOver t && t.soFar().planned();
        boolean otherGone = !other.awake(atNs);
        // A probe tells of a gate that was open when it was sent.
        boolean ordered = node.state.tempers().told() && !planned;
        boolean probed = node.config.probeVips()
                && atNs - other.openedNs > 8 * node.config.timing().slopNs();
        boolean fenced = probed || (node.config.fence() == Fence.STRICT && !other.renewedAlone);
        if (!planned && !ordered && otherGone && other.gateOpen(atNs) && fenced) {
            fail(node.config.name() + " opens its gate while that of the dead or hung peer is open, in "
                    + node.state.work() + ", the other in " + other.state.work());
        }
    }

    void disturb() {
        disturbedNs = nowNs;
    }

    void run(long forNs) {
        for (long untilNs = nowNs + forNs; nowNs < untilNs && violation == null; nowNs += MS) {
            a.turn(nowNs);
            b.turn(nowNs);
            check();
        }
    }

    private void check() {
        boolean quiet = !cut && mute == null && lossPercent == 0 && a.awake(nowNs) && b.awake(nowNs);
        if (!quiet || !a.gateOpen(nowNs) || !b.gateOpen(nowNs)) {
            bothOpenSinceNs = Long.MAX_VALUE;
            return;
        }
        bothOpenSinceNs = Math.min(bothOpenSinceNs, nowNs);
        long sinceNs = Math.max(bothOpenSinceNs, disturbedNs);
        if (nowNs - sinceNs > a.config.timing().leaseNs()) {
            fail("both gates are open for longer than a lease, though the path works");
        }
    }

    void fail(String what) {
        if (violation == null) {
            violation = what + " at ms " + nowNs / MS;
        }
    }

    /** What happened, for the report of a failing seed. */
    String story() {
        return violation + "\nfw-a " + a.config + "\n  " + String.join("\n  ", a.trace) + "\nfw-b " + b.config + "\n  "
                + String.join("\n  ", b.trace);
    }
}
