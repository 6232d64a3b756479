/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import java.util.List;

/**
 * The virtual addresses, while this node is master.
 *
 * @param armed they carry a short lifetime
 * @param refreshAtNs when their lifetime is prolonged next
 * @param retryAtNs not added again before this
 * @param roundsSinceNs when they were first announced
 * @param nextRound the announcement due next; as many as there are: none
 * @param failures how often in a row they could not all be added
 * @param missing the last prolongation failed too: some are not there
 * @param told problems that have been alarmed
 */
public record Addresses(
        boolean held,
        long token,
        boolean armed,
        long refreshAtNs,
        long retryAtNs,
        long roundsSinceNs,
        int nextRound,
        int failures,
        boolean missing,
        List<String> told) {
    static final Addresses NONE = new Addresses(false, 0, false, 0, 0, 0, Integer.MAX_VALUE, 0, false, List.of());
}
