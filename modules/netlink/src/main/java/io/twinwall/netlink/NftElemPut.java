/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * An element to be put into a set, or taken out of it (then only its key counts).
 *
 * @param key empty: the element of all other keys
 * @param keyEnd empty: no range
 * @param endIsElement the end of a range is an element of its own, as in a set of plain intervals
 * @param attrs attributes of the element as {@link NftElem#attrs} gave them
 * @param timeoutMs -1: the set's own; 0: never
 * @param leftMs until it is to expire; -1: after its timeout
 */
public record NftElemPut(
        byte[] key, byte[] keyEnd, boolean endIsElement, byte[] attrs, byte[] exprs, long timeoutMs, long leftMs) {

    /** Bytes that it takes in a message, at the most. */
    public int bytesMax() {
        return 128 + 2 * (key.length + keyEnd.length) + attrs.length + exprs.length;
    }
}
