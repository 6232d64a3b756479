/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

/**
 * What a node tells of itself so that two can be held against each other.
 *
 * @param versionTag the same for two nodes of one version, 0: not told
 * @param pairTag the same where all of the configuration that is the pair's agrees, 0: not told
 * @param wallMs its wall clock, milliseconds since 1970
 */
public record Likeness(int versionTag, int pairTag, long wallMs) {
    /** Of a sender of a version that tells nothing of it. */
    public static final Likeness UNTOLD = new Likeness(0, 0, 0);

    public boolean told() {
        return versionTag != 0;
    }
}
