/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads the kernel's answers about chains, rules and set elements. Attributes it does not know, and messages about other
 * tables, are passed by; one that lies ends its message, and what was not said keeps its default. Control plane: one
 * thread, allocates.
 */
final class NftDecoder {
    private final NlAttrs message = new NlAttrs();
    private final NlAttrs outer = new NlAttrs();
    private final NlAttrs inner = new NlAttrs();
    private final NlAttrs leaf = new NlAttrs();

    /** Adds the elements in the GETSETELEM answer at {@code reader}. */
    void elements(NlReader reader, List<NftElement> into) {
        message.wrap(reader, NlConst.NFGENMSG_BYTES);
        while (message.next()) {
            if (message.type() != NftConst.NFTA_SET_ELEM_LIST_ELEMENTS) {
                continue;
            }
            outer.wrapNested(message);
            while (outer.next()) {
                into.add(element());
            }
        }
    }

    /** Hands over the elements in the GETSETELEM answer at {@code reader}; returns how many did not add up. */
    int elements(NlReader reader, NftElem element, NftElem.Handler handler) {
        int malformed = 0;
        message.wrap(reader, NlConst.NFGENMSG_BYTES);
        while (message.next()) {
            if (message.type() != NftConst.NFTA_SET_ELEM_LIST_ELEMENTS) {
                continue;
            }
            outer.wrapNested(message);
            while (outer.next()) {
                if (element.wrap(outer)) {
                    handler.onElement(element);
                } else {
                    malformed++;
                }
            }
            malformed += outer.error() == NlAttrs.OK ? 0 : 1;
        }
        return malformed + (message.error() == NlAttrs.OK ? 0 : 1);
    }

    /** The set in the GETSET answer at {@code reader}. */
    NftSetInfo set(NlReader reader) {
        int flags = 0;
        int keyType = 0;
        int keyBytes = 0;
        int dataType = 0;
        int dataBytes = 0;
        long timeoutMs = 0;
        message.wrap(reader, NlConst.NFGENMSG_BYTES);
        while (message.next()) {
            switch (message.type()) {
                case NftConst.NFTA_SET_FLAGS -> flags = message.u32be();
                case NftConst.NFTA_SET_KEY_TYPE -> keyType = message.u32be();
                case NftConst.NFTA_SET_KEY_LEN -> keyBytes = message.u32be();
                case NftConst.NFTA_SET_DATA_TYPE -> dataType = message.u32be();
                case NftConst.NFTA_SET_DATA_LEN -> dataBytes = message.u32be();
                case NftConst.NFTA_SET_TIMEOUT -> timeoutMs = message.u64be();
                default -> {}
            }
        }
        return new NftSetInfo(flags, keyType, keyBytes, dataType, dataBytes, timeoutMs);
    }

    /** Adds the base chain in the GETCHAIN answer at {@code reader} if it is one, and of {@code table}. */
    void baseChain(NlReader reader, NftTable table, List<NftBaseChain> into) {
        String name = "";
        String ofTable = "";
        int policy = NftConst.NF_ACCEPT;
        NftBaseChain hook = null;
        message.wrap(reader, NlConst.NFGENMSG_BYTES);
        while (message.next()) {
            switch (message.type()) {
                case NftConst.NFTA_CHAIN_TABLE -> ofTable = message.string();
                case NftConst.NFTA_CHAIN_NAME -> name = message.string();
                case NftConst.NFTA_CHAIN_POLICY -> policy = message.u32be();
                case NftConst.NFTA_CHAIN_HOOK -> hook = hook();
                default -> {}
            }
        }
        if (hook != null && ofTable.equals(table.name())) {
            into.add(new NftBaseChain(name, hook.hook(), hook.priority(), policy, hook.devices()));
        }
    }

    /** Adds the chain's name of the rule in the GETRULE answer at {@code reader} if it is of {@code table}. */
    void ruleChain(NlReader reader, NftTable table, List<String> into) {
        String chain = "";
        String ofTable = "";
        message.wrap(reader, NlConst.NFGENMSG_BYTES);
        while (message.next()) {
            switch (message.type()) {
                case NftConst.NFTA_RULE_TABLE -> ofTable = message.string();
                case NftConst.NFTA_RULE_CHAIN -> chain = message.string();
                default -> {}
            }
        }
        if (ofTable.equals(table.name())) {
            into.add(chain);
        }
    }

    private NftElement element() {
        String key = "";
        long timeoutMs = -1;
        long leftMs = -1;
        inner.wrapNested(outer);
        while (inner.next()) {
            switch (inner.type()) {
                case NftConst.NFTA_SET_ELEM_KEY -> key = key();
                case NftConst.NFTA_SET_ELEM_TIMEOUT -> timeoutMs = inner.u64be();
                case NftConst.NFTA_SET_ELEM_EXPIRATION -> leftMs = inner.u64be();
                default -> {}
            }
        }
        return new NftElement(key, timeoutMs, leftMs);
    }

    private String key() {
        String key = "";
        leaf.wrapNested(inner);
        while (leaf.next()) {
            key = leaf.type() == NftConst.NFTA_DATA_VALUE ? HexFormat.of().formatHex(leaf.bytes()) : key;
        }
        return key;
    }

    private NftBaseChain hook() {
        int hook = -1;
        int priority = 0;
        List<String> devices = new ArrayList<>();
        outer.wrapNested(message);
        while (outer.next()) {
            switch (outer.type()) {
                case NftConst.NFTA_HOOK_HOOKNUM -> hook = outer.u32be();
                case NftConst.NFTA_HOOK_PRIORITY -> priority = outer.u32be();
                case NftConst.NFTA_HOOK_DEVS -> devices(devices);
                default -> {}
            }
        }
        return new NftBaseChain("", hook, priority, NftConst.NF_ACCEPT, devices);
    }

    private void devices(List<String> into) {
        inner.wrapNested(outer);
        while (inner.next()) {
            into.add(inner.string());
        }
    }
}
