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
 * @param unfitSinceNs since when it has not been fit to take over, NEVER: is
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
        long unfitSinceNs,
        Alarmed alarmed,
        List<Long> pathHeardNs) {
    /** What has been alarmed: its loss, its deafness, its claim beside this node's, its not being fit to take over. */
    public record Alarmed(boolean lost, boolean deaf, boolean rival, boolean unfit) {
        static final Alarmed NONE = new Alarmed(false, false, false, false);

        Alarmed ofLoss() {
            return new Alarmed(true, deaf, rival, unfit);
        }

        Alarmed ofDeafness() {
            return new Alarmed(lost, true, rival, unfit);
        }

        Alarmed ofRivalry() {
            return new Alarmed(lost, deaf, true, unfit);
        }

        Alarmed fit(boolean isFit) {
            return new Alarmed(lost, deaf, rival, !isFit);
        }

        private Alarmed hearing(Heartbeat heartbeat) {
            return new Alarmed(false, deaf && !heartbeat.hearsPeer(), rival && heartbeat.role() == Role.MASTER, unfit);
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
                Moments.NEVER,
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
                unfitSinceNs,
                alarmed.hearing(heartbeat),
                heardBy(event.path(), nowNs));
    }

    /** The same heartbeat again, by another path. */
    PeerView hearingAgain(int path, long nowNs) {
        return copy(goneNs, sending, unfitSinceNs, alarmed, heardBy(path, nowNs));
    }

    PeerView sending(long nowNs, long awakeNs) {
        return copy(goneNs, sending.one(nowNs, awakeNs), unfitSinceNs, alarmed, pathHeardNs);
    }

    PeerView answering(long nowNs) {
        return copy(goneNs, sending.answering(nowNs), unfitSinceNs, alarmed, pathHeardNs);
    }

    /** Forgets what was acknowledged: only a heartbeat sent from now on counts. */
    PeerView unacknowledged() {
        return copy(goneNs, sending.forgotten(), unfitSinceNs, alarmed, pathHeardNs);
    }

    PeerView gone(long nowNs) {
        return copy(nowNs, sending, unfitSinceNs, alarmed, pathHeardNs);
    }

    PeerView alarmed(Alarmed next) {
        return copy(goneNs, sending, unfitSinceNs, next, pathHeardNs);
    }

    PeerView unfit(long sinceNs, boolean isAlarmed) {
        return copy(goneNs, sending, sinceNs, alarmed.fit(!isAlarmed), pathHeardNs);
    }

    /** The same peer under another name and with another number of paths. */
    PeerView renamed(String newName, int paths) {
        List<Long> next = new ArrayList<>(pathHeardNs);
        while (next.size() < paths) {
            next.add(Moments.NEVER);
        }
        PeerView same = copy(goneNs, sending, unfitSinceNs, alarmed, List.copyOf(next.subList(0, paths)));
        return new PeerView(
                node,
                newName,
                session,
                last,
                heardNs,
                heardAwakeNs,
                masterAwakeNs,
                goneNs,
                sending,
                unfitSinceNs,
                alarmed,
                same.pathHeardNs);
    }

    private PeerView copy(long gone, Sending sent, long unfitSince, Alarmed told, List<Long> paths) {
        return new PeerView(
                node, name, session, last, heardNs, heardAwakeNs, masterAwakeNs, gone, sent, unfitSince, told, paths);
    }

    private List<Long> heardBy(int path, long nowNs) {
        List<Long> next = new ArrayList<>(pathHeardNs);
        next.set(path, nowNs);
        return List.copyOf(next);
    }
}
