/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftMember;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.NftTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One rule, read for one packet as the kernel would run it: what it may do with it. What cannot be known, a limit or a mark,
 * makes an outcome possible and not sure.
 */
final class RuleReading {
    private static final int NF_DROP = NftConst.NF_DROP;
    private static final int NF_ACCEPT = NftConst.NF_ACCEPT;

    /** A way in which the rule may end, and whether it is the only one. */
    record Outcome(NftExpr.Verdict verdict, boolean sure) {}

    private final Ruleset ruleset;
    private final Packet packet;
    private final NftTable table;
    private final Registers registers = new Registers();
    private final List<Outcome> outcomes = new ArrayList<>();
    private Answer matches = Answer.YES;
    private Answer untracks = Answer.NO;
    private boolean ended;

    private RuleReading(Ruleset ruleset, Packet packet, NftTable table) {
        this.ruleset = ruleset;
        this.packet = packet;
        this.table = table;
    }

    static RuleReading of(Ruleset ruleset, Packet packet, NftRuleInfo rule) {
        RuleReading reading = new RuleReading(ruleset, packet, rule.table());
        for (NftExpr expression : rule.expressions()) {
            if (reading.ended || reading.matches == Answer.NO) {
                break;
            }
            reading.read(expression);
        }
        return reading;
    }

    /** None when the packet goes on to the next rule. */
    List<Outcome> outcomes() {
        return List.copyOf(outcomes);
    }

    /** Whether the packet is kept from connection tracking here. */
    Answer untracks() {
        return untracks;
    }

    private void read(NftExpr expression) {
        switch (expression) {
            case NftExpr.Meta meta -> load(meta.register(), packet.meta(meta.key()));
            case NftExpr.Ct ct -> load(ct.register(), packet.ct(ct.key()));
            case NftExpr.Payload load ->
                registers.put(load.register(), packet.payload(load.base(), load.offset(), load.bytes()), load.bytes());
            case NftExpr.Value load ->
                registers.put(
                        load.register(), Optional.of(load.value()), load.value().length());
            case NftExpr.Bitwise bitwise -> {
                int length = bitwise.mask().length();
                Optional<NftData> value = registers.get(bitwise.source(), length);
                registers.put(bitwise.register(), value.map(one -> one.bitwise(bitwise.mask(), bitwise.xor())), length);
            }
            case NftExpr.Cmp cmp ->
                require(registers
                        .get(cmp.register(), cmp.value().length())
                        .map(left -> Answer.of(compares(left, cmp.op(), cmp.value()))));
            case NftExpr.Range range ->
                require(registers
                        .get(range.register(), range.from().length())
                        .map(value -> Answer.of(range.inverted()
                                != (value.compareTo(range.from()) >= 0 && value.compareTo(range.to()) <= 0))));
            case NftExpr.Lookup lookup -> lookup(lookup);
            case NftExpr.Verdict verdict -> end(verdict);
            case NftExpr.Other other -> other(other);
        }
    }

    /** What is not known may be as long as a name. */
    private void load(int register, Optional<NftData> value) {
        registers.put(register, value, value.map(NftData::length).orElse(NftConst.IFNAMSIZ));
    }

    private void require(Optional<Answer> holds) {
        matches = matches.and(holds.orElse(Answer.PERHAPS));
    }

    private static boolean compares(NftData left, int op, NftData right) {
        int order = left.compareTo(right);
        return switch (op) {
            case NftConst.NFT_CMP_EQ -> order == 0;
            case NftConst.NFT_CMP_NEQ -> order != 0;
            case NftConst.NFT_CMP_LT -> order < 0;
            case NftConst.NFT_CMP_LTE -> order <= 0;
            case NftConst.NFT_CMP_GT -> order > 0;
            default -> order >= 0;
        };
    }

    private void lookup(NftExpr.Lookup lookup) {
        Optional<SetContent> content = ruleset.content(table, lookup.set());
        Optional<NftData> key = content.flatMap(set -> registers.get(lookup.register(), set.keyBytes()));
        if (key.isEmpty()) {
            matches = matches.and(Answer.PERHAPS);
            content.filter(set -> lookup.target() == NftExpr.VERDICT)
                    .ifPresent(set -> set.members().stream()
                            .map(NftMember::verdict)
                            .flatMap(Optional::stream)
                            .distinct()
                            .forEach(verdict -> outcomes.add(new Outcome(verdict, false))));
        } else {
            SetContent.Found found = content.get().find(key.get());
            matches = matches.and(lookup.inverted() ? found.answer().not() : found.answer());
            if (found.answer() == Answer.YES && lookup.target() == NftExpr.VERDICT) {
                found.verdict().ifPresent(this::end);
            }
        }
        ended |= lookup.target() == NftExpr.VERDICT;
        if (lookup.target() >= 0) {
            registers.forget();
        }
    }

    /** Expressions that only load spoil the registers; those that may end the rule by themselves make it unsure as well. */
    private void other(NftExpr.Other other) {
        switch (other.name()) {
            case "counter", "last", "log", "meta", "ct", "payload", "objref", "dynset", "dup", "secmark" -> {
                // The packet goes on as it is.
            }
            case "notrack" -> untracks = matches;
            case "reject" -> end(NF_DROP);
            case "masq", "nat", "redir", "tproxy" -> end(NF_ACCEPT);
            case "queue", "synproxy", "fwd", "flow_offload" -> {
                outcomes.add(new Outcome(new NftExpr.Verdict(NF_ACCEPT, ""), false));
                matches = matches.and(Answer.PERHAPS);
            }
            case "bitwise", "byteorder", "fib", "hash", "numgen", "rt" -> registers.forget();
            case "target" -> target(other.extension());
            default -> {
                registers.forget();
                matches = matches.and(Answer.PERHAPS);
            }
        }
    }

    private void target(String extension) {
        switch (extension) {
            case "NOTRACK" -> untracks = matches;
            case "CT" -> untracks = matches.and(Answer.PERHAPS);
            case "REJECT" -> end(NF_DROP);
            case "MASQUERADE", "SNAT", "DNAT", "REDIRECT", "NETMAP" -> end(NF_ACCEPT);
            default -> {
                // It marks, logs or counts.
            }
        }
    }

    private void end(int code) {
        end(new NftExpr.Verdict(code, ""));
    }

    private void end(NftExpr.Verdict verdict) {
        outcomes.add(new Outcome(verdict, matches == Answer.YES));
        ended = true;
    }
}
