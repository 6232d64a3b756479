/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import io.twinwall.netlink.NftChainInfo;
import io.twinwall.netlink.NftConst;
import io.twinwall.netlink.RtLink;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the ruleset lets heartbeats and stream through, and keeps them from connection tracking: each packet of theirs is sent
 * through the rules in thought.
 */
final class LinkRulesExam implements Exam {
    /** Stands for the port that the kernel chooses for the sending end of the stream. */
    private static final int CHOSEN_PORT = 40_000;

    private static final String TABLE = "inet twinwall_sync";

    /** A packet of a link's, and the match of a rule for it. */
    private record Sample(Packet packet, String match) {}

    @Override
    public void look(Host host, Plan plan, Findings found) throws Unanswered {
        Ruleset ruleset = host.ruleset();
        Network network = Network.of(host);
        Set<String> told = new LinkedHashSet<>();
        for (Plan.Link link : plan.links()) {
            Optional<RtLink> way = network.way(link);
            if (way.isPresent()) {
                filtered(ruleset, link, received(link, way.get()), true, found);
                filtered(ruleset, link, sent(link, way.get()), false, found);
                tracked(ruleset, link, way.get(), told, found);
            }
        }
    }

    private static List<Sample> received(Plan.Link link, RtLink by) {
        InetAddress here = link.local().getAddress();
        InetAddress there = link.peer().getAddress();
        String from = "iifname \"" + by.name() + "\" " + family(link) + " saddr " + there.getHostAddress();
        int to = link.local().getPort();
        int answered = link.peer().getPort();
        return link.use() == Plan.Use.HEARTBEATS
                ? List.of(new Sample(Packet.received(there, answered, here, to, by), from + " udp dport " + to))
                : List.of(
                        new Sample(Packet.received(there, CHOSEN_PORT, here, to, by), from + " udp dport " + to),
                        new Sample(
                                Packet.received(there, answered, here, CHOSEN_PORT, by),
                                from + " udp sport " + answered));
    }

    private static List<Sample> sent(Plan.Link link, RtLink by) {
        InetAddress here = link.local().getAddress();
        InetAddress there = link.peer().getAddress();
        String to = "oifname \"" + by.name() + "\" " + family(link) + " daddr " + there.getHostAddress();
        int from = link.local().getPort();
        int asked = link.peer().getPort();
        return link.use() == Plan.Use.HEARTBEATS
                ? List.of(new Sample(Packet.sent(here, from, there, asked, by), to + " udp dport " + asked))
                : List.of(
                        new Sample(Packet.sent(here, CHOSEN_PORT, there, asked, by), to + " udp dport " + asked),
                        new Sample(Packet.sent(here, from, there, CHOSEN_PORT, by), to + " udp sport " + from));
    }

    private static String family(Plan.Link link) {
        return link.ipv4() ? "ip" : "ip6";
    }

    private static void filtered(Ruleset ruleset, Plan.Link link, List<Sample> samples, boolean in, Findings found) {
        List<String> commands = new ArrayList<>();
        boolean answersPass = true;
        for (Sample sample : samples) {
            Answer untracked = untracked(ruleset, sample.packet(), in);
            List<NftChainInfo> dropping = dropping(ruleset, sample.packet(), state(untracked), in);
            for (NftChainInfo chain : dropping) {
                commands.add("nft insert rule " + chain + " " + Shell.quoted(sample.match() + " accept"));
            }
            answersPass &= dropping.isEmpty()
                    || (untracked != Answer.YES
                            && dropping(ruleset, sample.packet(), Optional.of(NftConst.NF_CT_STATE_ESTABLISHED_BIT), in)
                                    .isEmpty());
        }
        if (commands.isEmpty()) {
            return;
        }
        String what = "The ruleset drops what " + (in ? "comes in" : "goes out") + " by " + link.title();
        Remedy remedy = Remedy.run(commands).saying("And into the ruleset's file, on both hosts.");
        if (answersPass) {
            found.warning(
                    "link-filtered-at-first",
                    what + " unless it answers something.",
                    "It works only after both nodes have sent, and as long as connection tracking remembers that: not"
                            + " after a flush, nor when the table is full.",
                    remedy);
        } else {
            found.error(
                    "link-filtered",
                    what + ".",
                    link.use() == Plan.Use.HEARTBEATS
                            ? "The nodes do not hear each other by it."
                            : "No flows travel by it, so the passive never becomes ready.",
                    remedy);
        }
    }

    private static Optional<Integer> state(Answer untracked) {
        return switch (untracked) {
            case YES -> Optional.of(NftConst.NF_CT_STATE_UNTRACKED_BIT);
            case NO -> Optional.of(NftConst.NF_CT_STATE_NEW_BIT);
            case PERHAPS -> Optional.empty();
        };
    }

    private static Answer untracked(Ruleset ruleset, Packet packet, boolean in) {
        return Walk.pass(ruleset, packet, first(in), priority -> priority < NftConst.NF_IP_PRI_CONNTRACK)
                .untracked();
    }

    private static int first(boolean in) {
        return in ? NftConst.NF_INET_PRE_ROUTING : NftConst.NF_INET_LOCAL_OUT;
    }

    private static List<NftChainInfo> dropping(Ruleset ruleset, Packet packet, Optional<Integer> state, boolean in) {
        Packet seen = packet.inState(state);
        int second = in ? NftConst.NF_INET_LOCAL_IN : NftConst.NF_INET_POST_ROUTING;
        List<NftChainInfo> dropping = new ArrayList<>();
        dropping.addAll(Walk.pass(ruleset, seen, first(in), priority -> true).dropping());
        dropping.addAll(Walk.pass(ruleset, seen, second, priority -> true).dropping());
        return dropping;
    }

    private static void tracked(Ruleset ruleset, Plan.Link link, RtLink by, Set<String> told, Findings found) {
        InetAddress here = link.local().getAddress();
        InetAddress there = link.peer().getAddress();
        boolean tracked = received(link, by).stream()
                        .anyMatch(one -> untracked(ruleset, one.packet(), true) == Answer.NO)
                || sent(link, by).stream().anyMatch(one -> untracked(ruleset, one.packet(), false) == Answer.NO);
        if (!tracked || !told.add(by.name() + " " + here.getHostAddress() + " " + there.getHostAddress())) {
            return;
        }
        String family = family(link);
        String in = "iifname \"" + by.name() + "\" " + family + " saddr " + there.getHostAddress() + " " + family
                + " daddr " + here.getHostAddress() + " meta l4proto udp notrack";
        String out = "oifname \"" + by.name() + "\" " + family + " saddr " + here.getHostAddress() + " " + family
                + " daddr " + there.getHostAddress() + " meta l4proto udp notrack";
        found.warning(
                "link-tracked",
                "Connection tracking follows the pair's own packets on " + by.name() + ": no notrack.",
                "They make events of their own and need room in the table: when that is full, heartbeats of a new start"
                        + " are dropped, too.",
                Remedy.run(
                                "nft add table " + TABLE,
                                "nft 'add chain " + TABLE
                                        + " prerouting { type filter hook prerouting priority raw; }'",
                                "nft 'add chain " + TABLE + " output { type filter hook output priority raw; }'",
                                "nft add rule " + TABLE + " prerouting " + Shell.quoted(in),
                                "nft add rule " + TABLE + " output " + Shell.quoted(out))
                        .saying("And into the ruleset's file, on both hosts with their own addresses."));
    }
}
