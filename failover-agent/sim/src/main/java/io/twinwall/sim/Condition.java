/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.Reach;
import io.twinwall.protocol.RoleEvent;
import java.util.EnumMap;
import java.util.Map;

/**
 * How a machine truly is, whatever its agent makes of it: what the trackers see, what the operator has been promised, and what
 * of it is broken. It outlives the agent. The rules go by this, never by the role.
 */
final class Condition {
    private static final long ANSWER_NS = World.MS;

    private final World world;
    private final Map<EffectKind, Long> brokenUntilNs = new EnumMap<>(EffectKind.class);
    int penalty;
    /** What is broken that the node must not be active without; "": nothing. */
    String fault = "";
    /** No test address answers, since when. */
    boolean silent;

    long silentSinceNs = World.NEVER;
    /** How many answers of test addresses are lost, and how long the others take at the most. */
    private int answersLostPermille;

    private long answersTakeNs = ANSWER_NS;
    /** The operator was told that it stays out. */
    boolean out;
    /** Until when a hook hangs that the takeover waits for. */
    long hangsUntilNs = World.NEVER;
    /** When the gate could last not be opened or renewed, or was lost. */
    long gateFailedNs = World.NEVER;

    Condition(World world) {
        this.world = world;
    }

    /** Which heartbeat interfaces have no carrier, one bit each, as this life was told. */
    int carrierless;

    /** A life begins; {@code isOut}: it stays out, as the disk says. */
    void born(boolean isOut) {
        out = isOut;
        carrierless = 0;
    }

    /** Tells a new life what the trackers see, unless all is well. */
    void tell(Node node) {
        if (penalty != 0 || !fault.isEmpty()) {
            node.post(health());
        }
        if (silent) {
            node.post(reach());
        }
    }

    RoleEvent health() {
        return new RoleEvent.HealthChanged(penalty, fault, fault);
    }

    RoleEvent reach() {
        return new RoleEvent.ReachChanged(silent ? Reach.SILENT : Reach.ANSWERED);
    }

    /** From now on the test addresses answer no more, or again; the trackers find out later. */
    void cut(boolean isSilent) {
        silentSinceNs = isSilent && !silent ? world.now() : silentSinceNs;
        silent = isSilent;
    }

    /** The test addresses are asked. */
    void ask(Node node) {
        boolean lost = world.random.nextInt(1_000) < answersLostPermille;
        boolean answers = (!silent && !lost) || world.bug == Bug.REACH_FORGED;
        if (answers) {
            long begunNs = node.mono();
            long takesNs = world.between(0, answersTakeNs);
            world.in(takesNs, () -> node.post(new RoleEvent.ReachAnswered(begunNs, node.mono())));
        }
    }

    /** Whether a takeover may have to ask more than once. */
    boolean answersLost() {
        return answersLostPermille > 0;
    }

    void answersBadly(int lostPermille, long takeNs) {
        answersLostPermille = lostPermille;
        answersTakeNs = takeNs;
    }

    /** Answers come quickly, and all of them. */
    void answersWell() {
        answersLostPermille = 0;
        answersTakeNs = ANSWER_NS;
    }

    /** Effects of {@code kind} fail for a while. */
    void breaks(EffectKind kind, long forNs) {
        brokenUntilNs.put(kind, world.now() + forNs);
    }

    boolean broken(EffectKind kind) {
        return world.now() < brokenUntilNs.getOrDefault(kind, World.NEVER);
    }

    /** Whether effects of {@code kind} failed at {@code sinceNs} or later. */
    boolean brokenSince(EffectKind kind, long sinceNs) {
        return sinceNs < brokenUntilNs.getOrDefault(kind, World.NEVER);
    }

    void mend() {
        brokenUntilNs.replaceAll((kind, untilNs) -> Math.min(untilNs, world.now()));
    }
}
