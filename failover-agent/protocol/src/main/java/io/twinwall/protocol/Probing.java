/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Probes for the virtual addresses.
 *
 * @param sentNs when they were last probed
 * @param leaving the last step sent it: by the next it has left, not before
 * @param beforeInVain nobody answered the one before, which had its time and was sent lately
 * @param answeredNs when somebody else last answered for them
 * @param answeredBy who that was, for a person
 * @param alarmed that has been alarmed
 * @param conflictNs when a conflict was last alarmed
 */
public record Probing(
        long sentNs,
        boolean leaving,
        boolean beforeInVain,
        long answeredNs,
        String answeredBy,
        boolean alarmed,
        long conflictNs) {
    static final Probing NONE = new Probing(Moments.NEVER, false, false, Moments.NEVER, "", false, Moments.NEVER);
}
