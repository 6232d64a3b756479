/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Move.Origin;
import java.util.ArrayList;

/**
 * Planned moves of the role that no operator asked for: away from a master whose health fell below that of a ready peer, is in
 * fault or cannot keep its gate, and back by the fail-back policy ({@link FailBacks}). What comes to nothing is tried again, later
 * each time. Who moved too often is held; a dead peer is taken over from regardless.
 */
final class Moves {
    private static final long RETRY_NS = 1_000_000_000L;
    private static final int RETRY_DOUBLINGS = 5;

    private Moves() {}

    /** A new situation: what failed before may do now. */
    static void begun(Draft d) {
        d.tries = 0;
        d.moveAtNs = Moments.NEVER;
        d.needSinceNs = Moments.NEVER;
        d.betterSinceNs = Moments.NEVER;
    }

    /** The role became or ceased to be MASTER, and no operator had asked. */
    static void changed(Draft d) {
        RoleConfig.Flap flap = d.config.flap();
        d.changesNs = new ArrayList<>(d.changesNs);
        d.changesNs.removeIf(atNs -> atNs <= d.nowNs - flap.windowNs());
        d.changesNs.add(d.nowNs);
        if (d.changesNs.size() > flap.max()) {
            if (!held(d)) {
                d.alarm(
                        AlarmCode.FLAPPING,
                        d.changesNs.size() + " role changes within " + RoleConfig.millis(flap.windowNs())
                                + ": no planned move for " + RoleConfig.millis(flap.holdNs()));
            }
            d.flapUntilNs = d.nowNs + flap.holdNs();
            d.changesNs.removeFirst();
        }
    }

    static boolean held(Draft d) {
        return d.nowNs < d.flapUntilNs;
    }

    /** Neither held nor waiting after a move that came to nothing. */
    static boolean free(Draft d) {
        return d.idle() && !d.stopping && !held(d) && d.nowNs >= d.moveAtNs;
    }

    static void failed(Draft d) {
        d.moveAtNs = d.nowNs + (RETRY_NS << Math.min(d.tries, RETRY_DOUBLINGS));
        d.tries++;
    }

    /** At the end of every step. */
    static void consider(Draft d) {
        if (d.role() == Role.BACKUP) {
            FailBacks.consider(d);
        } else if (d.master()) {
            PeerView heir = d.successor();
            if (gateFails(d, heir)) {
                Handovers.offer(d, Move.by(Origin.GATE), heir);
            } else if (!d.fault.isEmpty() && !Healths.excused(d)) {
                faulty(d, heir);
            } else if (better(d, heir) && !Healths.excused(d) && free(d)) {
                Handovers.offer(d, Move.by(Origin.HEALTH), heir);
            }
        }
    }

    private static boolean better(Draft d, PeerView heir) {
        // Without a penalty it is for the fail-back policy to say whether the better node takes over.
        return d.penalty > 0 && ready(heir) && heir.last().priority() > Healths.health(d);
    }

    private static boolean ready(PeerView heir) {
        return heir != null && heir.last().readiness() == Readiness.READY;
    }

    private static void faulty(Draft d, PeerView heir) {
        if (heir == null) {
            d.needSinceNs = Moments.NEVER;
            Healths.alarm(d, "; stays active, since nobody else may be");
            return;
        }
        d.needSinceNs = d.needSinceNs == Moments.NEVER ? d.nowNs : d.needSinceNs;
        Healths.alarm(d, "; hands over to " + heir.name());
        boolean patient = d.nowNs - d.needSinceNs < d.config.limits().unreadyNs();
        if (!free(d) || (patient && !ready(heir))) {
            return;
        }
        boolean force = !patient && (!ready(heir) || d.tries > 0);
        if (force) {
            d.alarm(
                    AlarmCode.UNREADY_HANDOVER,
                    "handing over to " + heir.name() + " although it may lack flows: this node is in fault");
        }
        Handovers.offer(d, Move.by(Origin.FAULT, force), heir);
    }

    private static boolean gateFails(Draft d, PeerView heir) {
        return Leases.failing(d) && ready(heir) && d.idle() && !d.stopping;
    }
}
