/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals the reports that a node makes of itself for the other's people, as heartbeats are not encrypted and reports name
 * addresses and programs. The key is derived for one direction of one session: what another session sealed does not
 * open. Any thread.
 *
 * <pre>
 *   0             12                 n - 16         n
 *   | nonce       | text, sealed     | GCM tag      |
 * </pre>
 */
public final class ReportSeal {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKey sealingKey;

    private ReportSeal(SecretKey sealingKey) {
        this.sealingKey = sealingKey;
    }

    /**
     * The seal of {@code from}'s reports to its peer.
     *
     * @param keyId one of those that {@code key} holds
     * @param session of {@code from}
     * @param peerSession of its peer
     */
    public static ReportSeal of(ClusterKey key, int keyId, LinkIdentity from, long session, long peerSession) {
        Hkdf.Purpose info =
                Hkdf.info("status report").add(from.clusterId()).add(keyId).add(from.nodeId());
        info.add(session).add(from.peerId()).add(peerSession);
        return new ReportSeal(new SecretKeySpec(Hkdf.expand(key.secret(keyId), info, ClusterKey.KEY_BYTES), "AES"));
    }

    /** {@code text}, sealed: 28 bytes longer. */
    public byte[] seal(byte[] text) {
        byte[] sealed = new byte[Gcm.NONCE_BYTES + text.length + Gcm.TAG_BYTES];
        byte[] nonce = new byte[Gcm.NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        System.arraycopy(nonce, 0, sealed, 0, Gcm.NONCE_BYTES);
        try {
            Gcm.cipher(Cipher.ENCRYPT_MODE, sealingKey, nonce).doFinal(text, 0, text.length, sealed, Gcm.NONCE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new BugError("any text can be sealed", e);
        }
        return sealed;
    }

    /** The text; null when the seal is broken, or another's. */
    public byte[] open(byte[] sealed) {
        if (sealed.length < Gcm.NONCE_BYTES + Gcm.TAG_BYTES) {
            return null;
        }
        try {
            byte[] nonce = Arrays.copyOf(sealed, Gcm.NONCE_BYTES);
            return Gcm.cipher(Cipher.DECRYPT_MODE, sealingKey, nonce)
                    .doFinal(sealed, Gcm.NONCE_BYTES, sealed.length - Gcm.NONCE_BYTES);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new BugError("every JDK has AES/GCM", e);
        }
    }
}
