/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Move.Origin;

/** Ceasing to be active. */
final class StepDowns {
    private static final long REST_NS = 30_000_000_000L;

    private StepDowns() {}

    /**
     * A tick, all that was waiting is heard: stood still for a lease before the gate was open. What the takeover was decided on is
     * old. Beside a peer that lives decide anew; alone go on after another look, since nobody else is there to be active, and
     * an earlier life of this node may be forwarding.
     */
    static void stalled(Draft d) {
        if (d.work instanceof Work.TakingOver work && work.phase().beforeGateOpen()) {
            if (d.anyAlive()) {
                abandon(d, "stood still while taking over");
            } else {
                Takeovers.stoodStill(d);
            }
        }
    }

    /** Gives up a takeover whose gate is not open yet; decides anew. */
    static void abandon(Draft d, String reason) {
        Handovers.answerAbandoned(d, "this node gave the takeover up: " + reason);
        if (d.syncTerm == d.term) {
            // It became the source; what another learns from now on it does not know.
            d.sync = Sync.SYNCING;
        }
        leave(d, Healths.below(d), reason, false);
        d.work = new Work.Idle();
        close(d);
        // An earlier life may have left them, and a takeover that began counts them as its own.
        d.emit(new RoleEffect.RemoveVips(d.token()));
        Beats.all(d);
    }

    /** Another is active: stop forwarding at once. */
    static void atOnce(Draft d, PeerView winner, long term, String reason) {
        Handovers.answerAbandoned(d, winner.name() + " is active");
        d.raiseTerm(term);
        boolean ordered = winner.last().handover().forcedClaim();
        leave(d, Healths.below(d), reason, ordered);
        d.told = ordered;
        d.work = new Work.Idle();
        close(d);
        d.emit(new RoleEffect.RemoveVips(d.token()));
        if (term == d.term) {
            mirror(d, winner.node(), term);
        } else {
            // The winner is about to claim above our term; until then there is nothing to mirror, and we are no source.
            d.sync = Sync.SYNCING;
        }
        Beats.all(d);
        if (d.stopping) {
            end(d);
        }
    }

    /** This node must not be active any more, whoever is to follow. */
    static void giveUp(Draft d, String reason) {
        Handovers.answerAbandoned(d, "this node gave the role up: " + reason);
        leave(d, Role.FAULT, reason, false);
        // It was the source; what others learn from now on it does not know.
        d.sync = Sync.SYNCING;
        d.work = new Work.Idle();
        close(d);
        d.emit(new RoleEffect.RemoveVips(d.token()));
        Beats.all(d);
        if (d.stopping) {
            end(d);
        }
    }

    /** Its gate failed: rests, so that the role does not come back to it at once. */
    static void rest(Draft d) {
        d.restUntilNs = d.nowNs + REST_NS;
    }

    /** The other's gate is open and its addresses announced: give ours up, linger, then close. */
    static void handedOver(Draft d, PeerView heir, long term, Origin origin) {
        d.raiseTerm(term);
        long untilNs = d.nowNs + d.config.timing().lingerNs();
        boolean ends = d.gate.armed() && d.gate.untilNs() >= untilNs;
        if (d.config.fence() != Fence.OFF && d.gate.open(d.nowNs) && !ends) {
            // So that the kernel ends it, should this thread stand still now.
            d.emit(new RoleEffect.RenewLease(true, untilNs));
            Leases.opened(d, true);
        }
        if (origin == Origin.GATE) {
            rest(d);
        }
        Role next = origin == Origin.MAINTENANCE ? Role.MAINTENANCE : Healths.below(d);
        leave(d, next, "handed over to " + heir.name(), origin.byOperator());
        d.told = origin.told();
        d.emit(new RoleEffect.RemoveVips(d.token()));
        d.work = new Work.Lingering(heir.node(), d.nowNs + d.config.timing().lingerNs());
        Beats.all(d);
    }

    /** A tick: the lingering is over. */
    static void timeOut(Draft d) {
        if (d.work instanceof Work.Lingering work && d.nowNs >= work.untilNs()) {
            d.work = new Work.Idle();
            close(d);
            if (d.stopping) {
                end(d);
            } else {
                mirror(d, work.peer(), d.term);
            }
        }
    }

    /** Mirrors the master {@code peer}, unless it does so already. */
    static void mirror(Draft d, int peer, long term) {
        if (d.syncTerm != term || d.mirrorOf != peer) {
            d.syncTerm = term;
            d.mirrorOf = peer;
            d.sync = Sync.SYNCING;
            d.emit(new RoleEffect.BecomeMirror(d.token(), term, peer));
        }
    }

    /** Gives up what an earlier life of this node left in the kernel, now that another is active. */
    static void cleanInherited(Draft d) {
        if (d.inherited) {
            d.inherited = false;
            close(d);
            d.emit(new RoleEffect.RemoveVips(d.token()));
        }
    }

    /** Nothing is under way: hands over if anybody can follow, and ends. */
    static void stop(Draft d) {
        if (d.master()) {
            Handovers.offer(d, Move.by(Origin.STOP), d.successor());
        } else {
            end(d);
        }
    }

    /** The end: everything is given up. */
    static void end(Draft d) {
        Orders.leaveUnanswered(d, Refusal.STOPPING.text() + ", before it was stored whether it is in maintenance");
        if (d.master()) {
            leave(d, Role.INIT, "stopped", true);
            d.emit(new RoleEffect.RemoveVips(d.token()));
            close(d);
        } else {
            cleanInherited(d);
            if (d.role() != Role.INIT) {
                d.become(Role.INIT, "stopped", true);
            }
        }
        d.sync = Sync.COLD;
        Beats.all(d);
        d.work = new Work.Ended();
        d.emit(new RoleEffect.Stopped());
    }

    private static void leave(Draft d, Role next, String reason, boolean asked) {
        if (d.work instanceof Work.Granting work && work.claimSeen()) {
            // The heir's claim is forgotten with the grant; its term must not be.
            d.raiseTerm(work.grantedTerm());
        }
        d.become(next, reason, asked);
        d.nextRound = Integer.MAX_VALUE;
        d.vipsHeld = false;
    }

    private static void close(Draft d) {
        d.emit(new RoleEffect.ReleaseLease());
        d.gate = Gate.CLOSED;
    }
}
