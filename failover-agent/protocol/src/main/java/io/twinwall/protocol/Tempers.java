/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * What keeps the role from moving too often.
 *
 * @param changesNs when the role became or ceased to be MASTER and no operator had asked, oldest first
 * @param heldUntilNs no planned move before this
 * @param told an operator put the role where it is: no fail-back, and no move for what he knew of
 * @param betterSinceNs since when this backup has been ready and the better one, NEVER: is not
 * @param needSinceNs since when this master has been in fault beside a peer that may take over, NEVER: is not
 * @param tries planned moves in a row that came to nothing
 * @param retryAtNs no other before this
 */
public record Tempers(
        List<Long> changesNs,
        long heldUntilNs,
        boolean told,
        long betterSinceNs,
        long needSinceNs,
        int tries,
        long retryAtNs) {
    static final Tempers NONE =
            new Tempers(List.of(), Moments.NEVER, false, Moments.NEVER, Moments.NEVER, 0, Moments.NEVER);
}
