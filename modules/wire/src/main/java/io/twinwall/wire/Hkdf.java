/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.BugError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/** HKDF-SHA256 (RFC 5869) by the JDK. The info string begins with what the key is for, so no two uses share a key. */
final class Hkdf {
    private static final byte[] SALT = "twinwall 1".getBytes(StandardCharsets.US_ASCII);

    private Hkdf() {}

    /** The info string: purpose, a zero byte, then numbers of 8 bytes each, so that nothing can run together. */
    static final class Purpose {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Purpose add(long number) {
            bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
            return this;
        }
    }

    static Purpose info(String purpose) {
        Purpose info = new Purpose();
        info.bytes.writeBytes(purpose.getBytes(StandardCharsets.US_ASCII));
        info.bytes.write(0);
        return info;
    }

    static byte[] expand(SecretKey secret, Purpose info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addSalt(SALT)
                            .addIKM(secret)
                            .thenExpand(info.bytes.toByteArray(), length));
        } catch (GeneralSecurityException e) {
            throw new BugError("every JDK 25 has HKDF-SHA256", e);
        }
    }

    static long toLong(byte[] eight) {
        return ByteBuffer.wrap(eight).getLong();
    }
}
