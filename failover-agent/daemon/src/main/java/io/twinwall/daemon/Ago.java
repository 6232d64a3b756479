/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

/** How long ago something was that another thread tells of. It may tell of it after the clock was read: that was just now. */
final class Ago {
    private Ago() {}

    /** From {@code thenNs} to {@code nowNs} in milliseconds, 0 at least. */
    static long ms(long nowNs, long thenNs) {
        return Math.max(0, nowNs - thenNs) / 1_000_000;
    }
}
