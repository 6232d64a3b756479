/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a private key is a certificate's own. Whoever makes a TLS context of two that do not belong together is told
 * nothing: it is the clients' handshakes that fail.
 */
public final class CertificateKey {
    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----", Pattern.DOTALL);

    private CertificateKey() {}

    /**
     * Tries the key on the first certificate.
     *
     * @param certificate PEM
     * @param key PEM, PKCS #8, not encrypted
     * @return why it is not that certificate's key, for a person; "" when it is, or is of a kind that cannot be tried here
     */
    public static String problem(byte[] certificate, byte[] key) {
        Certificate first;
        try {
            first = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
        } catch (GeneralSecurityException e) {
            return "the certificate is none in PEM: " + e.getMessage();
        }
        Matcher text = PKCS8.matcher(new String(key, StandardCharsets.ISO_8859_1));
        if (!text.find()) {
            return "the key is none in PEM and PKCS #8, not encrypted: openssl pkcs8 -topk8 -nocrypt converts it";
        }
        PublicKey open = first.getPublicKey();
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(text.group(1));
            PrivateKey secret =
                    KeyFactory.getInstance(open.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(bytes));
            return belongs(secret, open) ? "" : "the key is another certificate's";
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return "the key is not of the certificate's kind, " + open.getAlgorithm() + ": " + e.getMessage();
        }
    }

    private static boolean belongs(PrivateKey secret, PublicKey open) throws GeneralSecurityException {
        if (secret instanceof RSAKey own && open instanceof RSAKey told) {
            return own.getModulus().equals(told.getModulus());
        }
        String by = switch (open.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "EdDSA" -> "EdDSA";
            default -> "";
        };
        return by.isEmpty() || verifies(Signature.getInstance(by), secret, open);
    }

    private static boolean verifies(Signature signature, PrivateKey secret, PublicKey open)
            throws GeneralSecurityException {
        byte[] word = "twinwall".getBytes(StandardCharsets.US_ASCII);
        signature.initSign(secret);
        signature.update(word);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(word);
        return signature.verify(signed);
    }
}
