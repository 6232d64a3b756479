/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

/**
 * Flows of one sort, from opening to the verdict. A check has a number, its epoch: each flow must carry bytes that were
 * made for this check, in every direction it still has.
 */
interface FlowSet {
    /** Begins the check: fresh bytes are sent, and sent again, until each flow answered or the check is given up. */
    void beginCheck(int epoch);

    /** How many flows were open at {@code beforeNs}. */
    int opened(long beforeNs);

    /** How many of those have passed the check {@code epoch} by now. */
    int survived(int epoch, long beforeNs);

    /** Whether every flow had its chance in the running check, so that only slow answers are left to wait for. */
    boolean exhausted();

    /** Adds what {@link #opened} and {@link #survived} count, by kind. */
    void tally(FlowTally tally, int epoch, long beforeNs);
}
