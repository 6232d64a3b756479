/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.base.SeededRandom;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * True time, and everything in it. It jumps from one happening to the next; happenings of the same moment come in the
 * order they were made. One thread; all randomness is this object's.
 */
final class World {
    static final long US = 1_000L;
    static final long MS = 1_000_000L;
    static final long NEVER = Long.MIN_VALUE / 4;

    private record Due(long atNs, long order, Runnable what) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final Plan plan;
    final Bug bug;
    final SeededRandom random;
    final Trace trace;
    final Network network;
    final SyncWire wire;
    final Traffic traffic;
    final Node a;
    final Node b;
    final Checks checks;
    /** Whether nodes are stopped between effects, as the plan has it. */
    boolean pausing = true;

    private final PriorityQueue<Due> agenda = new PriorityQueue<>();
    private long order;
    private long nowNs = 1_000 * MS;
    private Violation violation;
    long happenings;

    World(Plan plan, SeededRandom random, Bug bug, Trace trace, Memory memory) {
        this.plan = plan;
        this.bug = bug;
        this.random = random;
        this.trace = trace;
        network = new Network(this, plan.paths());
        wire = new SyncWire(this);
        a = new Node(this, 1, plan.driftPpmA(), memory);
        b = new Node(this, 2, plan.driftPpmB(), memory);
        traffic = new Traffic(this);
        checks = new Checks(this);
    }

    long now() {
        return nowNs;
    }

    Node other(Node node) {
        return node == a ? b : a;
    }

    Node node(int number) {
        return number == 1 ? a : b;
    }

    void at(long atNs, Runnable what) {
        agenda.add(new Due(Math.max(atNs, nowNs), order++, what));
    }

    void in(long inNs, Runnable what) {
        at(nowNs + inNs, what);
    }

    /** Uniform in {@code [fromNs, toNs)}. */
    long between(long fromNs, long toNs) {
        return fromNs + Math.floorMod(random.nextLong(), Math.max(1, toNs - fromNs));
    }

    void run(long untilNs) {
        while (violation == null) {
            Due due = agenda.peek();
            if (due == null || due.atNs() > untilNs) {
                nowNs = Math.max(nowNs, untilNs);
                return;
            }
            agenda.poll();
            nowNs = due.atNs();
            happenings++;
            due.what().run();
            checks.look();
        }
    }

    /** A rule is broken; only the first one counts. */
    void broken(Rule rule, Supplier<String> text) {
        if (violation == null) {
            violation = new Violation(rule, nowNs, text.get());
            trace.line(nowNs, "!", violation::toString);
        }
    }

    Violation violation() {
        return violation;
    }
}
