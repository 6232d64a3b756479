/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Heartbeats in, and who is active when two claim to be. */
final class Hearing {
    private Hearing() {}

    static void heartbeat(Draft d, RoleEvent.HeartbeatHeard event) {
        int index = d.indexOf(event.peer());
        if (index < 0 || event.path() < 0 || event.path() >= d.config.paths()) {
            return;
        }
        PeerView before = d.peers.get(index);
        boolean sameSession = before.session() == event.session();
        if (sameSession && event.heartbeat().counter() <= before.last().counter()) {
            if (event.heartbeat().counter() == before.last().counter()) {
                d.peers.set(index, before.hearingAgain(event.path(), d.nowNs));
            }
            return;
        }
        PeerView peer = before.hearing(event, d.nowNs, d.awakeNs());
        d.peers.set(index, peer);
        Silence.heard(d);
        alarmDeaf(d, index, before.heard() && sameSession);
        if (d.master()) {
            asMaster(d, index, peer);
        } else {
            asOther(d, index, peer);
        }
        if (event.heartbeat().urgent()) {
            Beats.answer(d, index);
        }
    }

    /** A hint that anybody could have sent: it counts for nothing once the peer is heard again. */
    static void gone(Draft d, int node) {
        int index = d.indexOf(node);
        if (index >= 0 && d.peers.get(index).heard() && d.peers.get(index).goneNs() == Moments.NEVER) {
            d.peers.set(index, d.peers.get(index).gone(d.nowNs));
        }
    }

    private static void asMaster(Draft d, int index, PeerView peer) {
        Heartbeat heartbeat = peer.last();
        if (heartbeat.role() == Role.MASTER) {
            claims(d, index, peer);
            return;
        }
        if (heartbeat.term() > d.term) {
            Handovers.heirGaveUp(d, peer);
            if (d.master()) {
                reclaim(d, heartbeat.term());
            }
        }
        if (d.pendingLateNs == 0 && Leases.overdue(d)) {
            // After a late loop the tick does it: behind this heartbeat may wait one of a master who deposed this node.
            Leases.onBeat(d);
        }
        Handovers.askHeard(d, peer);
    }

    private static void asOther(Draft d, int index, PeerView peer) {
        d.raiseTerm(peer.last().term());
        if (peer.last().role() != Role.MASTER) {
            if (peer.last().gateOpen() && behind(d, peer)) {
                StepDowns.cleanInherited(d);
            }
            return;
        }
        d.masterKnown = true;
        d.probeAlarmed = false;
        StepDowns.cleanInherited(d);
        if (!(d.work instanceof Work.Lingering) && !d.stopping && peer.last().term() == d.term) {
            StepDowns.mirror(d, peer.node(), d.term);
        }
        Handovers.answerHeard(d, peer);
        if (!d.master()) {
            Beats.answer(d, index);
        }
    }

    /** Both may hold an open gate of an earlier life, and neither is active yet: whether {@code peer} is the one to keep it. */
    private static boolean behind(Draft d, PeerView peer) {
        boolean here = d.role().eligible();
        boolean there = peer.last().role().eligible();
        return here == there ? Silence.better(d, peer) : there;
    }

    /** Two masters. The higher term wins; the lower learns so from the other's heartbeats and yields. */
    private static void claims(Draft d, int index, PeerView peer) {
        long theirs = peer.last().term();
        if (theirs > d.term && Handovers.claimHeard(d, peer)) {
            return;
        }
        Handover said = peer.last().handover();
        boolean handedOverByIt = said.kind() == Handover.Kind.GRANT && said.term() == d.term;
        boolean ordered = said.forcedClaim() || (d.notice.forcedClaim() && d.nowNs < d.noticeUntilNs);
        if (!peer.alarmed().rival() && !handedOverByIt && !ordered) {
            d.peers.set(index, peer.alarmed(peer.alarmed().ofRivalry()));
            d.alarm(
                    AlarmCode.TWO_ACTIVES,
                    peer.name() + " claims to be active with term " + theirs + ", this node with term " + d.term);
        }
        if (theirs <= d.term
                && d.work instanceof Work.TakingOver t
                && t.outdated()
                && peer.last().gateOpen()) {
            StepDowns.abandon(d, peer.name() + " became active meanwhile");
        } else if (theirs > d.term) {
            String order = said.forcedClaim() ? ", by order" : "";
            StepDowns.atOnce(d, peer, theirs, peer.name() + " is active with the higher term " + theirs + order);
        } else if (theirs == d.term && d.config.node() < peer.node()) {
            judge(d, peer);
        }
    }

    /**
     * Equal terms: the longer tenure wins, then the health, then the lower node id. Each side sees the other's tenure a
     * little old, so two that judged for themselves could disagree for ever. The node with the lower id judges for both: it
     * yields, or it raises its term, and by the higher term the other yields.
     */
    private static void judge(Draft d, PeerView peer) {
        long marginMs = 2 * d.config.timing().heartbeatNs() / 1_000_000;
        long aheadMs = (d.nowNs - d.roleSinceNs()) / 1_000_000 - peer.last().tenureMs();
        int byPriority = Healths.health(d) - peer.last().priority();
        boolean wins = Math.abs(aheadMs) > marginMs ? aheadMs > 0 : byPriority >= 0;
        if (wins) {
            reclaim(d, d.term);
        } else {
            StepDowns.atOnce(d, peer, d.term, peer.name() + " is active with the same term and the better claim");
        }
    }

    /** Claims again, above {@code seen}; the role stays. */
    static void reclaim(Draft d, long seen) {
        d.raiseTerm(seen + 1);
        if (!(d.work instanceof Work.TakingOver t) || t.phase().compareTo(Takeover.Phase.DRAIN) > 0) {
            d.syncTerm = d.term;
            d.mirrorOf = 0;
            d.emit(new RoleEffect.BecomeSource(d.token(), d.term));
        }
        Beats.all(d);
    }

    private static void alarmDeaf(Draft d, int index, boolean had) {
        PeerView peer = d.peers.get(index);
        if (had && !peer.last().hearsPeer() && !peer.alarmed().deaf()) {
            d.peers.set(index, peer.alarmed(peer.alarmed().ofDeafness()));
            d.alarm(AlarmCode.PEER_DEAF, peer.name() + " does not hear this node");
        }
    }
}
