/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * What one peer asked for last.
 *
 * @param session its boot
 * @param token its number of the request
 * @param refusal what heartbeats to it carry until {@code untilNs}
 */
public record Asked(long session, long token, Handover refusal, long untilNs) {
    static final Asked NONE = new Asked(0, 0, Handover.NONE, Moments.NEVER);

    /** A new request. */
    static Asked of(PeerView peer) {
        return new Asked(peer.session(), peer.last().handover().token(), Handover.NONE, Moments.NEVER);
    }

    Asked refused(Handover why, long untilTimeNs) {
        return new Asked(session, token, why, untilTimeNs);
    }
}
