/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/** At most {@code burst} at once, and one each {@code everyNs} in the long run. Full at the start. Pure; one thread. */
final class RateLimit {
    private final long fullNs;
    private final long everyNs;
    private boolean begun;
    private long creditNs;
    private long seenNs;

    RateLimit(int burst, long everyNs) {
        this.everyNs = everyNs;
        fullNs = burst * everyNs;
        creditNs = fullNs;
    }

    /** Whether one more is allowed now; then it counts. */
    boolean take(long nowNs) {
        if (begun) {
            creditNs = Math.min(fullNs, creditNs + Math.max(0, nowNs - seenNs));
        }
        begun = true;
        seenNs = nowNs;
        if (creditNs < everyNs) {
            return false;
        }
        creditNs -= everyNs;
        return true;
    }
}
