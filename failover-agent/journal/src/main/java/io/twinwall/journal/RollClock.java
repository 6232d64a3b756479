/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import net.openhft.chronicle.core.time.TimeProvider;

/**
 * The time by which Chronicle chooses a file. It stands still but when told, so that nobody chooses another file than
 * the one that room was made for; and it never goes back, as the host's clock may, for then there would be an end in
 * the midst of a file's records. It runs ahead where a file is full before its time. The times in the records are the
 * host's.
 */
final class RollClock implements TimeProvider {
    private final int cycleMs;
    private long nowMs;

    RollClock(int cycleMs) {
        this.cycleMs = cycleMs;
    }

    @Override
    public long currentTimeMillis() {
        return nowMs;
    }

    /** To {@code hostMs}, unless it is there or ahead already. */
    void advance(long hostMs) {
        nowMs = Math.max(nowMs, hostMs);
    }

    /** To the begin of {@code cycle}, unless it is there already. */
    void atLeast(int cycle) {
        advance((long) cycle * cycleMs);
    }

    /** The next file, before its time. */
    void next() {
        atLeast(cycle() + 1);
    }

    int cycle() {
        return Math.toIntExact(nowMs / cycleMs);
    }
}
