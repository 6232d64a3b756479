/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

/**
 * What the process may do that is to be the agent: the daemon, or this one while none runs.
 *
 * @param daemon whether it is the daemon's
 * @param effective its effective capabilities, one bit each
 */
public record Rights(boolean daemon, long pid, long uid, long effective) {
    /** {@code <linux/capability.h>}. */
    static final int CAP_NET_ADMIN = 12;

    static final int CAP_NET_RAW = 13;
    static final int CAP_IPC_LOCK = 14;
    static final int CAP_SYS_NICE = 23;

    boolean has(int capability) {
        return (effective >>> capability & 1) != 0;
    }
}
