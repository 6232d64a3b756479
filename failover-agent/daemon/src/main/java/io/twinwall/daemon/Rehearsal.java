/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.protocol.Counts;
import io.twinwall.protocol.EffectKind;
import io.twinwall.protocol.RoleConfig;
import io.twinwall.protocol.RoleEvent;
import io.twinwall.protocol.RoleProtocol;
import io.twinwall.protocol.RoleState;
import io.twinwall.protocol.Work;

/**
 * A takeover is the rarest thing this program does, and the one whose first time counts: code that never ran is loaded
 * and interpreted, which costs tens of milliseconds just then. So, before the role agent begins, the role protocol lives
 * through takeovers in memory, being a pure function, and the addresses are put through the motions.
 */
final class Rehearsal {
    private static final int LIVES = 20;
    private static final int STEPS_MAX = 1_000;
    private static final long START_NS = 1_000_000_000L;

    private Rehearsal() {}

    static void run(RoleConfig config, Presence presence) {
        for (int i = 0; i < LIVES; i++) {
            live(config);
            presence.rehearse();
        }
    }

    /** A node alone, from its start until its takeover is reported; the state after that. */
    static RoleState live(RoleConfig config) {
        long nowNs = START_NS;
        RoleState state = RoleProtocol.step(
                        RoleProtocol.initial(config, nowNs), new RoleEvent.Started(0, false, false), nowNs, config)
                .state();
        for (int i = 0; i < STEPS_MAX && state.lastTakeover() == null; i++) {
            RoleEvent event;
            if (state.work() instanceof Work.TakingOver under) {
                // The answer is known by its token.
                event = new RoleEvent.EffectDone(under.token(), EffectKind.ADD_VIPS, true, "", Counts.NONE);
            } else {
                nowNs = Math.max(
                        nowNs,
                        Math.min(state.wakeAtNs(), nowNs + config.timing().heartbeatNs()));
                event = new RoleEvent.Tick(0);
            }
            state = RoleProtocol.step(state, event, nowNs, config).state();
        }
        return state;
    }
}
