/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import java.security.SecureRandom;

/**
 * The three words that the rules obey, 16 random bytes each, drawn anew by every agent: an older agent's packets, or a
 * guess by a local user, do nothing. Only those who may list the ruleset (CAP_NET_ADMIN) can read them.
 */
final class LeaseSecrets {
    static final int BYTES = 16;

    private final byte[] armed;
    private final byte[] disarmed;
    private final byte[] released;

    LeaseSecrets(byte[] armed, byte[] disarmed, byte[] released) {
        this.armed = armed;
        this.disarmed = disarmed;
        this.released = released;
    }

    static LeaseSecrets random() {
        SecureRandom random = new SecureRandom();
        return new LeaseSecrets(draw(random), draw(random), draw(random));
    }

    /** The word that grants the armed time. */
    byte[] armed() {
        return armed;
    }

    /** The word that grants the disarmed time. */
    byte[] disarmed() {
        return disarmed;
    }

    /** The word that closes the gate. */
    byte[] released() {
        return released;
    }

    private static byte[] draw(SecureRandom random) {
        byte[] secret = new byte[BYTES];
        random.nextBytes(secret);
        return secret;
    }
}
