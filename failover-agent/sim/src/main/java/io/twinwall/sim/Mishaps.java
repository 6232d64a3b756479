/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;

/** The rarer {@link Faults}: effects that fail, what others do to the kernel, hints that lie, and orders on top of orders. */
final class Mishaps {
    private static final EffectKind[] MAY_FAIL = {
        EffectKind.OPEN_GATE,
        EffectKind.OPEN_GATE,
        EffectKind.ADD_VIPS,
        EffectKind.ANNOUNCE_VIPS,
        EffectKind.PERSIST_TERM,
        EffectKind.PERSIST_MAINTENANCE,
        EffectKind.BEFORE_HOOKS
    };

    private final World world;
    private final long deadNs;

    Mishaps(World world) {
        this.world = world;
        deadNs = world.plan.timing().deadNs();
    }

    void one(Node node, Node active) {
        switch (world.random.nextInt(16)) {
            case 0, 1, 2 -> breaks(world.random.chance(2) ? node : active);
            case 3, 4 -> flush(active);
            case 5, 6 -> blind(node);
            case 7 -> hint(node);
            case 8 -> delays();
            case 9 -> reconfigure(node);
            case 14 -> noMemory(node);
            case 12, 13 -> unheardThenGone(active);
            case 10 -> carrier(node);
            case 11 -> oldFile(node);
            default -> hurried(active);
        }
    }

    private void say(String what) {
        world.trace.line(world.now(), "world", () -> what);
    }

    /** The kernel, the disk or a hook does not do what it is told, for a while. */
    private void breaks(Node node) {
        EffectKind kind = MAY_FAIL[world.random.nextInt(MAY_FAIL.length)];
        long forNs = world.between(World.MS, 4 * deadNs);
        say(node.name() + ": " + kind + " fails for ms " + forNs / World.MS);
        node.condition.breaks(kind, forNs);
        world.in(forNs, world.checks.quiet::disturb);
    }

    private void noMemory(Node node) {
        long forNs = world.between(World.MS, 4 * deadNs);
        say("the kernel of " + node.name() + " has no memory for flows for ms " + forNs / World.MS);
        node.host.noMemoryUntilNs = world.now() + forNs;
        for (int i = 0; i < 20; i++) {
            world.traffic.one();
        }
    }

    /** Somebody flushes the ruleset: the program puts the tables back, mostly as they were. */
    private void flush(Node node) {
        if (node.running() && node.host.gateStands()) {
            boolean closed = world.random.chance(3);
            say("the tables of " + node.name() + " are flushed, and restored " + (closed ? "closed" : "as they were"));
            if (closed) {
                node.host.closeGate();
                node.condition.gateFailedNs = world.now();
            }
            node.post(new RoleEvent.LeaseLost("flushed"));
        }
    }

    /** Its host lets no heartbeat in when it starts, or none out either: a firewall's rules that are not loaded yet. */
    private void blind(Node node) {
        boolean both = world.random.chance(2);
        say(node.name() + " starts blind" + (both ? " and mute" : ""));
        node.kill(false);
        Node other = world.other(node);
        set(other, true);
        if (both) {
            set(node, true);
        }
        node.start();
        world.in(world.between(deadNs, 5 * deadNs), () -> {
            world.checks.quiet.disturb();
            say(node.name() + " is blind no more");
            set(other, false);
            set(node, false);
        });
    }

    /** No heartbeat gets to it, nor away from it. */
    void isolate(Node node) {
        say(node.name() + " is cut off");
        set(node, true);
        set(world.other(node), true);
    }

    private void set(Node from, boolean cut) {
        for (int path = 0; path < world.network.paths(); path++) {
            world.network.direction(path, from.number).set(world.now(), cut, 0);
        }
    }

    /** Anybody can say that nobody listens. */
    private void hint(Node node) {
        say(node.name() + " gets a forged hint");
        node.hintedNs = world.now();
        node.post(new RoleEvent.PeerAgentGone(world.other(node).number, world.random.nextInt(world.network.paths())));
    }

    /** A cable goes, and within the dead time the machine behind it: just what leases and acknowledgements are for. */
    private void unheardThenGone(Node active) {
        say(active.name() + " is not heard any more");
        set(active, true);
        boolean kill = world.random.chance(2);
        world.in(world.between(0, deadNs), () -> {
            world.checks.quiet.disturb();
            if (kill) {
                active.kill(false);
            } else {
                active.pause(world.between(World.MS, 4 * deadNs), world.random.chance(3));
            }
        });
    }

    private void delays() {
        int from = 1 + world.random.nextInt(2);
        long byNs = world.between(5 * World.MS, deadNs);
        say("heartbeats of node " + from + " are late by ms " + byNs / World.MS);
        for (int path = 0; path < world.network.paths(); path++) {
            world.network.direction(path, from).delay(world.now(), byNs);
        }
    }

    private void reconfigure(Node node) {
        RoleConfig c = node.config;
        int priority = 50 + 50 * world.random.nextInt(3);
        boolean preferred = world.random.chance(2);
        RoleConfig.FailBack failBack = world.random.chance(3)
                ? new RoleConfig.FailBack(RoleConfig.FailBack.Policy.PRIORITY, World.MS * world.random.nextInt(1_000))
                : c.failBack();
        node.reconfigure(new RoleConfig(
                c.node(),
                c.name(),
                preferred,
                priority,
                c.peers(),
                c.paths(),
                c.timing(),
                c.fence(),
                c.limits(),
                c.probeVips(),
                c.beforeHooks(),
                failBack,
                c.flap()));
    }

    private void carrier(Node node) {
        int path = world.random.nextInt(world.network.paths());
        boolean up = world.random.chance(2);
        node.condition.carrierless &= ~(1 << path);
        node.condition.carrierless |= up ? 0 : 1 << path;
        node.post(new RoleEvent.PathChanged(path, up));
    }

    /** A disk from a backup: what it says is true no more. */
    private void oldFile(Node node) {
        if (!node.running() && node.host.storedTerm > 0) {
            node.host.storedTerm -= 1 + world.random.nextInt(3);
            node.host.storedTerm = Math.max(0, node.host.storedTerm);
            say("the state file of " + node.name() + " is an old one, term " + node.host.storedTerm);
            world.checks.terms.fileLost(node);
        }
    }

    /** A move is asked for, and before it is made something else. */
    private void hurried(Node active) {
        Node node = world.random.chance(3) ? world.other(active) : active;
        if (!node.running() || node.stopping) {
            return;
        }
        boolean promote = world.random.chance(4);
        if (promote) {
            node.orderedNs = world.now();
        }
        node.post(promote ? new RoleEvent.PromoteAsked(false) : new RoleEvent.SwitchoverAsked(world.random.chance(3)));
        Node second = world.random.chance(3) ? world.other(node) : node;
        int what = world.random.nextInt(4);
        world.in(world.between(0, world.random.chance(2) ? 5 * World.MS : 60 * World.MS), () -> {
            world.checks.quiet.disturb();
            switch (what) {
                case 0 -> second.post(new RoleEvent.MaintenanceAsked(true));
                case 1 -> second.post(new RoleEvent.SwitchoverAsked(false));
                default -> second.askToStop();
            }
        });
    }
}
