/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * What a node knows of one peer.
 *
 * <p>Times come in two kinds. Real ones bound the lease. <em>Awake</em> ones ({@code awakeNs}) do not advance while this
 * node's own loop was late; silence is measured in them, so that a node does not call its peer dead for its own pause.
 *
 * @param session the peer's boot, as last heard
 * @param last the newest heartbeat of it
 * @param heardNs when it was last heard, for display
 * @param masterAwakeNs when it was last heard as master
 * @param sentCounter counter of the last heartbeat sent to it
 * @param sent the last heartbeats sent to it, oldest first
 * @param ackNs when the newest heartbeat that it is known to have heard was sent
 * @param lost its loss has been alarmed
 * @param deaf its deafness has been alarmed
 * @param rival its claim beside this node's has been alarmed
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
        long sentCounter,
        List<Sent> sent,
        long ackNs,
        long ackAwakeNs,
        boolean lost,
        boolean deaf,
        boolean rival,
        List<Long> pathHeardNs) {
    private static final int SENT_MAX = 32;

    /** A heartbeat on its way. */
    public record Sent(long counter, long sentNs, long awakeNs) {}

    static PeerView of(RoleConfig.Peer peer, int paths) {
        return new PeerView(
                peer.node(),
                peer.name(),
                0,
                Heartbeat.NONE,
                Moments.NEVER,
                Moments.NEVER,
                Moments.NEVER,
                0,
                List.of(),
                Moments.NEVER,
                Moments.NEVER,
                false,
                false,
                false,
                java.util.Collections.nCopies(paths, Moments.NEVER));
    }

    /** Whether it was ever heard. */
    public boolean heard() {
        return heardNs != Moments.NEVER;
    }

    PeerView hearing(RoleEvent.HeartbeatHeard event, long nowNs, long awakeNs) {
        Heartbeat heartbeat = event.heartbeat();
        long acked = ackNs;
        long ackedAwake = ackAwakeNs;
        for (Sent one : sent) {
            if (one.counter() <= heartbeat.peerCounter() && one.sentNs() > acked) {
                acked = one.sentNs();
                ackedAwake = one.awakeNs();
            }
        }
        return new PeerView(
                node,
                name,
                event.session(),
                heartbeat,
                nowNs,
                awakeNs,
                heartbeat.role() == Role.MASTER ? awakeNs : masterAwakeNs,
                sentCounter,
                sent,
                acked,
                ackedAwake,
                false,
                deaf && !heartbeat.hearsPeer(),
                rival && heartbeat.role() == Role.MASTER,
                heardBy(event.path(), nowNs));
    }

    /** The same heartbeat again, by another path. */
    PeerView hearingAgain(int path, long nowNs) {
        return copy(sentCounter, sent, ackNs, ackAwakeNs, lost, deaf, rival, heardBy(path, nowNs));
    }

    PeerView sending(long nowNs, long awakeNs) {
        List<Sent> next = new ArrayList<>(sent.size() < SENT_MAX ? sent : sent.subList(1, sent.size()));
        next.add(new Sent(sentCounter + 1, nowNs, awakeNs));
        return copy(sentCounter + 1, List.copyOf(next), ackNs, ackAwakeNs, lost, deaf, rival, pathHeardNs);
    }

    /** Forgets what was acknowledged: only a heartbeat sent from now on counts. */
    PeerView unacknowledged() {
        return copy(sentCounter, List.of(), Moments.NEVER, Moments.NEVER, lost, deaf, rival, pathHeardNs);
    }

    PeerView alarmed(boolean isLost, boolean isDeaf, boolean isRival) {
        return copy(sentCounter, sent, ackNs, ackAwakeNs, isLost, isDeaf, isRival, pathHeardNs);
    }

    private PeerView copy(
            long counter,
            List<Sent> sending,
            long acked,
            long ackedAwake,
            boolean isLost,
            boolean isDeaf,
            boolean isRival,
            List<Long> paths) {
        return new PeerView(
                node,
                name,
                session,
                last,
                heardNs,
                heardAwakeNs,
                masterAwakeNs,
                counter,
                sending,
                acked,
                ackedAwake,
                isLost,
                isDeaf,
                isRival,
                paths);
    }

    private List<Long> heardBy(int path, long nowNs) {
        List<Long> next = new ArrayList<>(pathHeardNs);
        next.set(path, nowNs);
        return List.copyOf(next);
    }
}
