/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a node knows of one peer.
 *
 * <p>Times come in two kinds. Real ones bound the lease. <em>Awake</em> ones ({@code awakeNs}) do not advance while this
 * node's own loop was late; silence is measured in them, so that a node does not call its peer dead for its own pause.
 *
 * @param session the peer's boot, as last heard
 * @param last the newest heartbeat of it
 * @param heardNs when it was last heard
 * @param masterAwakeNs when it was last heard as master
 * @param goneNs when its host first said, since it was last heard, that its agent is gone; NEVER: did not
 * @param sending what was sent to it
 * @param asked what it asked for last
 * @param fitness whether it is fit to take over, for all that an active node knows
 * @param alarmed what has been alarmed of it
 * @param pathHeardNs by path, when it was last heard
 */
public record PeerView(
        int node,
        String name,
        long session,
        Heartbeat last,
        long heardNs,
        long heardAwakeNs,
        long masterAwakeNs,
        long goneNs,
        Sending sending,
        Asked asked,
        Fitness fitness,
        Alarmed alarmed,
        List<Long> pathHeardNs) {
    /**
     * Whether it may take over, as an active node sees it.
     *
     * @param unfitSinceNs since when it has not been fit; far in the past: it is
     * @param why it is not, a sentence; "": it is
     * @param alarmed {@link AlarmCode#PEER_NOT_READY} was raised for it and stands
     */
    public record Fitness(long unfitSinceNs, String why, boolean alarmed) {
        static final Fitness FIT = new Fitness(Moments.NEVER, "", false);
    }

    /** What has been alarmed: its loss, its deafness, its claim beside this node's. */
    public record Alarmed(boolean lost, boolean deaf, boolean rival) {
        static final Alarmed NONE = new Alarmed(false, false, false);

        Alarmed ofLoss() {
            return new Alarmed(true, deaf, rival);
        }

        Alarmed ofDeafness() {
            return new Alarmed(lost, true, rival);
        }

        Alarmed ofRivalry() {
            return new Alarmed(lost, deaf, true);
        }

        private Alarmed hearing(Heartbeat heartbeat) {
            return new Alarmed(false, deaf && !heartbeat.hearsPeer(), rival && heartbeat.role() == Role.MASTER);
        }
    }

    static PeerView of(RoleConfig.Peer peer, int paths) {
        return new PeerView(
                peer.node(),
                peer.name(),
                0,
                Heartbeat.NONE,
                Moments.NEVER,
                Moments.NEVER,
                Moments.NEVER,
                Moments.NEVER,
                Sending.NONE,
                Asked.NONE,
                Fitness.FIT,
                Alarmed.NONE,
                Collections.nCopies(paths, Moments.NEVER));
    }

    /** Whether it was ever heard. */
    public boolean heard() {
        return heardNs != Moments.NEVER;
    }

    /** When the newest heartbeat that it is known to have heard was sent. */
    public long ackNs() {
        return sending.ackNs();
    }

    PeerView hearing(RoleEvent.HeartbeatHeard event, long nowNs, long awakeNs) {
        Heartbeat heartbeat = event.heartbeat();
        return new PeerView(
                node,
                name,
                event.session(),
                heartbeat,
                nowNs,
                awakeNs,
                heartbeat.role() == Role.MASTER ? awakeNs : masterAwakeNs,
                Moments.NEVER,
                // Until it says so, it may have seen our heartbeats and not believed them yet.
                heartbeat.hearsPeer() ? sending.acknowledged(heartbeat.peerCounter()) : sending,
                asked,
                fitness,
                alarmed.hearing(heartbeat),
                heardBy(event.path(), nowNs));
    }

    /** The same heartbeat again, by another path. */
    PeerView hearingAgain(int path, long nowNs) {
        return copy(name, goneNs, sending, asked, fitness, alarmed, heardBy(path, nowNs));
    }

    PeerView sending(long nowNs, long awakeNs) {
        return with(sending.one(nowNs, awakeNs));
    }

    PeerView answering(long nowNs) {
        return with(sending.answering(nowNs));
    }

    /** Forgets what was acknowledged: only a heartbeat sent from now on counts. */
    PeerView unacknowledged() {
        return with(sending.forgotten());
    }

    private PeerView with(Sending sent) {
        return copy(name, goneNs, sent, asked, fitness, alarmed, pathHeardNs);
    }

    PeerView gone(long nowNs) {
        return copy(name, nowNs, sending, asked, fitness, alarmed, pathHeardNs);
    }

    PeerView asking(Asked next) {
        return copy(name, goneNs, sending, next, fitness, alarmed, pathHeardNs);
    }

    PeerView fit(Fitness next) {
        return copy(name, goneNs, sending, asked, next, alarmed, pathHeardNs);
    }

    PeerView alarmed(Alarmed next) {
        return copy(name, goneNs, sending, asked, fitness, next, pathHeardNs);
    }

    /** The same peer under another name and with another number of paths. */
    PeerView renamed(String newName, int paths) {
        List<Long> next = new ArrayList<>(pathHeardNs);
        while (next.size() < paths) {
            next.add(Moments.NEVER);
        }
        return copy(newName, goneNs, sending, asked, fitness, alarmed, List.copyOf(next.subList(0, paths)));
    }

    private PeerView copy(
            String called, long gone, Sending sent, Asked request, Fitness fit, Alarmed told, List<Long> paths) {
        return new PeerView(
                node,
                called,
                session,
                last,
                heardNs,
                heardAwakeNs,
                masterAwakeNs,
                gone,
                sent,
                request,
                fit,
                told,
                paths);
    }

    private List<Long> heardBy(int path, long nowNs) {
        List<Long> next = new ArrayList<>(pathHeardNs);
        next.set(path, nowNs);
        return List.copyOf(next);
    }
}
