/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.linux.AesGcm;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The keys of one session, that is of one pair of boots: an AES-256 key and a tag for each direction, derived from the
 * cluster key, both nodes' ids and both session ids, so that frames of another session, cluster or direction never
 * open. The keys leave this class only into a cipher; the sending one once, because a second sealer would begin at
 * frame 1 again and repeat nonces. For the same reason: keep the object, and its sealer, as long as the session lives,
 * also across a reopened link; derive again only when a session id has changed.
 */
public final class SessionKeys {
    private final LinkIdentity identity;
    private final int keyId;
    private final byte[] sendKey;
    private final byte[] receiveKey;
    private final long sendTag;
    private final long receiveTag;
    private boolean sendTaken;

    private SessionKeys(ClusterKey clusterKey, int keyId, LinkIdentity identity, long ownSession, long peerSession) {
        this.identity = identity;
        this.keyId = keyId;
        int own = identity.nodeId();
        int peer = identity.peerId();
        int cluster = identity.clusterId();
        sendKey = key(clusterKey, keyId, "frames", cluster, own, ownSession, peer, peerSession);
        receiveKey = key(clusterKey, keyId, "frames", cluster, peer, peerSession, own, ownSession);
        sendTag = tag(clusterKey, keyId, cluster, own, ownSession, peer, peerSession);
        receiveTag = tag(clusterKey, keyId, cluster, peer, peerSession, own, ownSession);
    }

    /** Keys of the session between {@code ownSession} and {@code peerSession} under key {@code keyId}. */
    public static SessionKeys derive(
            ClusterKey clusterKey, int keyId, LinkIdentity identity, long ownSession, long peerSession) {
        Check.that(ownSession != 0 && peerSession != 0, "a session needs both ids");
        return new SessionKeys(clusterKey, keyId, identity, ownSession, peerSession);
    }

    private static byte[] key(
            ClusterKey clusterKey, int keyId, String purpose, int cluster, int from, long fromId, int to, long toId) {
        Hkdf.Purpose info = Hkdf.info(purpose).add(FrameSealer.FRAME_VERSION).add(cluster);
        info.add(keyId).add(from).add(fromId).add(to).add(toId);
        return Hkdf.expand(clusterKey.secret(keyId), info, ClusterKey.KEY_BYTES);
    }

    private static long tag(ClusterKey clusterKey, int keyId, int cluster, int from, long fromId, int to, long toId) {
        byte[] bytes = key(clusterKey, keyId, "session tag", cluster, from, fromId, to, toId);
        return ByteBuffer.wrap(bytes).getInt() & 0xffff_ffffL;
    }

    public LinkIdentity identity() {
        return identity;
    }

    public int keyId() {
        return keyId;
    }

    /** Tag of the frames we send: 32 bits that tell sessions apart without a key. */
    public long sendTag() {
        return sendTag;
    }

    /** Tag of the frames we receive. */
    public long receiveTag() {
        return receiveTag;
    }

    AesGcm takeSendCipher() {
        Check.that(!sendTaken, "a session has one sealer: a second would repeat nonces");
        sendTaken = true;
        AesGcm cipher = new AesGcm(sendKey, true);
        Arrays.fill(sendKey, (byte) 0);
        return cipher;
    }

    AesGcm receiveCipher() {
        return new AesGcm(receiveKey, false);
    }

    @Override
    public String toString() {
        return "SessionKeys[" + identity + ", key " + keyId + "]";
    }
}
