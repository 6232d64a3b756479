/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Where it is configured, a takeover from a master that was lost waits a while after it was decided, so that a person may forbid it.
 * Everything that may put a takeover off is judged again at its end. A claim where no master was ever heard does not wait: there is
 * nothing to take over from.
 */
final class Countdowns {
    private Countdowns() {}

    /** A takeover is decided, for {@code reason}: whether it is to wait. */
    static boolean waits(Draft d, String reason) {
        long lengthNs = d.config.limits().countdownNs();
        if (d.vetoed) {
            return true;
        }
        if (lengthNs == 0) {
            return false;
        }
        if (d.countdownNs == Moments.NEVER) {
            d.countdownNs = d.nowNs + lengthNs;
            d.alarm(
                    AlarmCode.COUNTDOWN,
                    reason + ": this node takes over in " + lengthNs / 1_000_000_000L + " s, unless that is vetoed");
        }
        return d.nowNs < d.countdownNs;
    }

    /** An active node is heard, or the role changed: nothing waits any more, and nothing is forbidden. */
    static void over(Draft d) {
        d.countdownNs = Moments.NEVER;
        d.vetoed = false;
    }

    /** The operator forbids it. */
    static void veto(Draft d) {
        String name = d.config.name();
        if (d.countdownNs != Moments.NEVER || d.vetoed) {
            d.countdownNs = Moments.NEVER;
            d.vetoed = true;
            d.answer(true, name + " does not take over by itself until an active node is heard, or it is promoted");
        } else {
            d.answer(false, "no takeover waits at " + name);
        }
    }
}
