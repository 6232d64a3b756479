/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A run of bytes as a register of nf_tables, or the key of an element, holds it. Immutable; ordered as memcmp(3) orders,
 * which is how the kernel compares.
 */
public final class NftData implements Comparable<NftData> {
    /** No bytes. */
    public static final NftData EMPTY = new NftData(new byte[0]);

    private final byte[] bytes;

    private NftData(byte[] bytes) {
        this.bytes = bytes;
    }

    public static NftData of(byte... bytes) {
        return new NftData(bytes.clone());
    }

    /** A number of 16 bits in network order, as ports and ethernet protocols are. */
    public static NftData u16be(int value) {
        return new NftData(new byte[] {(byte) (value >>> 8), (byte) value});
    }

    /** A number of 32 bits in the host's order, as indexes, marks and the state of a flow are. */
    public static NftData hostU32(int value) {
        return new NftData(ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array());
    }

    /** A name filled up with zeros to {@code length} bytes, as those of interfaces are. */
    public static NftData name(String name, int length) {
        return new NftData(Arrays.copyOf(name.getBytes(StandardCharsets.UTF_8), length));
    }

    public int length() {
        return bytes.length;
    }

    public byte at(int index) {
        return bytes[index];
    }

    public NftData slice(int offset, int length) {
        return new NftData(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    /** {@code (this & mask) ^ xor}; bytes that these do not have count as 0. */
    public NftData bitwise(NftData mask, NftData xor) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < result.length; i++) {
            int kept = i < mask.bytes.length ? bytes[i] & mask.bytes[i] : 0;
            result[i] = (byte) (i < xor.bytes.length ? kept ^ xor.bytes[i] : kept);
        }
        return new NftData(result);
    }

    /** The text before the first zero. */
    public String text() {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(NftData other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NftData data && Arrays.equals(bytes, data.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
