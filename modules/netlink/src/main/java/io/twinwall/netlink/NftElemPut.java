/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/** An element to be put into a set, or taken out of it (then only its key counts). */
public final class NftElemPut {
    private static final int HEADERS_AND_TIMES_BYTES = 128;

    private final byte[] key;
    private final byte[] keyEnd;
    private final boolean endIsElement;
    private final byte[] attrs;
    private final byte[] exprs;
    private final long timeoutMs;
    private final long leftMs;

    /**
     * Keeps the arrays, which are not to be changed.
     *
     * @param key empty: the element of all other keys
     * @param keyEnd empty: no range
     * @param endIsElement the end of a range is an element of its own, as in a set of plain intervals
     * @param attrs attributes of the element as {@link NftElem#attrs} gave them
     * @param exprs as {@link NftElem#exprs} gave them
     * @param timeoutMs -1: the set's own; 0: never
     * @param leftMs until it is to expire; -1: after its timeout
     */
    public NftElemPut(
            byte[] key, byte[] keyEnd, boolean endIsElement, byte[] attrs, byte[] exprs, long timeoutMs, long leftMs) {
        this.key = key;
        this.keyEnd = keyEnd;
        this.endIsElement = endIsElement;
        this.attrs = attrs;
        this.exprs = exprs;
        this.timeoutMs = timeoutMs;
        this.leftMs = leftMs;
    }

    /** Bytes that it takes in a message, at the most. */
    public int bytesMax() {
        return HEADERS_AND_TIMES_BYTES + 2 * (key.length + keyEnd.length) + attrs.length + exprs.length;
    }

    byte[] key() {
        return key;
    }

    byte[] keyEnd() {
        return keyEnd;
    }

    boolean endIsElement() {
        return endIsElement;
    }

    byte[] attrs() {
        return attrs;
    }

    byte[] exprs() {
        return exprs;
    }

    long timeoutMs() {
        return timeoutMs;
    }

    long leftMs() {
        return leftMs;
    }
}
