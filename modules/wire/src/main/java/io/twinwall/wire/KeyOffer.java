/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/** A key that the peer offers to go on with, opened. Its secret stays in this package. */
public final class KeyOffer {
    private final int keyId;
    private final byte[] secret;

    KeyOffer(int keyId, byte[] secret) {
        this.keyId = keyId;
        this.secret = secret;
    }

    public int keyId() {
        return keyId;
    }

    /** {@code key} with the offered one as its next, not used yet. */
    public ClusterKey into(ClusterKey key, int clusterId) {
        return key.withNextKey(clusterId, keyId, secret);
    }

    /** Whether it is a step from that key's, and not one back. */
    public boolean follows(ClusterKey key) {
        return ClusterKey.isNewer(keyId, key.sendKeyId());
    }

    @Override
    public String toString() {
        return "KeyOffer[key " + keyId + "]";
    }
}
