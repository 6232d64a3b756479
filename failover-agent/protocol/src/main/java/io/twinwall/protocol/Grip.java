/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What this node holds in its own kernel, for all it knows.
 *
 * @param renewedNs when the gate was last opened or renewed
 * @param failingSinceNs when the gate began to fail, NEVER: it does not
 * @param failedNs when it last failed
 * @param failures how often it failed since
 * @param failingAlarmed that has been alarmed
 * @param inherited the kernel may still hold an open gate and addresses of an earlier life of this node
 */
public record Grip(
        Gate gate,
        long gateToken,
        long renewedNs,
        long failingSinceNs,
        long failedNs,
        int failures,
        boolean failingAlarmed,
        boolean inherited) {
    static final Grip NONE = new Grip(Gate.CLOSED, 0, Moments.NEVER, Moments.NEVER, Moments.NEVER, 0, false, true);
}
