/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What is known of this node's own gate in the kernel: open until {@code untilNs} at the latest. Nobody has to close it:
 * when no renewal comes, the kernel does.
 */
public record Gate(boolean armed, long untilNs) {
    static final Gate CLOSED = new Gate(false, Moments.NEVER);

    public boolean open(long nowNs) {
        return nowNs < untilNs;
    }
}
