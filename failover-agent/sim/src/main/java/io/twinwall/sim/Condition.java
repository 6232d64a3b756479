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
    private final World world;
    private final Map<EffectKind, Long> brokenUntilNs = new EnumMap<>(EffectKind.class);
    int penalty;
    /** What is broken that the node must not be active without; "": nothing. */
    String fault = "";
    /** No test address answers. */
    boolean silent;
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
