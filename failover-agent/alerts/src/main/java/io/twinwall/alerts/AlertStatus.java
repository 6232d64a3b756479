/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

/**
 * What a status page tells of a receiver.
 *
 * @param open conditions that hold, of those it wants to be told
 * @param waiting notices not delivered yet
 * @param sent notices delivered since the start
 * @param failed attempts that failed since the start
 * @param lost notices given up since the start
 * @param outcome how the last attempt ended; null: there was none
 * @param endedNs when that was, on the agent's clock
 */
public record AlertStatus(
        String name,
        String kind,
        String to,
        int open,
        int waiting,
        long sent,
        long failed,
        long lost,
        Outcome outcome,
        long endedNs) {}
