/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * How late this node's own loop was.
 *
 * @param totalNs the sum of all lateness: what awake time is behind real time
 * @param holdUntilNs after a late loop, nobody is dead before this
 * @param holds how often the hold was set since a master was heard, or since anybody was by a master
 * @param pendingNs lateness noticed since the last tick
 */
public record Lateness(long totalNs, long holdUntilNs, int holds, long pendingNs) {
    static final Lateness NONE = new Lateness(0, Moments.NEVER, 0, 0);
}
