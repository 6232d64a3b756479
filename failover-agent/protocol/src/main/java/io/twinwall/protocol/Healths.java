/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * This node's own health, and the role FAULT.
 *
 * <p>A backup with a fault is not eligible. A master with a fault hands over ({@link Moves}); while nobody else could be
 * active it stays, since half a firewall is better than none. Likewise a backup in fault does not take over: its peer, were it
 * there, would be the better one, and what is broken was called indispensable.
 */
final class Healths {
    private Healths() {}

    static void changed(Draft d, RoleEvent.HealthChanged e) {
        boolean other = e.penalty() != d.penalty || !e.fault().equals(d.fault);
        if (!e.fault().equals(d.fault)) {
            d.faultAlarmed = false;
        }
        // A penalty that comes and goes beside a fault must not start the patience with an unready peer anew.
        boolean persists = !e.fault().isEmpty() && !d.fault.isEmpty();
        d.penalty = e.penalty();
        d.fault = e.fault();
        d.detail = e.detail();
        if (other) {
            d.news = true;
            if (!persists) {
                Moves.begun(d);
            }
            if (d.role() != Role.INIT) {
                Beats.all(d);
            }
        }
    }

    static int health(Draft d) {
        return Math.max(0, d.config.priority() - d.penalty);
    }

    /** An operator put the role here and knew of everything that counts against it. */
    static boolean excused(Draft d) {
        return d.told && !d.news;
    }

    /** Why this node must not become active by itself; "" when it may. */
    static String out(Draft d) {
        if (!d.fault.isEmpty()) {
            return "fault: " + d.fault;
        }
        if (d.isolated) {
            return "isolated: neither a peer nor a test address answers";
        }
        return d.restUntilNs != Moments.NEVER ? "its gate failed" : "";
    }

    /** The role that a master falls to. */
    static Role below(Draft d) {
        return out(d).isEmpty() ? Role.BACKUP : Role.FAULT;
    }

    /** At the end of every step: into FAULT and out of it. */
    static void settle(Draft d) {
        d.isolated &= Isolation.lonely(d);
        if (d.nowNs >= d.restUntilNs || !othersMay(d)) {
            d.restUntilNs = Moments.NEVER;
        }
        String out = out(d);
        if (d.role() == Role.BACKUP && !out.isEmpty()) {
            if (d.work instanceof Work.Asking) {
                Handovers.refuseAsked(d, Refusal.FAULTY);
            }
            d.become(Role.FAULT, out, false);
            alarm(d, "");
            Beats.all(d);
        } else if (d.role() == Role.FAULT && out.isEmpty()) {
            d.become(Role.BACKUP, "well again", false);
            Beats.all(d);
        }
    }

    private static boolean othersMay(Draft d) {
        return d.liveMaster() != null || d.successor() != null;
    }

    /** Alarms a fault, once for each. */
    static void alarm(Draft d, String but) {
        if (!d.fault.isEmpty() && !d.faultAlarmed) {
            d.faultAlarmed = true;
            d.alarm(AlarmCode.FAULT, d.fault + but);
        }
    }
}
