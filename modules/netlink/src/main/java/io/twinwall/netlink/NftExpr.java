/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

/**
 * One expression of a rule, read. Registers are places in bytes, 0..60 in steps of 4, whichever way the kernel numbers them:
 * its four of 16 bytes and its sixteen of 4 are the same memory.
 */
public sealed interface NftExpr {
    /** In place of a register: the verdict, which ends the rule. */
    int VERDICT = -1;

    /** In place of a register: nothing is loaded. */
    int NOTHING = -2;

    /** Loads an attribute of the packet, {@code NFT_META_*}. */
    record Meta(int key, int register) implements NftExpr {}

    /** Loads {@code bytes} of the header {@code base}, {@code NFT_PAYLOAD_*}. */
    record Payload(int base, int offset, int bytes, int register) implements NftExpr {}

    /** Loads something of the packet's flow, {@code NFT_CT_*}. */
    record Ct(int key, int register) implements NftExpr {}

    /** Loads a constant. */
    record Value(int register, NftData value) implements NftExpr {}

    /** Loads {@code (source & mask) ^ xor}. */
    record Bitwise(int source, int register, NftData mask, NftData xor) implements NftExpr {}

    /** Ends the rule unless the register compares with {@code value} as {@code op}, {@code NFT_CMP_*}, says. */
    record Cmp(int register, int op, NftData value) implements NftExpr {}

    /** Ends the rule unless the register lies between the two, or, {@code inverted}, unless it does not. */
    record Range(int register, boolean inverted, NftData from, NftData to) implements NftExpr {}

    /**
     * Ends the rule unless the register is in the set, or, {@code inverted}, unless it is not.
     *
     * @param target where the element's data goes: a register, {@link #VERDICT} or {@link #NOTHING}
     */
    record Lookup(String set, int register, int target, boolean inverted) implements NftExpr {}

    /** What becomes of the packet: {@code NF_*} or {@code NFT_*}, and where to for a jump. */
    record Verdict(int code, String chain) implements NftExpr {}

    /**
     * Any other, by the kernel's name. {@code extension} is that of an extension of xtables ({@code match}, {@code target}),
     * else empty. What writes and does not load ({@code meta}, {@code payload}, {@code ct}) is one of these, too.
     */
    record Other(String name, String extension) implements NftExpr {}
}
