/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * The report of a takeover. Times are differences of the executor's monotonic clock.
 *
 * @param decidedNs when it was decided, on that clock
 * @param detectNs from the last heartbeat of a master to the decision; 0 when planned or none was ever heard
 * @param totalNs from the decision to the first announcement sent
 * @param phases in the order they ran
 * @param counts flows, as the draining of the injector told
 */
public record Takeover(
        String reason,
        boolean planned,
        boolean ready,
        long term,
        long decidedNs,
        long detectNs,
        long totalNs,
        List<PhaseDone> phases,
        Counts counts) {
    /** The ordered steps of a takeover. */
    public enum Phase {
        /** Only when hooks are configured to run before. */
        HOOKS(EffectKind.BEFORE_HOOKS),
        DRAIN(EffectKind.DRAIN_INJECTOR),
        SOURCE(EffectKind.BECOME_SOURCE),
        GATE(EffectKind.OPEN_GATE),
        VIPS(EffectKind.ADD_VIPS),
        ANNOUNCE(EffectKind.ANNOUNCE_VIPS),
        TIMEOUTS(EffectKind.CORRECT_TIMEOUTS);

        private final EffectKind effect;

        Phase(EffectKind effect) {
            this.effect = effect;
        }

        EffectKind effect() {
            return effect;
        }

        boolean beforeGateOpen() {
            return compareTo(GATE) <= 0;
        }
    }

    /** One step: how long it took, and how it ended. */
    public record PhaseDone(Phase phase, long tookNs, boolean ok, String detail) {}

    /** How long {@code phase} took; 0 when it did not run. */
    public long phaseNs(Phase phase) {
        long tookNs = 0;
        for (PhaseDone done : phases) {
            tookNs += done.phase() == phase ? done.tookNs() : 0;
        }
        return tookNs;
    }
}
