/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/**
 * How the cluster key is rotated, as a pure function of what a node's file holds and of what its peer's fresh heartbeats
 * say. Nobody remembers that a rotation is under way: it goes on, by the same rules, after any crash, restart or power
 * cut, and no matter whether a program or a person put the second key into a file.
 *
 * <pre>
 *   file     the first is used to send, all are accepted; each line is durable before it is acted upon
 *   [a]      at rest
 *   [a, n]   n was drawn here, or taken from the peer's offer.  The peer lacks n: OFFER.  It holds n: SEND_NEW
 *   [n, a]   the peer lacks n: SEND_OLD (a file was put back by hand).  Was heard under n for a while: DROP_OLD
 *   [n]      at rest
 * </pre>
 *
 * SEND_OLD alone waits for no disk: a file that still says [n, a] says the same after a crash, and leads back here.
 *
 * So a node sends under n only to a peer that holds n durably, and drops a only when its peer does not send under a any
 * more: at every moment each accepts what the other sends.
 */
public final class KeyRoll {
    /** Heartbeats under the old key may still be under way by a slow path. */
    public static final long DROP_AFTER_NS = 3_000_000_000L;

    /** What to do next. */
    public enum Step {
        REST,
        OFFER,
        SEND_NEW,
        SEND_OLD,
        DROP_OLD
    }

    /**
     * What fresh heartbeats say of the peer.
     *
     * @param keyId the key it sends under, 0: none was heard
     * @param newestId the newest it holds, 0: its version does not say
     * @param underForNs for how long it has sent under {@code keyId} only
     */
    public record Peer(int keyId, int newestId, int newestTag, long underForNs) {}

    private KeyRoll() {}

    /** The next step of a node that holds {@code own}. */
    public static Step next(ClusterKey own, Peer peer) {
        if (!own.rolling() || peer.keyId() == 0) {
            return Step.REST;
        }
        int newest = own.newestKeyId();
        boolean peerHolds = peer.keyId() == newest || holds(own, newest, peer);
        if (own.sendKeyId() != newest) {
            return peerHolds ? Step.SEND_NEW : peer.newestId() == 0 ? Step.REST : Step.OFFER;
        }
        if (!peerHolds) {
            return Step.SEND_OLD;
        }
        return peer.keyId() == newest && peer.underForNs() >= DROP_AFTER_NS ? Step.DROP_OLD : Step.REST;
    }

    /** How the keys that a person put into the file are used at first: a new one only to a peer that holds it. */
    public static ClusterKey begin(ClusterKey read, Peer peer) {
        int newest = read.newestKeyId();
        boolean peerHolds = peer.keyId() == newest || holds(read, newest, peer);
        return peerHolds ? read : read.sendUnder(read.olderKeyId());
    }

    /**
     * The id to send the {@code counter}-th heartbeat under, to a peer of which nothing fresh came for long. It may have
     * come back with either key alone, and would refuse all under the other: so it could prove nothing, and no step would
     * ever be taken. One of four is enough to be heard by, and a peer that takes both keys misses none.
     */
    public static int callingKeyId(ClusterKey own, long counter) {
        int other = own.sendKeyId() == own.newestKeyId() ? own.olderKeyId() : own.newestKeyId();
        return counter % 4 == 0 ? other : own.sendKeyId();
    }

    private static boolean holds(ClusterKey own, int newest, Peer peer) {
        return peer.newestId() == newest && peer.newestTag() == own.tag(newest);
    }

    /** What {@code own} becomes by {@code step}; to be written before it is used, but for SEND_OLD. */
    public static ClusterKey after(ClusterKey own, Step step, int clusterId) {
        return switch (step) {
            case REST, OFFER -> own;
            case SEND_NEW -> own.sendUnder(own.newestKeyId());
            case SEND_OLD -> own.sendUnder(own.olderKeyId());
            case DROP_OLD -> own.withoutOther(clusterId);
        };
    }

    /**
     * What {@code own} becomes by an offer of the peer, whose heartbeats are as {@code peer}. Of two keys drawn at once,
     * each on its own node, that of the node with the lower id stays.
     */
    public static ClusterKey offered(ClusterKey own, KeyOffer offer, LinkIdentity identity) {
        boolean resting = !own.rolling() && offer.follows(own);
        boolean replaces = own.rolling()
                && own.sendKeyId() != own.newestKeyId()
                && offer.follows(own)
                && identity.peerId() < identity.nodeId();
        if (!resting && !replaces) {
            return own;
        }
        ClusterKey next = offer.into(own, identity.clusterId());
        return next.equalsKeys(own) ? own : next;
    }
}
