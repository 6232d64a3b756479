/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

/**
 * What a frame asks of the rules. To open is another word than to renew: a renewal that was held up, in a thread that was
 * stopped or in the kernel, comes when its lease is over, and must then do nothing.
 */
enum LeaseWord {
    /** Grants the armed time, whether or not there is a lease. */
    OPEN_ARMED(0),
    /** Grants the disarmed time, whether or not there is a lease. */
    OPEN_DISARMED(1),
    /** Grants the armed time to a lease that lives. */
    RENEW_ARMED(2),
    /** Grants the disarmed time to a lease that lives. */
    RENEW_DISARMED(3),
    /** Closes the gate. */
    RELEASE(4);

    private final int place;

    LeaseWord(int place) {
        this.place = place;
    }

    /** Where it is among all of them, from 0. */
    int place() {
        return place;
    }

    /** Whether it means nothing without a lease that lives. */
    boolean renews() {
        return switch (this) {
            case RENEW_ARMED, RENEW_DISARMED -> true;
            case OPEN_ARMED, OPEN_DISARMED, RELEASE -> false;
        };
    }

    static LeaseWord open(boolean armed) {
        return armed ? OPEN_ARMED : OPEN_DISARMED;
    }

    static LeaseWord renew(boolean armed) {
        return armed ? RENEW_ARMED : RENEW_DISARMED;
    }
}
