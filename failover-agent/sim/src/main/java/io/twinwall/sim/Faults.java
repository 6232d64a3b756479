/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.RoleEvent;

/** What is done to the world, drawn from the seed. */
final class Faults {
    private final World world;
    private final Mishaps mishaps;
    private final long deadNs;

    Faults(World world) {
        this.world = world;
        mishaps = new Mishaps(world);
        deadNs = world.plan.timing().deadNs();
    }

    void one() {
        world.checks.quiet.disturb();
        Node node = world.random.chance(2) ? world.a : world.b;
        int kind = world.random.nextInt(40);
        world.trace.mix(world.now(), node.number, 60, kind);
        switch (kind) {
            case 0, 1 -> path(world.random.nextInt(world.network.paths()));
            case 2 -> partition();
            case 3, 4 -> healNetwork();
            case 5 -> loss();
            case 6, 7 -> node.pause(world.between(World.MS, 4 * deadNs), false);
            case 8 -> node.pause(world.between(World.MS, 4 * deadNs), true);
            case 9, 10 -> killForAWhile(active(node), false);
            case 11 -> killForAWhile(active(node), true);
            case 12 -> killForAWhile(node, world.random.chance(2));
            case 13, 14 -> start(node);
            case 15 -> loseFile(node);
            case 16, 17 -> switchover(node);
            case 18 -> active(node).askToStop();
            case 19, 20 -> burst();
            case 21 -> wire();
            case 22 -> lan(node);
            case 23 -> stepWall(node);
            case 24 -> slow(node);
            case 25, 26 -> health(node);
            case 27 -> reach(node);
            case 28 -> promote(node);
            case 29, 30 -> maintenance(node, world.random.chance(2));
            case 31 -> rough();
            default -> mishaps.one(node, active(node));
        }
    }

    private void say(String what) {
        world.trace.line(world.now(), "world", () -> what);
    }

    /** Mostly the one whose fate matters. */
    private Node active(Node drawn) {
        Host on = world.traffic.on();
        return on == null || world.random.chance(4) ? drawn : world.node(on.number());
    }

    private void path(int path) {
        int ways = 1 + world.random.nextInt(3);
        say("heartbeat path " + path + " cut, ways " + ways);
        for (int from = 1; from <= 2; from++) {
            if ((ways & from) != 0) {
                world.network.direction(path, from).set(world.now(), true, 0);
            }
        }
    }

    private void partition() {
        int ways = 1 + world.random.nextInt(3);
        say("all heartbeat paths cut, ways " + ways);
        for (int path = 0; path < world.network.paths(); path++) {
            for (int from = 1; from <= 2; from++) {
                if ((ways & from) != 0) {
                    world.network.direction(path, from).set(world.now(), true, 0);
                }
            }
        }
        if (world.random.chance(2)) {
            lan(world.random.chance(2) ? world.a : world.b);
        }
    }

    private void healNetwork() {
        say("network healed");
        world.network.heal();
        world.wire.heal();
    }

    private void loss() {
        for (int path = 0; path < world.network.paths(); path++) {
            for (int from = 1; from <= 2; from++) {
                if (world.random.chance(2)) {
                    int permille = world.random.nextInt(600);
                    say("path " + path + " from " + from + " loses permille " + permille);
                    Direction way = world.network.direction(path, from);
                    way.set(world.now(), way.cut, permille);
                }
            }
        }
    }

    private void killForAWhile(Node node, boolean power) {
        node.kill(power);
        if (!world.random.chance(3)) {
            world.in(world.between(10 * World.MS, 6 * deadNs), () -> {
                world.checks.quiet.disturb();
                start(node);
            });
        }
    }

    void start(Node node) {
        if (!node.running()) {
            node.start();
        }
    }

    private void loseFile(Node node) {
        if (!node.running()) {
            say("the state file of " + node.name() + " is lost");
            node.host.storedTerm = 0;
            world.checks.terms.fileLost(node);
        }
    }

    private void switchover(Node node) {
        boolean force = world.random.chance(4);
        // Work for the barrier.
        for (int i = world.random.nextInt(30); i > 0; i--) {
            world.traffic.one();
        }
        node.post(new RoleEvent.SwitchoverAsked(force));
    }

    private void health(Node node) {
        String fault = world.random.chance(3) ? "uplink" : "";
        node.condition.penalty = world.random.nextInt(3) * 30;
        node.condition.fault = fault;
        node.post(node.condition.health());
    }

    private void reach(Node node) {
        // The trackers need some failed tries, or answers, to tell: until then they say what was.
        node.post(node.condition.reach());
        node.condition.cut(world.random.chance(2));
        node.condition.answersBadly(world.random.nextInt(300), world.between(World.US, deadNs / 4));
        if (node.condition.silent && world.random.chance(2)) {
            // Its cables are cut: those to the other as well.
            mishaps.isolate(node);
        }
        world.in(world.between(0, 4 * deadNs), () -> {
            world.checks.quiet.disturb();
            node.post(node.condition.reach());
        });
    }

    private void promote(Node node) {
        node.orderedNs = world.now();
        node.post(new RoleEvent.PromoteAsked(world.random.chance(2)));
    }

    private void maintenance(Node node, boolean on) {
        node.post(new RoleEvent.MaintenanceAsked(on));
    }

    /** More at once than a small event buffer takes. */
    private void burst() {
        say("burst of changes");
        for (int i = 40 + world.random.nextInt(80); i > 0; i--) {
            world.traffic.one();
        }
    }

    private void wire() {
        int from = 1 + world.random.nextInt(2);
        boolean cut = world.random.chance(2);
        int permille = cut ? 0 : world.random.nextInt(100);
        say("state stream from " + from + (cut ? " cut" : " loses permille " + permille));
        world.wire.set(from, cut, permille);
    }

    private void lan(Node node) {
        boolean cut = !world.network.lan(node.number).cut;
        say("LAN link of " + node.name() + (cut ? " cut" : " up"));
        world.network.lan(node.number).set(world.now(), cut, 0);
    }

    private void stepWall(Node node) {
        long byNs = world.between(-3_600_000 * World.MS, 3_600_000 * World.MS);
        say("wall clock of " + node.name() + " stepped by s " + byNs / 1_000_000_000L);
        node.clock.stepWall(byNs);
    }

    private void slow(Node node) {
        boolean sync = world.random.chance(2);
        long byNs = world.random.chance(3) ? 0 : world.between(0, 40 * World.MS);
        say(node.name() + (sync ? " sync thread" : " answers") + " slower by us " + byNs / World.US);
        if (sync) {
            node.slowNs = byNs;
            node.tuned();
        } else {
            node.answerLateNs = byNs;
        }
    }

    private void rough() {
        Direction way =
                world.network.direction(world.random.nextInt(world.network.paths()), 1 + world.random.nextInt(2));
        way.duplicatePermille = world.random.nextInt(300);
        way.reorderPermille = world.random.nextInt(300);
        way.jitterNs = world.between(1, 2 * World.MS);
    }

    private void well(Node node) {
        node.condition.penalty = 0;
        node.condition.fault = "";
        node.condition.cut(false);
        node.condition.answersWell();
        node.condition.mend();
        node.post(node.condition.health());
        node.post(node.condition.reach());
        node.post(new RoleEvent.MaintenanceAsked(false));
        if (!node.running()) {
            node.host.storedMaintenance = false;
        }
    }

    /** Everything works again; nobody is slow. */
    void heal(boolean bothNodes) {
        say("everything heals" + (bothNodes ? "" : "; one node stays away"));
        world.checks.quiet.disturb();
        world.network.heal();
        world.wire.heal();
        world.pausing = false;
        for (Node node : new Node[] {world.a, world.b}) {
            node.slowNs = 0;
            node.tuned();
            node.answerLateNs = 0;
            well(node);
        }
        Node first = world.random.chance(2) ? world.a : world.b;
        if (bothNodes || !world.other(first).running()) {
            start(first);
        }
        if (bothNodes) {
            start(world.other(first));
        }
    }
}
