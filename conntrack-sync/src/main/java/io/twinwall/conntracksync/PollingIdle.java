/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.IdleStrategy;

/**
 * How the sync agent rests: not at all while it is behind, a millisecond while there is something to do, up to eight
 * when there is nothing. Resting though there is work is deliberate: the changes of that millisecond then cost one wake-up and
 * share frames, and a flow that changed twice travels once.
 *
 * <p>It falls back to the long rest within milliseconds: acknowledgements and Aeron's own frames come every few tens of
 * milliseconds, and a pair without traffic would otherwise never rest long.
 */
public final class PollingIdle implements IdleStrategy {
    private static final long BUSY_NS = 1_000_000;
    private static final long QUIET_NS = 2_000_000;
    private static final long IDLE_NS = 4_000_000;
    private static final long DEEP_NS = 8_000_000;
    private static final int QUIET_AFTER = 2;
    private static final int IDLE_AFTER = 4;
    private static final int DEEP_AFTER = 8;

    private int restsWithoutWork;

    @Override
    public void idle(int workCount) {
        if (workCount >= SyncAgent.SATURATED) {
            restsWithoutWork = 0;
            return;
        }
        restsWithoutWork = workCount > 0 ? 0 : restsWithoutWork + 1;
        idle();
    }

    @Override
    public void idle() {
        LockSupport.parkNanos(restNs());
    }

    private long restNs() {
        if (restsWithoutWork > DEEP_AFTER) {
            return DEEP_NS;
        }
        if (restsWithoutWork > IDLE_AFTER) {
            return IDLE_NS;
        }
        return restsWithoutWork > QUIET_AFTER ? QUIET_NS : BUSY_NS;
    }

    @Override
    public void reset() {
        restsWithoutWork = 0;
    }
}
