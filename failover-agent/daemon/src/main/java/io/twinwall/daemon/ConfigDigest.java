/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.BugError;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A word for the whole of a configuration: of another one it is another word. {@link PairDigest} is of the pair's part. */
final class ConfigDigest {
    private static final int BYTES = 8;

    private ConfigDigest() {}

    /** Whose virtual addresses all have interfaces is another than the file that names none: see {@link VipInterfaces}. */
    static String of(Config config) {
        return ofText(ConfigText.toml(config));
    }

    /** @param toml as {@link ConfigText#toml} makes it */
    static String ofText(String toml) {
        return HexFormat.of().formatHex(sha256(toml), 0, BYTES);
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new BugError("every JDK has SHA-256", e);
        }
    }
}
