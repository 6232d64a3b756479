/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/**
 * How the sync agent rests: not at all while it is behind, a millisecond while there is something to do, and with each
 * rest that found nothing twice as long, up to eight. Resting though there is work is deliberate: the changes of that
 * millisecond then cost one wake-up and share frames, and a flow that changed twice travels once.
 *
 * <p>It falls back to the long rest at once, since acknowledgements and digests come every few tens of milliseconds also
 * when there is no traffic.
 */
public final class PollingIdle implements IdleStrategy {
    private static final long SHORTEST_NS = 1_000_000;
    private static final long LONGEST_NS = 8_000_000;

    private long restNs = SHORTEST_NS;

    @Override
    public void idle(int workCount) {
        if (workCount > 0) {
            reset();
        }
        if (workCount < SyncAgent.SATURATED) {
            idle();
        }
    }

    @Override
    public void idle() {
        LockSupport.parkNanos(restNs);
        restNs = Math.min(2 * restNs, LONGEST_NS);
    }

    @Override
    public void reset() {
        restNs = SHORTEST_NS;
    }
}
