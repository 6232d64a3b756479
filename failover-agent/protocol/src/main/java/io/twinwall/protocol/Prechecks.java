/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.List;

/** What would be lost, and why it would be refused: the same judgements as when it is asked for. */
final class Prechecks {
    private Prechecks() {}

    static Precheck of(Draft d, Action action) {
        List<String> losses = new ArrayList<>();
        List<Refusal> refusals = new ArrayList<>();
        switch (action) {
            case SWITCHOVER -> away(d, losses, refusals);
            case PROMOTE -> promote(d, losses, refusals);
            case MAINTENANCE -> maintenance(d, losses, refusals);
        }
        return new Precheck(
                refusals.isEmpty(), losses, refusals.stream().map(Refusal::text).toList());
    }

    private static void away(Draft d, List<String> losses, List<Refusal> refusals) {
        if (d.master()) {
            PeerView heir = d.successor();
            Refusal refusal = Handovers.refusal(d, heir, false);
            add(refusals, refusal);
            if (heir != null) {
                flows(d, heir.name(), heir.last().readiness(), losses);
                if (refusal == Refusal.LAGGING) {
                    losses.add("flows: " + d.sync.lagDeltas() + " changes have not reached " + heir.name() + " yet");
                }
                if (heir.last().priority() < Healths.health(d)) {
                    losses.add("health: " + heir.name() + " has " + heir.last().priority() + ", " + d.config.name()
                            + " has " + Healths.health(d));
                }
            } else if (d.idle()) {
                losses.add("nobody would be active: no other node is alive that may become active");
            }
        } else if (d.role() != Role.BACKUP || d.liveMaster() == null) {
            refusals.add(Refusal.NOT_ACTIVE);
        } else if (!d.idle()) {
            refusals.add(Refusal.BUSY);
        } else {
            towards(d, losses, refusals);
        }
    }

    private static void towards(Draft d, List<String> losses, List<Refusal> refusals) {
        add(refusals, d.sync.readiness() == Readiness.READY ? null : Refusal.NOT_READY);
        flows(d, d.config.name(), d.sync.readiness(), losses);
    }

    private static void promote(Draft d, List<String> losses, List<Refusal> refusals) {
        if (d.master()) {
            return;
        }
        add(refusals, Orders.promotion(d, false));
        PeerView master = d.liveMaster();
        if (master != null && refusals.isEmpty()) {
            towards(d, losses, refusals);
        } else {
            flows(d, d.config.name(), d.sync.readiness(), losses);
        }
        if (master != null && !refusals.isEmpty()) {
            losses.add("by force, both nodes forward until " + master.name()
                    + " hears of it, and what it learnt last is lost");
        }
        if (!Healths.out(d).isEmpty()) {
            losses.add("this node is not well: " + Healths.out(d));
        }
    }

    private static void maintenance(Draft d, List<String> losses, List<Refusal> refusals) {
        if (d.stopping || d.role() == Role.INIT) {
            refusals.add(Refusal.STOPPING);
        } else if (d.master()) {
            away(d, losses, refusals);
            losses.add("protection: nobody could take over from the other node");
        } else if (d.role() != Role.MAINTENANCE) {
            PeerView master = d.liveMaster();
            losses.add(
                    master == null
                            ? "nobody is active, and this node would not become so"
                            : "protection: nobody could take over from " + master.name());
        }
    }

    private static void flows(Draft d, String heir, Readiness readiness, List<String> losses) {
        if (readiness != Readiness.READY) {
            losses.add("flows: the copy of " + heir + " is not complete (" + readiness + ")");
        }
        if (d.sync.refused() > 0) {
            losses.add("flows: the kernel of " + heir + " refuses " + d.sync.refused() + " of them");
        }
    }

    private static void add(List<Refusal> refusals, Refusal refusal) {
        if (refusal != null) {
            refusals.add(refusal);
        }
    }
}
