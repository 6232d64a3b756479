/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabSysctls;
import io.twinwall.lab.Victim;
import io.twinwall.lab.Waiting;

/** A lab with a stack in it that has become a pair. One thread uses it. */
final class Stage implements AutoCloseable {
    private static final long PAIR_MS = 60_000;
    private static final long LOOK_MS = 20;
    private static final long SETTLE_MS = 1_000;
    private static final int PER_THOUSAND = 1_000;

    private final Lab lab;
    private final Stack stack;
    private final Victim active;

    Stage(Contender contender, Setting setting) {
        LabSysctls.roomFor(Contender.FLOWS_MAX);
        lab = Lab.create();
        try {
            stack = contender.open(lab, setting.program());
            active = stack.awaitPair(PAIR_MS);
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    Lab lab() {
        return lab;
    }

    Stack stack() {
        return stack;
    }

    /** The active at the start. */
    Victim active() {
        return active;
    }

    /** The standby at the start. */
    FirewallNode standby() {
        return active.node().peer();
    }

    /** Lets {@code ms} pass. */
    static void lasts(long ms) {
        long untilNs = System.nanoTime() + ms * 1_000_000;
        Waiting.until(ms + 1, LOOK_MS, () -> System.nanoTime() - untilNs >= 0);
    }

    /** Lets what has just begun come to rest. */
    static void settle() {
        lasts(SETTLE_MS);
    }

    /**
     * Of {@code flows} that were sent, those that the active's kernel holds. It may be less: what a generator sends faster
     * than the firewall's queues take never was a flow.
     */
    long made(long flows) {
        return Math.min(flows, KernelCount.of(lab.namespace(active.node())));
    }

    /** Waits until the standby knows what the active holds of {@code flows}; false when it does not within {@code deadlineMs}. */
    boolean awaitKnown(long flows, long deadlineMs) {
        return Waiting.until(deadlineMs, LOOK_MS, () -> stack.known(standby()) >= made(flows));
    }

    /**
     * As {@link #awaitKnown}, but for one in a thousand: a handshake of which a packet was lost is not mirrored. That the
     * standby does not get there is the end of this measurement.
     */
    void requireKnown(long flows, long deadlineMs) {
        if (!Waiting.until(deadlineMs, LOOK_MS, () -> stack.known(standby()) >= made(flows) - flows / PER_THOUSAND)) {
            throw new Fatal(
                    ExitCode.REFUSED,
                    "the standby knew " + stack.known(standby()) + " of " + made(flows) + " flows after " + deadlineMs
                            + " ms");
        }
    }

    @Override
    public void close() {
        stack.close();
        lab.close();
    }
}
