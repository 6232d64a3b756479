/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import io.twinwall.linux.WaitSet;
import java.util.function.LongSupplier;
import org.agrona.concurrent.IdleStrategy;

/**
 * How the sync agent rests: not at all while it is behind, some milliseconds when there was something to do ({@link
 * SyncAgent#gatherNs}), and then until one of its sockets has something to read, or for a time that grows with each rest.
 * Resting though there is work is deliberate: the changes of that time then cost one wake-up and share frames, and a flow
 * that changed twice travels once. The time is for what is due by the clock: timers in use are short ones, and begin with
 * work.
 */
public final class PollingIdle implements IdleStrategy {
    private static final long SHORTEST_NS = 8_000_000;
    private static final long LONGEST_NS = 128_000_000;
    private static final int LONGER = 16;

    /** Woken sooner than this without that there was work: by what nobody reads. */
    private static final long AT_ONCE_NS = 1_000_000;

    /** So often in a row. Then the agent looks at it now and then. */
    private static final int FRUITLESS_MAX = 2;

    private static final long DEAF_NS = 24_000_000;

    private final WaitSet waits;
    private final LongSupplier gatherNs;
    private long restNs = SHORTEST_NS;
    private int fruitless;

    /** Rests by {@code waits}, which knows the sockets, and after work for {@code gatherNs}. */
    public PollingIdle(WaitSet waits, LongSupplier gatherNs) {
        this.waits = waits;
        this.gatherNs = gatherNs;
    }

    @Override
    public void idle(int workCount) {
        if (workCount == 0) {
            idle();
            return;
        }
        reset();
        if (workCount < SyncAgent.SATURATED) {
            waits.rest(gatherNs.getAsLong());
        }
    }

    @Override
    public void idle() {
        if (fruitless == FRUITLESS_MAX) {
            fruitless--;
            waits.rest(DEAF_NS);
            return;
        }
        long beganNs = System.nanoTime();
        if (waits.await(restNs)) {
            // What keeps links alive wakes, too, but not at once.
            fruitless = System.nanoTime() - beganNs < AT_ONCE_NS ? fruitless + 1 : 0;
        } else {
            fruitless = 0;
            restLonger();
        }
    }

    private void restLonger() {
        restNs = Math.min(LONGER * restNs, LONGEST_NS);
    }

    @Override
    public void reset() {
        restNs = SHORTEST_NS;
        fruitless = 0;
    }
}
