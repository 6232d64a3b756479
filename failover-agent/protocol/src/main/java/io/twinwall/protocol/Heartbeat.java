/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What a node says of itself to one peer.
 *
 * @param counter from 1, rising in the sender's session; the same on every path
 * @param peerCounter the highest counter of the reader's present session that the sender heard, 0: none
 * @param term the sender's claim when it is master, else the highest it has seen
 * @param priority configured, less what trackers subtract
 * @param hearsPeer the sender heard the reader within its dead time
 * @param gateOpen the sender forwards, or may: an earlier life of it left a gate that it has not closed
 * @param alone the sender is master and its gate open without end: its lease is disarmed
 * @param urgent answer at once: the sender has not been answered, or has heard nothing, for longer than it should
 * @param tenureMs how long the sender has been master, 0: is not
 */
public record Heartbeat(
        long counter,
        long peerCounter,
        long term,
        Role role,
        Readiness readiness,
        int priority,
        boolean hearsPeer,
        boolean gateOpen,
        boolean alone,
        boolean urgent,
        long tenureMs,
        Handover handover) {
    static final Heartbeat NONE =
            new Heartbeat(0, 0, 0, Role.INIT, Readiness.COLD, 0, false, false, false, false, 0, Handover.NONE);
}
