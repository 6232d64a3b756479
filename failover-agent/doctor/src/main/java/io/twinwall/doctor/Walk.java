/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.NftTable;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/** Sends a packet that is known in part through the chains of a hook, to see what may become of it. */
final class Walk {
    /** As deep as the kernel allows jumps. */
    private static final int DEPTH_MAX = 16;

    /** What becomes of a packet in a chain; {@code THROUGH} is its end, where a base chain's policy decides. */
    private enum Fate {
        ACCEPTED,
        DROPPED,
        THROUGH
    }

    /**
     * How it went.
     *
     * @param untracked whether it is kept from connection tracking on the way
     * @param dropping the base chains that surely drop it
     */
    record Passage(Answer passes, Answer untracked, List<NftChainInfo> dropping) {}

    private final Ruleset ruleset;
    private final Packet packet;
    private Answer untracked = Answer.NO;

    private Walk(Ruleset ruleset, Packet packet) {
        this.ruleset = ruleset;
        this.packet = packet;
    }

    /** Through all base chains of {@code hook} that see its family and have one of {@code priorities}. */
    static Passage pass(Ruleset ruleset, Packet packet, int hook, IntPredicate priorities) {
        Walk walk = new Walk(ruleset, packet);
        int other = packet.ipv4() ? NftConst.NFPROTO_IPV6 : NftConst.NFPROTO_IPV4;
        Answer passes = Answer.YES;
        List<NftChainInfo> dropping = new ArrayList<>();
        for (NftChainInfo chain : ruleset.baseChains(hook)) {
            if (chain.table().family() == other || !priorities.test(chain.priority())) {
                continue;
            }
            Set<Fate> fates = walk.chain(chain.table(), chain.name(), true, 0);
            if (fates.remove(Fate.THROUGH)) {
                fates.add(chain.policy() == NftConst.NF_DROP ? Fate.DROPPED : Fate.ACCEPTED);
            }
            if (!fates.contains(Fate.ACCEPTED)) {
                dropping.add(chain);
                passes = Answer.NO;
            } else if (fates.contains(Fate.DROPPED)) {
                passes = passes.and(Answer.PERHAPS);
            }
        }
        return new Passage(passes, walk.untracked, List.copyOf(dropping));
    }

    /** {@code sure}: the packet comes here for certain. */
    private EnumSet<Fate> chain(NftTable table, String name, boolean sure, int depth) {
        EnumSet<Fate> fates = EnumSet.noneOf(Fate.class);
        boolean certain = sure;
        for (NftRuleInfo rule : depth > DEPTH_MAX ? List.<NftRuleInfo>of() : ruleset.rules(table, name)) {
            RuleReading reading = RuleReading.of(ruleset, packet, rule);
            untracked = untracked.or(
                    certain ? reading.untracks() : reading.untracks().and(Answer.PERHAPS));
            for (RuleReading.Outcome outcome : reading.outcomes()) {
                EnumSet<Fate> after = after(table, outcome.verdict(), certain && outcome.sure(), depth);
                boolean jump = outcome.verdict().code() == NftConst.NFT_JUMP;
                boolean goesOn = !outcome.sure() || (jump && after.contains(Fate.THROUGH));
                if (jump) {
                    after.remove(Fate.THROUGH);
                }
                fates.addAll(after);
                if (!goesOn) {
                    return fates;
                }
                certain &= after.isEmpty();
            }
        }
        fates.add(Fate.THROUGH);
        return fates;
    }

    private EnumSet<Fate> after(NftTable table, NftExpr.Verdict verdict, boolean sure, int depth) {
        return switch (verdict.code()) {
            case NftConst.NF_ACCEPT -> EnumSet.of(Fate.ACCEPTED);
            case NftConst.NF_DROP -> EnumSet.of(Fate.DROPPED);
            case NftConst.NFT_RETURN -> EnumSet.of(Fate.THROUGH);
            case NftConst.NFT_JUMP, NftConst.NFT_GOTO -> chain(table, verdict.chain(), sure, depth + 1);
            default -> EnumSet.of(Fate.ACCEPTED, Fate.DROPPED);
        };
    }
}
