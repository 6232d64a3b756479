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
 * @param gateOpen the sender forwards; or an earlier life of it left its gate open, and it has not closed it
 * @param alone the sender is master and its gate open without end: its lease is disarmed
 * @param urgent answer at once: the sender has not been answered, or has heard nothing, for longer than it should
 * @param blind the sender became active without having heard any peer in its life, and has heard none but other actives since
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
        boolean blind,
        long tenureMs,
        Handover handover) {
    static final Heartbeat NONE =
            new Heartbeat(0, 0, 0, Role.INIT, Readiness.COLD, 0, false, false, false, false, false, 0, Handover.NONE);
}
