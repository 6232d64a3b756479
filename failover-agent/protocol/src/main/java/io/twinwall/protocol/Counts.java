/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/** Flows of a takeover: in the mirror, put into the kernel, and refused by it. */
public record Counts(long mirrored, long installed, long refused) {
    public static final Counts NONE = new Counts(0, 0, 0);
}
