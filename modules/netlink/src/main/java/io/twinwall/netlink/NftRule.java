/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes one rule's expressions, in the order in which the kernel runs them, into the batch it came from. All values go
 * through {@link NftConst#NFT_REG_1}: load, test, load, test, act. The shapes are those that {@code nft} itself writes
 * ({@code nft --debug=netlink}), so that {@code nft list} prints the rule as a person would have written it.
 */
public final class NftRule {
    private static final int REG = NftConst.NFT_REG_1;

    private final NftBatch batch;
    private final NlWriter writer;
    private int expressions;

    NftRule(NftBatch batch, NlWriter writer) {
        this.batch = batch;
        this.writer = writer;
    }

    NftRule begin() {
        expressions = writer.nestBegin(NftConst.NFTA_RULE_EXPRESSIONS);
        return this;
    }

    /** Loads the packet's attribute {@code NFT_META_*}. */
    public NftRule meta(int key) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = expression("meta");
        writer.putU32be(NftConst.NFTA_META_KEY, key).putU32be(NftConst.NFTA_META_DREG, REG);
        return close(data, element);
    }

    /** Loads {@code bytes} at {@code offset} of the header {@code base} ({@code NFT_PAYLOAD_*}). */
    public NftRule payload(int base, int offset, int bytes) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = expression("payload");
        writer.putU32be(NftConst.NFTA_PAYLOAD_DREG, REG)
                .putU32be(NftConst.NFTA_PAYLOAD_BASE, base)
                .putU32be(NftConst.NFTA_PAYLOAD_OFFSET, offset)
                .putU32be(NftConst.NFTA_PAYLOAD_LEN, bytes);
        return close(data, element);
    }

    /** Replaces the loaded bytes by {@code (value & mask) ^ xor}. */
    public NftRule bitwise(byte[] mask, byte[] xor) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = expression("bitwise");
        writer.putU32be(NftConst.NFTA_BITWISE_SREG, REG)
                .putU32be(NftConst.NFTA_BITWISE_DREG, REG)
                .putU32be(NftConst.NFTA_BITWISE_LEN, mask.length);
        value(NftConst.NFTA_BITWISE_MASK, mask);
        value(NftConst.NFTA_BITWISE_XOR, xor);
        return close(data, element);
    }

    /** Goes on only if the loaded bytes compare with {@code value} as {@code op} ({@code NFT_CMP_*}) says. */
    public NftRule cmp(int op, byte... value) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = expression("cmp");
        writer.putU32be(NftConst.NFTA_CMP_SREG, REG).putU32be(NftConst.NFTA_CMP_OP, op);
        value(NftConst.NFTA_CMP_DATA, value);
        return close(data, element);
    }

    /** Goes on only if the loaded byte is {@code value}. */
    public NftRule isU8(int value) {
        return cmp(NftConst.NFT_CMP_EQ, (byte) value);
    }

    /** Goes on only if the two loaded bytes are {@code value} in network order. */
    public NftRule isU16be(int value) {
        return cmp(NftConst.NFT_CMP_EQ, (byte) (value >>> 8), (byte) value);
    }

    /** Goes on only if the loaded key is in {@code set}. */
    public NftRule in(String set) {
        return lookup(set, 0);
    }

    /** Goes on only if the loaded key is not in {@code set}. */
    public NftRule notIn(String set) {
        return lookup(set, NftConst.NFT_LOOKUP_F_INV);
    }

    /** Puts the loaded key into {@code set}, or sets its expiry anew, {@code timeoutMs} from now. */
    public NftRule update(String set, long timeoutMs) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = dynset(set, NftConst.NFT_DYNSET_OP_UPDATE);
        writer.putU64be(NftConst.NFTA_DYNSET_TIMEOUT, timeoutMs);
        return close(data, element);
    }

    /** Takes the loaded key out of {@code set}, if it is in it, and goes on. */
    public NftRule delete(String set) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        return close(dynset(set, NftConst.NFT_DYNSET_OP_DELETE), element);
    }

    /** Counts packets and bytes that come this far. */
    public NftRule counter() {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        return close(expression("counter"), element);
    }

    /** Ends the packet's way with {@link NftConst#NF_ACCEPT} (of this chain) or {@link NftConst#NF_DROP}. */
    public NftRule verdict(int code) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int expression = expression("immediate");
        writer.putU32be(NftConst.NFTA_IMMEDIATE_DREG, NftConst.NFT_REG_VERDICT);
        int data = writer.nestBegin(NftConst.NFTA_IMMEDIATE_DATA);
        int verdict = writer.nestBegin(NftConst.NFTA_DATA_VERDICT);
        writer.putU32be(NftConst.NFTA_VERDICT_CODE, code);
        writer.nestEnd(verdict).nestEnd(data);
        return close(expression, element);
    }

    /** Ends the rule. */
    public NftBatch end() {
        writer.nestEnd(expressions);
        return batch.endMessage();
    }

    /** {@code value} as the bytes of a register that the kernel fills in host order, as {@code meta mark}. */
    public static byte[] hostU32(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    private NftRule lookup(String set, int flags) {
        int element = writer.nestBegin(NftConst.NFTA_LIST_ELEM);
        int data = expression("lookup");
        writer.putString(NftConst.NFTA_LOOKUP_SET, set).putU32be(NftConst.NFTA_LOOKUP_SREG, REG);
        if (flags != 0) {
            writer.putU32be(NftConst.NFTA_LOOKUP_FLAGS, flags);
        }
        return close(data, element);
    }

    private int dynset(String set, int op) {
        int data = expression("dynset");
        writer.putString(NftConst.NFTA_DYNSET_SET_NAME, set)
                .putU32be(NftConst.NFTA_DYNSET_OP, op)
                .putU32be(NftConst.NFTA_DYNSET_SREG_KEY, REG);
        return data;
    }

    private int expression(String name) {
        writer.putString(NftConst.NFTA_EXPR_NAME, name);
        return writer.nestBegin(NftConst.NFTA_EXPR_DATA);
    }

    private void value(int attr, byte[] bytes) {
        int data = writer.nestBegin(attr);
        writer.putBytes(NftConst.NFTA_DATA_VALUE, bytes).nestEnd(data);
    }

    private NftRule close(int data, int element) {
        writer.nestEnd(data).nestEnd(element);
        return this;
    }
}
