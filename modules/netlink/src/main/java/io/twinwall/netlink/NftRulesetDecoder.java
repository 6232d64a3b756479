/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads the kernel's answers about a whole ruleset: chains, rules with their expressions, names of sets, helpers. What it does not
 * know it names and passes by; an attribute that lies ends what it is in. Control plane: allocates, and holds nothing.
 */
final class NftRulesetDecoder {
    /** {@code NFT_REG_1} to {@code NFT_REG_4} have 16 bytes, {@code NFT_REG32_00} to {@code NFT_REG32_15} have 4. */
    private static final int REG_4 = 4;

    private static final int REG32_00 = 8;
    private static final int REG32_15 = 23;
    private static final int REG_BYTES = 16;
    private static final int REG32_BYTES = 4;

    private NftRulesetDecoder() {}

    /** The chain in the GETCHAIN answer at {@code reader}. */
    static NftChainInfo chain(NlReader reader) {
        Map<Integer, byte[]> attrs = attrs(reader);
        NftTable table = table(reader, attrs, NftConst.NFTA_CHAIN_TABLE);
        String name = string(attrs, NftConst.NFTA_CHAIN_NAME);
        byte[] hook = attrs.get(NftConst.NFTA_CHAIN_HOOK);
        if (hook == null) {
            return new NftChainInfo(table, name, "", NftChainInfo.NO_HOOK, 0, NftConst.NF_ACCEPT, List.of());
        }
        Map<Integer, byte[]> bound = attrs(hook);
        boolean policy = attrs.containsKey(NftConst.NFTA_CHAIN_POLICY);
        return new NftChainInfo(
                table,
                name,
                string(attrs, NftConst.NFTA_CHAIN_TYPE),
                u32(bound, NftConst.NFTA_HOOK_HOOKNUM),
                u32(bound, NftConst.NFTA_HOOK_PRIORITY),
                policy ? u32(attrs, NftConst.NFTA_CHAIN_POLICY) : NftConst.NF_ACCEPT,
                devices(bound));
    }

    private static List<String> devices(Map<Integer, byte[]> hook) {
        List<String> devices = new ArrayList<>();
        byte[] one = hook.get(NftConst.NFTA_HOOK_DEV);
        if (one != null) {
            devices.add(NftData.of(one).text());
        }
        NlAttrs walk = walk(hook.getOrDefault(NftConst.NFTA_HOOK_DEVS, new byte[0]));
        while (walk.next()) {
            devices.add(walk.string());
        }
        return devices.stream().distinct().toList();
    }

    /** The rule in the GETRULE answer at {@code reader}. */
    static NftRuleInfo rule(NlReader reader) {
        Map<Integer, byte[]> attrs = attrs(reader);
        List<NftExpr> expressions = new ArrayList<>();
        NlAttrs list = walk(attrs.getOrDefault(NftConst.NFTA_RULE_EXPRESSIONS, new byte[0]));
        while (list.next()) {
            Map<Integer, byte[]> element = attrs(list.bytes());
            expressions.add(expression(
                    string(element, NftConst.NFTA_EXPR_NAME),
                    attrs(element.getOrDefault(NftConst.NFTA_EXPR_DATA, new byte[0]))));
        }
        return new NftRuleInfo(
                table(reader, attrs, NftConst.NFTA_RULE_TABLE),
                string(attrs, NftConst.NFTA_RULE_CHAIN),
                u64(attrs, NftConst.NFTA_RULE_HANDLE),
                expressions);
    }

    /** The name in the GETSET answer at {@code reader}. */
    static NftSetName set(NlReader reader) {
        Map<Integer, byte[]> attrs = attrs(reader);
        return new NftSetName(table(reader, attrs, NftConst.NFTA_SET_TABLE), string(attrs, NftConst.NFTA_SET_NAME));
    }

    /** The helper in the GETOBJ answer at {@code reader}; nothing when it tells of another object. */
    static Optional<String> ctHelper(NlReader reader) {
        Map<Integer, byte[]> attrs = attrs(reader);
        if (u32(attrs, NftConst.NFTA_OBJ_TYPE) != NftConst.NFT_OBJECT_CT_HELPER) {
            return Optional.empty();
        }
        Map<Integer, byte[]> data = attrs(attrs.getOrDefault(NftConst.NFTA_OBJ_DATA, new byte[0]));
        return Optional.of(string(data, NftConst.NFTA_CT_HELPER_NAME));
    }

    /** The verdict in an element's attributes, as {@link NftElem#attrs} gives them. */
    static Optional<NftExpr.Verdict> verdictOf(byte[] elementAttrs) {
        byte[] data = attrs(elementAttrs).get(NftConst.NFTA_SET_ELEM_DATA);
        return data == null ? Optional.empty() : verdict(attrs(data));
    }

    private static NftExpr expression(String name, Map<Integer, byte[]> attrs) {
        return switch (name) {
            case "meta" ->
                attrs.containsKey(NftConst.NFTA_META_DREG)
                        ? new NftExpr.Meta(u32(attrs, NftConst.NFTA_META_KEY), register(attrs, NftConst.NFTA_META_DREG))
                        : new NftExpr.Other(name, "");
            case "ct" ->
                attrs.containsKey(NftConst.NFTA_CT_DREG)
                        ? new NftExpr.Ct(u32(attrs, NftConst.NFTA_CT_KEY), register(attrs, NftConst.NFTA_CT_DREG))
                        : new NftExpr.Other(name, "");
            case "payload" ->
                attrs.containsKey(NftConst.NFTA_PAYLOAD_DREG)
                        ? new NftExpr.Payload(
                                u32(attrs, NftConst.NFTA_PAYLOAD_BASE),
                                u32(attrs, NftConst.NFTA_PAYLOAD_OFFSET),
                                u32(attrs, NftConst.NFTA_PAYLOAD_LEN),
                                register(attrs, NftConst.NFTA_PAYLOAD_DREG))
                        : new NftExpr.Other(name, "");
            case "bitwise" -> bitwise(attrs);
            case "cmp" ->
                new NftExpr.Cmp(
                        register(attrs, NftConst.NFTA_CMP_SREG),
                        u32(attrs, NftConst.NFTA_CMP_OP),
                        value(attrs, NftConst.NFTA_CMP_DATA));
            case "range" ->
                new NftExpr.Range(
                        register(attrs, NftConst.NFTA_RANGE_SREG),
                        u32(attrs, NftConst.NFTA_RANGE_OP) != 0,
                        value(attrs, NftConst.NFTA_RANGE_FROM_DATA),
                        value(attrs, NftConst.NFTA_RANGE_TO_DATA));
            case "lookup" ->
                new NftExpr.Lookup(
                        string(attrs, NftConst.NFTA_LOOKUP_SET),
                        register(attrs, NftConst.NFTA_LOOKUP_SREG),
                        attrs.containsKey(NftConst.NFTA_LOOKUP_DREG)
                                ? register(attrs, NftConst.NFTA_LOOKUP_DREG)
                                : NftExpr.NOTHING,
                        (u32(attrs, NftConst.NFTA_LOOKUP_FLAGS) & NftConst.NFT_LOOKUP_F_INV) != 0);
            case "immediate" -> immediate(attrs);
            case "match", "target" -> new NftExpr.Other(name, string(attrs, NftConst.NFTA_TARGET_NAME));
            default -> new NftExpr.Other(name, "");
        };
    }

    /** Shifts, and those of two registers, are known by their name alone. */
    private static NftExpr bitwise(Map<Integer, byte[]> attrs) {
        return attrs.containsKey(NftConst.NFTA_BITWISE_MASK)
                ? new NftExpr.Bitwise(
                        register(attrs, NftConst.NFTA_BITWISE_SREG),
                        register(attrs, NftConst.NFTA_BITWISE_DREG),
                        value(attrs, NftConst.NFTA_BITWISE_MASK),
                        value(attrs, NftConst.NFTA_BITWISE_XOR))
                : new NftExpr.Other("bitwise", "");
    }

    private static NftExpr immediate(Map<Integer, byte[]> attrs) {
        Map<Integer, byte[]> data = attrs(attrs.getOrDefault(NftConst.NFTA_IMMEDIATE_DATA, new byte[0]));
        Optional<NftExpr.Verdict> verdict = verdict(data);
        if (verdict.isPresent()) {
            return verdict.get();
        }
        return new NftExpr.Value(
                register(attrs, NftConst.NFTA_IMMEDIATE_DREG),
                NftData.of(data.getOrDefault(NftConst.NFTA_DATA_VALUE, new byte[0])));
    }

    private static Optional<NftExpr.Verdict> verdict(Map<Integer, byte[]> data) {
        byte[] verdict = data.get(NftConst.NFTA_DATA_VERDICT);
        if (verdict == null) {
            return Optional.empty();
        }
        Map<Integer, byte[]> attrs = attrs(verdict);
        return Optional.of(new NftExpr.Verdict(
                u32(attrs, NftConst.NFTA_VERDICT_CODE), string(attrs, NftConst.NFTA_VERDICT_CHAIN)));
    }

    private static int register(Map<Integer, byte[]> attrs, int type) {
        int number = u32(attrs, type);
        if (number >= NftConst.NFT_REG_1 && number <= REG_4) {
            return (number - NftConst.NFT_REG_1) * REG_BYTES;
        }
        return number >= REG32_00 && number <= REG32_15 ? (number - REG32_00) * REG32_BYTES : NftExpr.VERDICT;
    }

    private static NftData value(Map<Integer, byte[]> attrs, int type) {
        byte[] data = attrs.get(type);
        return data == null
                ? NftData.EMPTY
                : NftData.of(attrs(data).getOrDefault(NftConst.NFTA_DATA_VALUE, new byte[0]));
    }

    private static NftTable table(NlReader reader, Map<Integer, byte[]> attrs, int type) {
        int family = reader.payloadLength() > 0
                ? reader.buffer().getByte(reader.payloadOffset()) & 0xff
                : NftConst.NFPROTO_UNSPEC;
        return new NftTable(family, string(attrs, type));
    }

    private static String string(Map<Integer, byte[]> attrs, int type) {
        byte[] bytes = attrs.get(type);
        return bytes == null ? "" : NftData.of(bytes).text();
    }

    private static int u32(Map<Integer, byte[]> attrs, int type) {
        return (int) number(attrs, type, Integer.BYTES);
    }

    private static long u64(Map<Integer, byte[]> attrs, int type) {
        return number(attrs, type, Long.BYTES);
    }

    private static long number(Map<Integer, byte[]> attrs, int type, int length) {
        byte[] bytes = attrs.get(type);
        long number = 0;
        for (int i = 0; bytes != null && bytes.length >= length && i < length; i++) {
            number = number << 8 | (bytes[i] & 0xff);
        }
        return number;
    }

    private static Map<Integer, byte[]> attrs(NlReader reader) {
        NlAttrs walk = new NlAttrs().wrap(reader, NlConst.NFGENMSG_BYTES);
        return attrs(walk);
    }

    private static Map<Integer, byte[]> attrs(byte[] run) {
        return attrs(walk(run));
    }

    private static Map<Integer, byte[]> attrs(NlAttrs walk) {
        Map<Integer, byte[]> found = new HashMap<>();
        while (walk.next()) {
            found.put(walk.type(), walk.bytes());
        }
        return found;
    }

    private static NlAttrs walk(byte[] run) {
        return new NlAttrs().wrap(new UnsafeBuffer(run), 0, run.length);
    }
}
