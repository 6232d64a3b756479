/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.RoleConfig.FailBack;

/**
 * A backup that takes the role back from a master with which nothing is wrong, by asking for it as an operator would. Never where
 * an operator put the role, and never to a node that would have to give it away again at once.
 */
final class FailBacks {
    private FailBacks() {}

    static void consider(Draft d) {
        PeerView master = d.liveMaster();
        boolean wants = master != null && !d.told && d.sync.readiness() == Readiness.READY && wants(d, master);
        if (!wants) {
            d.betterSinceNs = Moments.NEVER;
            return;
        }
        d.betterSinceNs = d.betterSinceNs == Moments.NEVER ? d.nowNs : d.betterSinceNs;
        if (d.nowNs >= dueNs(d) && Moves.free(d)) {
            Handovers.ask(d, Handover.FAIL_BACK);
        }
    }

    private static boolean wants(Draft d, PeerView master) {
        int health = Healths.health(d);
        return switch (d.config.failBack().policy()) {
            case NEVER -> false;
            case ALWAYS ->
                d.config.preferred()
                        && (d.penalty == 0 || health >= master.last().priority());
            case PRIORITY -> health > master.last().priority();
        };
    }

    private static long dueNs(Draft d) {
        FailBack failBack = d.config.failBack();
        return d.betterSinceNs + (failBack.policy() == FailBack.Policy.PRIORITY ? failBack.delayNs() : 0);
    }
}
