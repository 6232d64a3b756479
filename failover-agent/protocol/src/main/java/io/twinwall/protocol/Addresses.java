/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

/**
 * The virtual addresses, while this node is master.
 *
 * @param armed they carry a short lifetime
 * @param refreshAtNs when their lifetime is prolonged next
 * @param retryAtNs not added again before this
 * @param roundsSinceNs when they were first announced
 * @param nextRound the announcement due next; as many as there are: none
 */
public record Addresses(
        boolean held, long token, boolean armed, long refreshAtNs, long retryAtNs, long roundsSinceNs, int nextRound) {
    static final Addresses NONE = new Addresses(false, 0, false, 0, 0, 0, Integer.MAX_VALUE);
}
