/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * One element of a set or map, in a form that can be kept, compared, and put back: the key, the key that ends it where it
 * is a range, and what else it is, as attributes of the kernel's own that are not looked into.
 *
 * <pre>
 *   key | keyEnd | attrs: NFTA_SET_ELEM_DATA, _USERDATA, _OBJREF | exprs: NFTA_SET_ELEM_EXPR or _EXPRESSIONS
 * </pre>
 *
 * {@code attrs} is what the element means, {@code exprs} what packets change in it: counters, quotas, limits. Reused for
 * each element of a dump: valid only inside the callback. Control plane, one thread.
 */
public final class NftElem {
    private static final int NO_TIME = -1;

    /** Told of each element of a dump. */
    @FunctionalInterface
    public interface Handler {
        void onElement(NftElem element);
    }

    private final NlAttrs attributes = new NlAttrs();
    private final NlAttrs nested = new NlAttrs();
    private byte[] key = new byte[64];
    private byte[] keyEnd = new byte[64];
    private byte[] attrs = new byte[256];
    private byte[] exprs = new byte[256];
    private int keyLength;
    private int keyEndLength;
    private int attrsLength;
    private int exprsLength;
    private int flags;
    private long timeoutMs;
    private long leftMs;

    /** Reads the element that {@code list} stands at; false when it does not add up. */
    boolean wrap(NlAttrs list) {
        keyLength = 0;
        keyEndLength = 0;
        attrsLength = 0;
        exprsLength = 0;
        flags = 0;
        timeoutMs = NO_TIME;
        leftMs = NO_TIME;
        attributes.wrapNested(list);
        while (attributes.next()) {
            attribute();
        }
        boolean catchAll = (flags & NftConst.NFT_SET_ELEM_CATCHALL) != 0;
        return attributes.error() == NlAttrs.OK && keyLength > 0 != catchAll;
    }

    /** Becomes an element put together elsewhere: a range of two elements of the kernel's, say. */
    public void load(
            byte[] first, byte[] last, byte[] meaning, byte[] state, long elementTimeoutMs, long elementLeftMs) {
        key = first;
        keyLength = first.length;
        keyEnd = last;
        keyEndLength = last.length;
        attrs = meaning;
        attrsLength = meaning.length;
        exprs = state;
        exprsLength = state.length;
        flags = first.length == 0 ? NftConst.NFT_SET_ELEM_CATCHALL : 0;
        timeoutMs = elementTimeoutMs;
        leftMs = elementLeftMs;
    }

    private void attribute() {
        switch (attributes.type()) {
            case NftConst.NFTA_SET_ELEM_KEY -> {
                if (value()) {
                    key = room(key, 0, nested.valueLength());
                    keyLength = nested.valueLength();
                    nested.buffer().getBytes(nested.valueOffset(), key, 0, keyLength);
                }
            }
            case NftConst.NFTA_SET_ELEM_KEY_END -> {
                if (value()) {
                    keyEnd = room(keyEnd, 0, nested.valueLength());
                    keyEndLength = nested.valueLength();
                    nested.buffer().getBytes(nested.valueOffset(), keyEnd, 0, keyEndLength);
                }
            }
            case NftConst.NFTA_SET_ELEM_FLAGS -> flags = attributes.u32be();
            case NftConst.NFTA_SET_ELEM_TIMEOUT -> timeoutMs = attributes.u64be();
            case NftConst.NFTA_SET_ELEM_EXPIRATION -> leftMs = attributes.u64be();
            case NftConst.NFTA_SET_ELEM_DATA, NftConst.NFTA_SET_ELEM_USERDATA, NftConst.NFTA_SET_ELEM_OBJREF -> {
                attrs = room(attrs, attrsLength, padded());
                attrsLength = append(attrs, attrsLength);
            }
            case NftConst.NFTA_SET_ELEM_EXPR, NftConst.NFTA_SET_ELEM_EXPRESSIONS -> {
                exprs = room(exprs, exprsLength, padded());
                exprsLength = append(exprs, exprsLength);
            }
            default -> {
                // NFTA_SET_ELEM_PAD, and what newer kernels tell.
            }
        }
    }

    /** Whether the attribute under the hand holds a plain value, where {@code nested} then stands. */
    private boolean value() {
        nested.wrapNested(attributes);
        while (nested.next()) {
            if (nested.type() == NftConst.NFTA_DATA_VALUE) {
                return true;
            }
        }
        return false;
    }

    private int padded() {
        return NlConst.align(NlConst.NLA_HDRLEN + attributes.valueLength());
    }

    /** Copies the attribute with its header, padding zeroed. */
    private int append(byte[] into, int at) {
        int length = NlConst.NLA_HDRLEN + attributes.valueLength();
        Arrays.fill(into, at, at + padded(), (byte) 0);
        attributes.buffer().getBytes(attributes.valueOffset() - NlConst.NLA_HDRLEN, into, at, length);
        return at + padded();
    }

    private static byte[] room(byte[] bytes, int used, int more) {
        return used + more <= bytes.length ? bytes : Arrays.copyOf(bytes, Math.max(used + more, 2 * bytes.length));
    }

    public byte[] key() {
        return Arrays.copyOf(key, keyLength);
    }

    /** The last key of a range in a concatenation; empty when it is none. */
    public byte[] keyEnd() {
        return Arrays.copyOf(keyEnd, keyEndLength);
    }

    public int keyLength() {
        return keyLength;
    }

    public int keyEndLength() {
        return keyEndLength;
    }

    public byte keyAt(int index) {
        return key[index];
    }

    public byte keyEndAt(int index) {
        return keyEnd[index];
    }

    public byte[] attrs() {
        return Arrays.copyOf(attrs, attrsLength);
    }

    public byte[] exprs() {
        return Arrays.copyOf(exprs, exprsLength);
    }

    public boolean attrsEqual(byte[] other) {
        return Arrays.equals(attrs, 0, attrsLength, other, 0, other.length);
    }

    /** Takes over the state of the expressions into {@code kept}, when that has the same size. */
    public boolean copyExprs(byte[] kept) {
        if (kept.length != exprsLength) {
            return false;
        }
        System.arraycopy(exprs, 0, kept, 0, exprsLength);
        return true;
    }

    public boolean catchAll() {
        return (flags & NftConst.NFT_SET_ELEM_CATCHALL) != 0;
    }

    public boolean intervalEnd() {
        return (flags & NftConst.NFT_SET_ELEM_INTERVAL_END) != 0;
    }

    /** The element's own timeout, or -1 when it has the set's; 0: never, in a set that has one. */
    public long timeoutMs() {
        return timeoutMs;
    }

    /** Until it expires; -1: never. */
    public long leftMs() {
        return leftMs;
    }

    /** Whether {@code run} is attributes back to back, as {@link #attrs} and {@link #exprs} give them. */
    public static boolean wellFormed(DirectBuffer run, int offset, int length) {
        NlAttrs walk = new NlAttrs().wrap(run, offset, length);
        int end = offset;
        while (walk.next()) {
            end = walk.valueOffset() + NlConst.align(walk.valueLength());
        }
        return walk.error() == NlAttrs.OK && end == offset + length;
    }
}
