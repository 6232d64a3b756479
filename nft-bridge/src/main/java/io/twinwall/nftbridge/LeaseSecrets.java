/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import java.security.SecureRandom;

/**
 * The words as the rules know them, 16 random bytes each, drawn anew by every agent: an older agent's packets, or a
 * guess by a local user, do nothing. Only those who may list the ruleset (CAP_NET_ADMIN) can read them.
 */
final class LeaseSecrets {
    static final int BYTES = 16;

    private final byte[][] secrets = new byte[LeaseWord.values().length][BYTES];

    static LeaseSecrets random() {
        SecureRandom random = new SecureRandom();
        LeaseSecrets drawn = new LeaseSecrets();
        for (byte[] secret : drawn.secrets) {
            random.nextBytes(secret);
        }
        return drawn;
    }

    /** With {@code secret} for {@code word}. */
    LeaseSecrets with(LeaseWord word, byte[] secret) {
        System.arraycopy(secret, 0, of(word), 0, BYTES);
        return this;
    }

    /** What is sent for {@code word}. */
    byte[] of(LeaseWord word) {
        return secrets[word.place()];
    }
}
