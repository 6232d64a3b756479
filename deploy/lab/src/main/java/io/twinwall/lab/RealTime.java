/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.linux.Const;
import io.twinwall.linux.Posix;

/** Puts measuring threads before all others, so that what they measure is the network and not the scheduler. */
final class RealTime {
    private static final int CALLING_THREAD = 0;
    private static final int PRIORITY = 10;

    private RealTime() {}

    /** Schedules the calling platform thread first-in-first-out; without the privilege it stays as it is. */
    static void claim() {
        Posix.schedSetscheduler(CALLING_THREAD, Const.SCHED_FIFO, PRIORITY);
    }
}
