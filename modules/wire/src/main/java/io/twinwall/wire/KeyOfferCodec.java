/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The {@link KeyOffer} on the wire, without its HMAC. The new key is sealed under one derived from the old key, both
 * nodes and both sessions: an offer recorded in another session, or by a node from itself, does not open.
 */
final class KeyOfferCodec {
    private static final int HEADER = MessageHeaderEncoder.ENCODED_LENGTH;

    private final LinkIdentity identity;
    private final SecureRandom random = new SecureRandom();
    private final byte[] nonce = new byte[SealedKeyEncoder.nonceLength()];
    private final byte[] text = new byte[SealedKeyEncoder.textLength()];
    private final MessageHeaderEncoder headerEncoder = new MessageHeaderEncoder();
    private final KeyOfferEncoder encoder = new KeyOfferEncoder();
    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final KeyOfferDecoder decoder = new KeyOfferDecoder();

    KeyOfferCodec(LinkIdentity identity) {
        this.identity = identity;
    }

    /** Writes the offer of {@code key}'s newest at the start of {@code buffer}; returns the length to be signed. */
    int encode(ClusterKey key, long session, long peerSession, UnsafeBuffer buffer) {
        int newKeyId = key.newestKeyId();
        int keyId = key.olderKeyId();
        random.nextBytes(nonce);
        byte[] secret = key.secret(newKeyId).getEncoded();
        try {
            SecretKey sealingKey = sealingKey(key, keyId, newKeyId, identity, session, peerSession);
            Gcm.cipher(Cipher.ENCRYPT_MODE, sealingKey, nonce).doFinal(secret, 0, secret.length, text, 0);
        } catch (GeneralSecurityException e) {
            throw new BugError("a key of 32 bytes can be sealed", e);
        }
        encoder.wrapAndApplyHeader((MutableDirectBuffer) buffer, 0, headerEncoder)
                .clusterId((short) identity.clusterId())
                .nodeId((short) identity.nodeId())
                .peerId((short) identity.peerId())
                .keyId((short) keyId)
                .newKeyId((short) newKeyId)
                .session(session)
                .peerSession(peerSession);
        encoder.sealedKey().putNonce(nonce, 0, nonce.length).putText(text, 0, text.length);
        return HEADER + KeyOfferEncoder.BLOCK_LENGTH;
    }

    /** What is wrong with the clear part, or null: then {@link #keyId} and {@link #open} tell of it. */
    RefuseReason judge(UnsafeBuffer buffer, int signedBytes, long session, long peerSession) {
        header.wrap(buffer, 0);
        if (header.schemaId() != KeyOfferDecoder.SCHEMA_ID || header.templateId() != KeyOfferDecoder.TEMPLATE_ID) {
            return RefuseReason.VERSION;
        }
        int block = header.blockLength();
        if (block < KeyOfferDecoder.BLOCK_LENGTH || HEADER + block != signedBytes) {
            return RefuseReason.TRUNCATED;
        }
        decoder.wrap(buffer, HEADER, block, header.version());
        if (decoder.clusterId() != identity.clusterId()) {
            return RefuseReason.CLUSTER;
        }
        if (decoder.nodeId() != identity.peerId() || decoder.peerId() != identity.nodeId()) {
            return RefuseReason.NODE;
        }
        return session == 0 || decoder.session() != peerSession || decoder.peerSession() != session
                ? RefuseReason.SESSION
                : null;
    }

    int keyId() {
        return decoder.keyId();
    }

    /** The offer judged last; null when its seal is broken. Its HMAC must have been found good. */
    KeyOffer open(ClusterKey key) {
        int newKeyId = decoder.newKeyId();
        SecretKey sealingKey =
                sealingKey(key, keyId(), newKeyId, identity.mirrored(), decoder.session(), decoder.peerSession());
        SealedKeyDecoder sealed = decoder.sealedKey();
        sealed.getNonce(nonce, 0, nonce.length);
        sealed.getText(text, 0, text.length);
        try {
            byte[] secret = Gcm.cipher(Cipher.DECRYPT_MODE, sealingKey, nonce).doFinal(text);
            return newKeyId < 1 || newKeyId > 255 ? null : new KeyOffer(newKeyId, secret);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new BugError("every JDK has AES/GCM", e);
        }
    }

    private static SecretKey sealingKey(
            ClusterKey key, int keyId, int newKeyId, LinkIdentity from, long session, long peerSession) {
        Hkdf.Purpose info =
                Hkdf.info("key offer").add(from.clusterId()).add(keyId).add(newKeyId);
        info.add(from.nodeId()).add(session).add(from.peerId()).add(peerSession);
        return new SecretKeySpec(Hkdf.expand(key.secret(keyId), info, ClusterKey.KEY_BYTES), "AES");
    }
}
