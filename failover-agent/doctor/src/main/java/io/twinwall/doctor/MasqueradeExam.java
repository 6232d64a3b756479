/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftData;
import io.twinwall.netlink.NftExpr;
import io.twinwall.netlink.NftRuleInfo;
import io.twinwall.netlink.RtLink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether flows are translated to an address that the other host does not have. */
final class MasqueradeExam implements Exam {
    private static final RuleEdit EDIT =
            new RuleEdit("masquerade", "\\( to [^ ]*\\)\\{0,1\\}\\( [a-z,-]*\\)\\{0,1\\}", 2);
    private static final String WHY =
            "It translates to the address that the interface has at the moment, this host's own for example: after a"
                    + " takeover the answers go to a host that is gone, and each such flow dies.";

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        if (plan.vips().isEmpty()) {
            return;
        }
        Network network = Network.of(host);
        for (NftRuleInfo rule : host.ruleset().allRules().toList()) {
            boolean own = has(rule, "masq", "");
            boolean xtables = has(rule, "target", "MASQUERADE");
            if (own || xtables) {
                Optional<Plan.Vip> ipv4 = address(plan, network, rule, true);
                Optional<Plan.Vip> ipv6 = address(plan, network, rule, false);
                found.warning(
                        "masquerade",
                        "A masquerade, where SNAT to a virtual address is meant: " + RuleEdit.place(rule) + ".",
                        WHY,
                        own ? remedy(rule, ipv4, ipv6) : remedyOfXtables(rule, ipv4.or(() -> ipv6)));
            }
        }
    }

    private static boolean has(NftRuleInfo rule, String name, String extension) {
        return rule.expressions().contains(new NftExpr.Other(name, extension));
    }

    private static Remedy remedy(NftRuleInfo rule, Optional<Plan.Vip> ipv4, Optional<Plan.Vip> ipv6) {
        List<String> commands = new ArrayList<>();
        if (ipv4.isPresent() && ipv6.isPresent()) {
            commands.add(EDIT.copy(rule, snat(rule, ipv6.get())));
        }
        ipv4.or(() -> ipv6).ifPresent(vip -> commands.add(EDIT.replace(rule, snat(rule, vip))));
        return commands.isEmpty()
                ? Remedy.advice("Put snat to the virtual address of the interface that it leads out by in its place;"
                        + " where there is none, add a [[vip]] there on both nodes.")
                : Remedy.run(commands).saying("And into the ruleset's file, on both hosts.");
    }

    private static String snat(NftRuleInfo rule, Plan.Vip vip) {
        boolean both = rule.table().family() == NftConst.NFPROTO_INET;
        String family = both ? (vip.ipv4() ? "ip " : "ip6 ") : "";
        return "snat " + family + "to " + vip.address().getHostAddress();
    }

    private static Remedy remedyOfXtables(NftRuleInfo rule, Optional<Plan.Vip> vip) {
        if (vip.isEmpty()) {
            return remedy(rule, Optional.empty(), Optional.empty());
        }
        String program = vip.get().ipv4() ? "iptables" : "ip6tables";
        return Remedy.run(program + "-save -t nat | sed '/^-A " + rule.chain()
                        + " /s/-j MASQUERADE.*/-j SNAT --to-source "
                        + vip.get().address().getHostAddress() + "/' | " + program + "-restore -T nat")
                .saying("And into the file that the rules are loaded from, on both hosts.");
    }

    /** The first virtual address of that family where the rule leads out; none where it does not say where that is. */
    private static Optional<Plan.Vip> address(Plan plan, Network network, NftRuleInfo rule, boolean ipv4) {
        List<String> out = leadsOut(network, rule);
        return plan.vips().stream()
                .filter(vip -> vip.ipv4() == ipv4 && sees(rule, ipv4))
                .filter(vip -> network.places(plan, vip).stream().anyMatch(link -> out.contains(link.name())))
                .findFirst();
    }

    private static boolean sees(NftRuleInfo rule, boolean ipv4) {
        int family = ipv4 ? NftConst.NFPROTO_IPV4 : NftConst.NFPROTO_IPV6;
        return rule.table().family() == NftConst.NFPROTO_INET
                ? tested(rule, NftConst.NFT_META_NFPROTO).stream()
                        .allMatch(one -> one.length() > 0 && one.at(0) == family)
                : rule.table().family() == family;
    }

    private static List<String> leadsOut(Network network, NftRuleInfo rule) {
        Stream<String> byName = tested(rule, NftConst.NFT_META_OIFNAME).stream().map(NftData::text);
        Stream<String> byIndex = tested(rule, NftConst.NFT_META_OIF).stream()
                .flatMap(index -> network.links().stream()
                        .filter(link -> NftData.hostU32(link.ifIndex()).equals(index)))
                .map(RtLink::name);
        return Stream.concat(byName, byIndex).toList();
    }

    /** What the rule wants {@code key} to be equal to. */
    private static List<NftData> tested(NftRuleInfo rule, int key) {
        List<NftData> tested = new ArrayList<>();
        int register = NftExpr.NOTHING;
        for (NftExpr expression : rule.expressions()) {
            if (expression instanceof NftExpr.Meta meta) {
                register = meta.key() == key ? meta.register() : NftExpr.NOTHING;
            } else if (expression instanceof NftExpr.Cmp cmp
                    && cmp.register() == register
                    && cmp.op() == NftConst.NFT_CMP_EQ) {
                tested.add(cmp.value());
            }
        }
        return List.copyOf(tested);
    }
}
