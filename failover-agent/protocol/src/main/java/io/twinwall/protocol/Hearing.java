/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Heartbeats in. */
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
        Silence.heard(d, peer);
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
            Rivals.claims(d, index, peer);
            return;
        }
        d.blind = false;
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
        Countdowns.over(d);
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
