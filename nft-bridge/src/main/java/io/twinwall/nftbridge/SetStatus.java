/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

/**
 * How a mirrored set stands, for people.
 *
 * @param side SOURCE, MIRROR or OFF
 * @param elements in this node's copy
 * @param differing elements that the passive's kernel has not, or has otherwise; -1: not known
 * @param sinceMs how long it has been equal, or not
 * @param problem why it is not mirrored, or not wholly, or ""
 */
public record SetStatus(String set, String side, int elements, int differing, long sinceMs, String problem) {
    public boolean equal() {
        return differing == 0 && problem.isEmpty();
    }
}
