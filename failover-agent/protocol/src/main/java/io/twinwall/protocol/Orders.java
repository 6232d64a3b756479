/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import io.twinwall.protocol.Move.Origin;

/** What an operator may order beside a switchover: promotion and maintenance. */
final class Orders {
    private Orders() {}

    /** This node is to be active. */
    static void promote(Draft d, boolean force) {
        if (d.master()) {
            d.answer(true, d.config.name() + " is active already");
            return;
        }
        Refusal refusal = promotion(d, force);
        if (refusal != null) {
            d.answer(false, refusal.text());
        } else if (!force && d.liveMaster() != null) {
            Handovers.asked(d, false);
        } else {
            claim(d, force);
        }
    }

    static Refusal promotion(Draft d, boolean force) {
        if (d.stopping || d.role() == Role.INIT) {
            return Refusal.STOPPING;
        }
        if (d.role() == Role.MAINTENANCE) {
            return Refusal.IN_MAINTENANCE;
        }
        if (!d.idle() && !(d.work instanceof Work.Asking asking && !asking.byOperator())) {
            return Refusal.BUSY;
        }
        if (force) {
            return null;
        }
        if (d.role() == Role.FAULT) {
            return Refusal.FAULTY;
        }
        return d.liveMaster() == null ? unasked(d) : null;
    }

    /** Why it cannot simply be taken, although nobody says that he is active. */
    private static Refusal unasked(Draft d) {
        long deadNs = d.config.timing().deadNs();
        if (Isolation.lonely(d)) {
            return Refusal.ISOLATED;
        }
        boolean listened = d.awakeNs() - d.roleSinceAwakeNs() >= deadNs && d.nowNs >= d.holdUntilNs;
        boolean open = d.peers.stream().anyMatch(p -> d.alive(p) && p.last().gateOpen());
        return listened && !open && Probes.inVainLately(d) ? null : Refusal.TOO_EARLY;
    }

    private static void claim(Draft d, boolean force) {
        PeerView master = d.liveMaster();
        String out = Healths.out(d);
        if (force && master != null) {
            d.alarm(AlarmCode.FORCED, "taking the role from " + master.name() + " by force");
        } else if (force && (!out.isEmpty() || Isolation.lonely(d))) {
            d.alarm(
                    AlarmCode.FORCED,
                    "active by force" + (out.isEmpty() ? ", although isolated" : ", although " + out));
        }
        d.isolated = false;
        d.restUntilNs = Moments.NEVER;
        Takeovers.ordered(d, force ? "promoted by force" : "promoted");
    }

    /** This node is to stay out, or may come back. */
    static void maintenance(Draft d, boolean on) {
        if (d.stopping || d.role() == Role.INIT) {
            d.answer(false, Refusal.STOPPING.text());
        } else if (on == (d.role() == Role.MAINTENANCE)) {
            d.answer(true, d.config.name() + (on ? " is in maintenance already" : " is not in maintenance"));
        } else if (!on) {
            d.become(Role.BACKUP, "maintenance ended", true);
            store(d, false);
            Beats.all(d);
        } else if (d.work instanceof Work.Asking) {
            Handovers.refuseAsked(d, Refusal.IN_MAINTENANCE);
            enter(d);
        } else if (d.master() || d.work instanceof Work.TakingOver) {
            Handovers.offer(d, Move.by(Origin.MAINTENANCE), d.successor());
        } else {
            enter(d);
        }
    }

    private static void enter(Draft d) {
        d.become(Role.MAINTENANCE, "told to stay out", true);
        entered(d);
        Beats.all(d);
    }

    /** The role is MAINTENANCE: have it kept, and then tell the operator. */
    static void entered(Draft d) {
        store(d, true);
    }

    private static void store(Draft d, boolean on) {
        leaveUnanswered(d, "another order came before this one was stored");
        d.storing = d.token();
        d.emit(new RoleEffect.PersistMaintenance(d.storing, on));
    }

    /** The order was obeyed at once, whatever becomes of the file; but it is met only if it outlives a restart. */
    static void stored(Draft d, boolean ok, String detail) {
        d.storing = 0;
        boolean on = d.role() == Role.MAINTENANCE;
        String outcome = d.config.name() + (on ? " is in maintenance" : " may become active again");
        if (ok) {
            d.answer(true, outcome);
        } else {
            d.answer(false, outcome + ", but only until it restarts, since that could not be stored: " + detail);
        }
    }

    /** No outcome is waited for any more. */
    static void leaveUnanswered(Draft d, String why) {
        if (d.storing != 0) {
            d.storing = 0;
            d.answer(false, why);
        }
    }
}
