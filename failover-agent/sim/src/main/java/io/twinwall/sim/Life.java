/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.SeededRandom;
import io.twinwall.protocol.Readiness;
import io.twinwall.protocol.Role;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.Work;
import java.util.List;

/**
 * One life of a pair, from a seed: a start, faults (the safety phase), then everything heals and all must be well within a
 * bound (the liveness phase).
 */
public final class Life {
    private static final long LOOK_EVERY_NS = 20 * World.MS;
    /** How often faults are left standing for long. */
    private static final int STANDS_ONE_IN = 7;
    /** What was begun before may still disturb: no more often than this is it waited for anew. */
    private static final int STAND_PASSES_MAX = 4;

    private final World world;
    private final Faults faults;
    private final long deadNs;

    /**
     * How a life ended.
     *
     * @param violation null when every rule held
     * @param hash the same for the same seed and bug
     * @param lines the story, when asked for
     */
    public record Result(
            long seed, Bug bug, Violation violation, long hash, long livedNs, long happenings, List<String> lines) {}

    private Life(World world) {
        this.world = world;
        faults = new Faults(world);
        deadNs = world.plan.timing().deadNs();
    }

    static Result live(long seed, Bug bug, boolean readable, Memory memory) {
        SeededRandom random = new SeededRandom(SeededRandom.mix(seed));
        Trace trace = new Trace(readable);
        World world = new World(Plan.draw(random), random, bug, trace, memory);
        trace.line(0, "plan", () -> world.plan.toString());
        Violation crash = null;
        try {
            new Life(world).live();
        } catch (RuntimeException | Error e) {
            crash = new Violation(Rule.CRASH, world.now(), e + where(e));
            trace.line(world.now(), "!", crash::toString);
        }
        world.a.kill(true);
        world.b.kill(true);
        Violation violation = crash != null ? crash : world.violation();
        return new Result(seed, bug, violation, trace.hash(), world.now(), world.happenings, trace.lines());
    }

    private static String where(Throwable e) {
        StringBuilder frames = new StringBuilder();
        for (int i = 0; i < Math.min(6, e.getStackTrace().length); i++) {
            frames.append(" < ").append(e.getStackTrace()[i]);
        }
        return frames.toString();
    }

    private void live() {
        begin();
        int count = 3 + world.random.nextInt(7);
        for (int i = 0; i < count && world.violation() == null; i++) {
            faults.one();
            while (world.random.chance(3)) {
                faults.one();
            }
            pass(world.random.chance(4) ? world.between(0, 20 * World.MS) : world.between(0, 4 * deadNs));
            if (world.random.chance(STANDS_ONE_IN)) {
                stand();
            }
        }
        if (world.violation() == null) {
            liveness();
        }
    }

    /** Leaves what is broken so, and adds nothing, until somebody who may must have become active twice over. */
    private void stand() {
        world.pausing = false;
        QuietChecks quiet = world.checks.quiet;
        for (int i = 0; i < STAND_PASSES_MAX && world.violation() == null; i++) {
            long leftNs = quiet.disturbedNs() + 5 * quiet.boundNs() / 2 - world.now();
            if (leftNs <= 0) {
                break;
            }
            pass(leftNs);
        }
        world.pausing = true;
    }

    private void pass(long forNs) {
        world.run(world.now() + forNs);
    }

    /** One after the other or both at once; and mostly until the passive is ready. */
    private void begin() {
        world.checks.quiet.disturb();
        boolean first = world.random.chance(2);
        faults.start(first ? world.a : world.b);
        pass(world.random.chance(2) ? 0 : world.between(0, 3 * deadNs));
        world.checks.quiet.disturb();
        faults.start(first ? world.b : world.a);
        world.traffic.begin();
        if (world.random.chance(5)) {
            pass(world.between(0, 3 * deadNs));
            return;
        }
        long untilNs = world.now() + 4 * deadNs + 1_500 * World.MS;
        while (world.now() < untilNs && world.violation() == null && !ready()) {
            pass(LOOK_EVERY_NS);
        }
        pass(world.between(0, deadNs));
    }

    private boolean ready() {
        return passiveReady(world.a) || passiveReady(world.b);
    }

    private static boolean passiveReady(Node node) {
        return node.role() == Role.BACKUP && node.state.sync().readiness() == Readiness.READY;
    }

    private void liveness() {
        boolean both = !world.random.chance(8);
        faults.heal(both);
        // Faults that were to end later do so.
        pass(Math.max(7 * deadNs + 600 * World.MS, world.a.wakesNs() - world.now()));
        pass(Math.max(0, world.b.wakesNs() - world.now()));
        pass(Math.max(0, Math.max(world.a.condition.hangsUntilNs, world.b.condition.hangsUntilNs) - world.now()));
        // The one that was to stay may have been killed meanwhile.
        both |= world.a.running() == world.b.running();
        if (both) {
            faults.heal(true);
        }
        long untilNs = world.now() + 8 * deadNs + 4_000 * World.MS;
        while (world.violation() == null && !settled(both)) {
            if (world.now() > untilNs) {
                world.broken(Rule.NOT_HEALED, () -> GateChecks.describe(world.a) + "; " + GateChecks.describe(world.b));
                return;
            }
            pass(LOOK_EVERY_NS);
        }
        if (both && world.violation() == null) {
            demandEquality();
        }
        if (both && world.violation() == null && world.random.chance(2)) {
            demandOrder();
        }
    }

    private boolean settled(boolean both) {
        Node a = world.a;
        Node b = world.b;
        if (!both) {
            // A gate that was left open without end answers for a dead agent, and nobody may take over from it.
            return lit(a.host) || lit(b.host);
        }
        Node master = a.role() == Role.MASTER ? a : b;
        Node backup = world.other(master);
        return master.role() == Role.MASTER
                && (backup.role() == Role.BACKUP || resting(backup))
                && lit(master.host)
                && !backup.host.gateOpen()
                && !backup.host.vips()
                && master.state.term() == backup.state.term()
                && master.state.work() instanceof Work.Idle
                && backup.state.work() instanceof Work.Idle
                && backup.state.replica().mirrorOf() == master.number;
    }

    /** Its gate had failed; it stays out for a while. */
    private static boolean resting(Node node) {
        return node.role() == Role.FAULT && node.state.standing().restUntilNs() > node.mono();
    }

    private static boolean lit(Host host) {
        return host.gateOpen() && host.vips();
    }

    /** Nothing is wrong, so what an operator asks is done. */
    private void demandOrder() {
        Node master = world.a.role() == Role.MASTER ? world.a : world.b;
        Node backup = world.other(master);
        if (backup.role() != Role.BACKUP || master.stopping || backup.stopping) {
            return;
        }
        // Each is to have heard what the other is.
        pass(3 * world.plan.timing().heartbeatNs());
        Node asked = world.random.chance(2) ? master : backup;
        boolean stop = world.random.chance(3);
        world.checks.orders.forget(asked);
        if (stop) {
            master.askToStop();
        } else {
            asked.post(new RoleEvent.SwitchoverAsked(false));
        }
        long untilNs = world.now() + world.checks.orders.answerMaxNs(master) + world.checks.quiet.boundNs();
        while (world.violation() == null && !(backup.role() == Role.MASTER && lit(backup.host))) {
            boolean refused = Boolean.FALSE.equals(world.checks.orders.lastAnswer(asked));
            if (refused || world.now() > untilNs) {
                world.broken(
                        Rule.NOT_DONE,
                        () -> (stop ? "stop" : "switchover") + " of a healthy pair "
                                + (refused ? "refused; " : "not made; ") + GateChecks.describe(master) + ", "
                                + GateChecks.describe(backup));
                return;
            }
            pass(LOOK_EVERY_NS);
        }
    }

    private void demandEquality() {
        world.traffic.resting = world.random.chance(2);
        long untilNs = world.now() + 12_000 * World.MS;
        while (world.violation() == null) {
            Node master = world.a.role() == Role.MASTER ? world.a : world.b;
            Node backup = world.other(master);
            boolean ready = backup.running() && backup.state.sync().readiness() == Readiness.READY;
            if (ready && world.checks.flows.inStep(master, backup)) {
                return;
            }
            boolean empty = world.traffic.on() != master.host;
            if (ready && empty) {
                return;
            }
            if (world.now() > untilNs) {
                world.broken(
                        Rule.NOT_EQUAL,
                        () -> "source: " + master.sync.describe() + "; mirror: " + backup.sync.describe()
                                + "; kernels equal " + world.checks.flows.equal(master, backup));
                return;
            }
            pass(LOOK_EVERY_NS);
        }
    }
}
