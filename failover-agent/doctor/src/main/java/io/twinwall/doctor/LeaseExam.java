/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.NftTable;
import io.twinwall.nftbridge.LeaseConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the lease's tables are as they should be: there while an agent runs, and not in the way of a host without one. */
final class LeaseExam implements Exam {
    /** As {@code nft-bridge} names them. */
    private static final String SET = "lease";

    private static final String RENEW = "renew";
    private static final String HEAR = "hear";
    private static final String TRANSIT = "transit";

    private static final NftTable NETDEV = new NftTable(NftConst.NFPROTO_NETDEV, LeaseConfig.TABLE);
    private static final NftTable INET = new NftTable(NftConst.NFPROTO_INET, LeaseConfig.TABLE);

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Ruleset ruleset = host.ruleset();
        Optional<Running> daemon = host.daemon();
        if (daemon.isEmpty()) {
            orphaned(ruleset, plan, found);
        } else if (plan.fenced() && !daemon.get().role().equals("INIT")) {
            missing(ruleset, Network.of(host), plan, found);
        }
    }

    private static void missing(Ruleset ruleset, Network network, Plan plan, Findings found) {
        List<String> problems = new ArrayList<>();
        chain(ruleset, NETDEV, RENEW, Set.of("lo"), problems);
        Set<String> guarded = new HashSet<>(network.vipInterfaces(plan, true));
        guarded.addAll(network.vipInterfaces(plan, false));
        chain(ruleset, NETDEV, HEAR, guarded, problems);
        chain(ruleset, INET, RENEW, Set.of("lo"), problems);
        chain(ruleset, INET, TRANSIT, Set.of(), problems);
        if (!problems.isEmpty()) {
            found.error(
                    "lease-damaged",
                    "The daemon runs, and its lease is not whole: " + String.join("; ", problems) + ".",
                    "Nothing stops this host from forwarding and answering beside its peer when its agent hangs.",
                    Remedy.advice("The daemon puts it back within a second, and alarms GATE_LOST; when it stays so, its"
                            + " log lines twinwall.gate say why. See to it that nobody changes the tables named"
                            + " twinwall."));
        }
    }

    private static void chain(
            Ruleset ruleset, NftTable table, String name, Set<String> devices, List<String> problems) {
        Optional<NftChainInfo> chain = ruleset.chain(table, name).filter(NftChainInfo::base);
        if (chain.isEmpty()) {
            problems.add("no chain " + table + " " + name);
        } else if (!chain.get().devices().containsAll(devices)) {
            problems.add("chain " + chain.get() + " is bound to " + chain.get().devices() + ", not to " + devices);
        } else if (ruleset.rules(table, name).isEmpty()) {
            problems.add("chain " + chain.get() + " is empty");
        }
    }

    private static void orphaned(Ruleset ruleset, Plan plan, Findings found) {
        if (!ruleset.hasTable(NETDEV) && !ruleset.hasTable(INET)) {
            return;
        }
        String nobody = "No agent answers at " + plan.files().socket() + ", and ";
        if (isOpen(ruleset, NETDEV) && isOpen(ruleset, INET)) {
            found.note(
                    "lease-left",
                    nobody + "the lease of one that ran is still open.",
                    "The host goes on forwarding alone, as it was left; an agent that is started takes that over.",
                    Remedy.run(
                            "twinwall run --config " + Shell.quoted(plan.files().configuration())));
        } else {
            found.error(
                    "lease-orphaned",
                    nobody + "the lease of one that ran is closed.",
                    "This host drops everything that it should forward, and answers for no virtual address.",
                    Remedy.run(ruleset.hasTable(NETDEV) ? delete(NETDEV) : List.of())
                            .and(ruleset.hasTable(INET) ? delete(INET) : List.of())
                            .saying("That is right while another host is active. To let this one forward without an"
                                    + " agent, remove the tables; to have it in the pair, start the daemon instead."));
        }
    }

    private static List<String> delete(NftTable table) {
        return List.of("nft delete table " + table);
    }

    /** Without the table, nothing is closed. */
    private static boolean isOpen(Ruleset ruleset, NftTable table) {
        return !ruleset.hasTable(table)
                || ruleset.content(table, SET)
                        .map(content -> !content.members().isEmpty())
                        .orElse(true);
    }
}
