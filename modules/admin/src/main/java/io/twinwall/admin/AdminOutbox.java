/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

/**
 * The answers that are made and not yet with their clients, of all listeners together: clients that ask for much and read
 * nothing must not fill the heap. On the admin thread only.
 */
final class AdminOutbox {
    /** Two of the longest lists of flows. */
    static final long BYTES_MAX = 8L << 20;

    /** An answer as short as that is never refused: so many connections at once are not many bytes. */
    static final int SHORT_BYTES = 64 << 10;

    private long held;

    /** Whether there is room for an answer of {@code bytes}, which is counted until it is given back. */
    boolean take(int bytes) {
        if (bytes > SHORT_BYTES && held + bytes > BYTES_MAX) {
            return false;
        }
        held += bytes;
        return true;
    }

    /** An answer of {@code bytes} is with its client, or never will be. */
    void giveBack(int bytes) {
        held -= bytes;
    }
}
