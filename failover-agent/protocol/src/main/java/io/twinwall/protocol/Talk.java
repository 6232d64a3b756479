/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Words of switchovers beyond the present one.
 *
 * @param notice a CLAIMED to be carried by heartbeats to everybody until {@code noticeUntilNs}
 */
public record Talk(Handover notice, long noticeUntilNs) {
    static final Talk NONE = new Talk(Handover.NONE, Moments.NEVER);
}
