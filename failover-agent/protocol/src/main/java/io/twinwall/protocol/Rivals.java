/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Two masters.
 *
 * <p>The higher term wins; the lower learns so from the other's heartbeats and yields. But a term says only what its claimant
 * had heard of, and one that was {@linkplain Outset#blind blind} had heard nothing: it yields to a master that forwards and is
 * not, which claims anew, above it, and has all the flows. Among two blind ones that forward terms mean as little.
 *
 * <p>Equal claims: the longer tenure wins, then the health, then the lower node id. Each side sees the other's tenure a
 * little old, so two that judged for themselves could disagree for ever. The node with the lower id judges for both: it
 * yields, or it raises its term, and by the higher term the other yields.
 */
final class Rivals {
    private Rivals() {}

    static void claims(Draft d, int index, PeerView peer) {
        Heartbeat last = peer.last();
        long theirs = last.term();
        if (theirs > d.term && !last.blind() && Handovers.claimHeard(d, peer)) {
            return;
        }
        alarm(d, index, peer);
        if (theirs <= d.term && d.work instanceof Work.TakingOver t && t.outdated() && last.gateOpen()) {
            StepDowns.abandon(d, peer.name() + " became active meanwhile");
        } else if (d.blind && !last.blind() && last.gateOpen()) {
            StepDowns.atOnce(d, peer, theirs, peer.name() + " is active, and this node began without hearing anybody");
        } else if (last.blind() && !d.blind && d.gate.open(d.nowNs)) {
            outlast(d, peer);
        } else if (equal(d, last)) {
            judge(d, peer);
        } else if (theirs > d.term) {
            String order = last.handover().forcedClaim() ? ", by order" : "";
            StepDowns.atOnce(d, peer, theirs, peer.name() + " is active with the higher term " + theirs + order);
        }
    }

    private static void alarm(Draft d, int index, PeerView peer) {
        Handover said = peer.last().handover();
        boolean handedOverByIt = said.kind() == Handover.Kind.GRANT && said.term() == d.term;
        boolean ordered = said.forcedClaim() || (d.notice.forcedClaim() && d.nowNs < d.noticeUntilNs);
        if (!peer.alarmed().rival() && !handedOverByIt && !ordered) {
            d.peers.set(index, peer.alarmed(peer.alarmed().ofRivalry()));
            d.alarm(
                    AlarmCode.TWO_ACTIVES,
                    peer.name() + " claims to be active with term "
                            + peer.last().term() + ", this node with term " + d.term);
        }
    }

    private static boolean equal(Draft d, Heartbeat last) {
        boolean bothBlind = d.blind && last.blind() && d.gate.open(d.nowNs) && last.gateOpen();
        return last.term() == d.term || bothBlind;
    }

    /** The blind one yields when it hears us; its term must not be above ours. */
    private static void outlast(Draft d, PeerView peer) {
        Handovers.heirGaveUp(d, peer);
        if (d.master() && peer.last().term() >= d.term) {
            Hearing.reclaim(d, peer.last().term());
        }
    }

    private static void judge(Draft d, PeerView peer) {
        if (d.config.node() > peer.node()) {
            return;
        }
        long theirs = peer.last().term();
        long marginMs = 2 * d.config.timing().heartbeatNs() / 1_000_000;
        long aheadMs = (d.nowNs - d.roleSinceNs()) / 1_000_000 - peer.last().tenureMs();
        int byPriority = Healths.health(d) - peer.last().priority();
        boolean wins = Math.abs(aheadMs) > marginMs ? aheadMs > 0 : byPriority >= 0;
        if (!wins) {
            String claim = theirs == d.term ? "with the same term and the better claim" : "for longer";
            StepDowns.atOnce(d, peer, theirs, peer.name() + " is active " + claim);
        } else {
            // Has met the other and been judged: by that the other, if it is blind, knows the verdict.
            d.blind = false;
            if (theirs >= d.term) {
                Hearing.reclaim(d, theirs);
            } else {
                Beats.all(d);
            }
        }
    }
}
