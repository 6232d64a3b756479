/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Words of switchovers beyond the present one.
 *
 * @param notice a CLAIMED or REFUSE to be carried by heartbeats until {@code noticeUntilNs}
 * @param lastAskSession session of the request that a peer made last
 * @param lastAskToken its token
 */
public record Talk(Handover notice, long noticeUntilNs, long lastAskSession, long lastAskToken) {
    static final Talk NONE = new Talk(Handover.NONE, Moments.NEVER, 0, 0);
}
