/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * Words of switchovers beyond the present one, and to the operator.
 *
 * @param notice a CLAIMED to be carried by heartbeats to everybody until {@code noticeUntilNs}
 * @param storing token of the {@link RoleEffect.PersistMaintenance} whose outcome an operator waits for, 0: none
 */
public record Talk(Handover notice, long noticeUntilNs, long storing) {
    static final Talk NONE = new Talk(Handover.NONE, Moments.NEVER, 0);
}
