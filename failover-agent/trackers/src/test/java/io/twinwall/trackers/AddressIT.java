/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.POLLIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import io.twinwall.trackers.TrackSpec.Method;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Test addresses that answer, are silent, and answer again. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class AddressIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final TrackSpec.Address ARP = Specs.address("arp", Method.ARP, "10.10.0.9");
    private static final TrackSpec.Address ND = Specs.address("nd", Method.ND, "fd00:10::9");
    private static final TrackSpec.Address ICMP4 = Specs.address("icmp4", Method.ICMP, "10.10.0.9");
    private static final TrackSpec.Address ICMP6 = Specs.address("icmp6", Method.ICMP, "fd00:10::9");

    private Town town;
    private Watch watch;

    @BeforeEach
    void open(TestNet net) {
        town = new Town(net);
    }

    @AfterEach
    void close() {
        if (watch != null) {
            watch.close();
        }
    }

    private void watch(TrackSpec... specs) {
        watch = Watch.in(town.node, specs);
    }

    @Test
    void shouldNoticeByEachMethodThatAnAddressFallsSilentAndAnswersAgain() {
        town.settle();
        watch(ARP, ND, ICMP4, ICMP6);
        watch.awaitAll(Verdict.UP);
        watch.awaitReach(Reach.ANSWERED);
        assertEquals("fd00:10:0:0:0:0:0:9 answers", watch.state("nd").detail());
        town.filter("");
        watch.awaitAll(Verdict.DOWN);
        watch.awaitReach(Reach.SILENT);
        assertEquals(
                "10.10.0.9 does not answer arp on lan0 within 60 ms",
                watch.state("arp").detail());
        assertEquals(80, watch.heard.getLast().penalty());
        town.clear();
        watch.awaitAll(Verdict.UP);
        watch.awaitReach(Reach.ANSWERED);
    }

    @Test
    void shouldHearItsOwnMethodOnly() {
        town.settle();
        settleNeighbours();
        watch(ARP, ND, ICMP4, ICMP6);
        Map<String, String> rules = Map.of(
                "arp", "ether type arp",
                "nd", "icmpv6 type nd-neighbor-solicit",
                "icmp4", "ip protocol icmp",
                "icmp6", "icmpv6 type echo-request");
        rules.forEach((name, rule) -> {
            watch.awaitAll(Verdict.UP);
            town.filter(rule);
            watch.await(name, Verdict.DOWN);
            watch.trackers.health().trackers().stream()
                    .filter(state -> !state.name().equals(name))
                    .forEach(state -> assertEquals(Verdict.UP, state.verdict(), state + " with " + rule));
            assertEquals(Reach.ANSWERED, watch.trackers.health().reach(), "one of them is enough");
            town.clear();
        });
    }

    /** So that an echo needs neither ARP nor neighbour discovery of the kernel's own. */
    private void settleNeighbours() {
        List<String> words = List.of(
                Cmd.in(town.host, "ip", "-o", "link", "show", "dev", "net0").split("\\s+"));
        String mac = words.get(words.indexOf("link/ether") + 1);
        for (String address : List.of("10.10.0.9", "fd00:10::9")) {
            Cmd.in(town.node, "ip", "neigh", "replace", address, "lladdr", mac, "dev", "lan0", "nud", "permanent");
        }
    }

    @Test
    void shouldTellOfAnswersToWhatIsAskedOutOfTurn() {
        town.settle();
        Timing slow = Timing.of(Duration.ofMinutes(30), Duration.ofSeconds(1), 1, 1);
        for (TrackSpec.Address spec : List.of(
                Specs.address("arp", Method.ARP, "10.10.0.9", slow),
                Specs.address("nd", Method.ND, "fd00:10::9", slow),
                Specs.address("icmp4", Method.ICMP, "10.10.0.9", slow),
                Specs.address("icmp6", Method.ICMP, "fd00:10::9", slow))) {
            try (Watch one = Watch.in(town.node, spec)) {
                one.await(spec.name(), Verdict.UP);
                assertEquals(List.of(), one.answers, "nobody asked");
                long askedNs = System.nanoTime();
                one.trackers.ask();
                Await.until("an answer by " + spec.name(), SOON, () -> !one.answers.isEmpty());
                Tracker.Answer answer = one.answers.getFirst();
                assertTrue(answer.begunNs() >= askedNs && answer.answeredNs() >= answer.begunNs(), answer::toString);
                town.filter("");
                one.trackers.ask();
                one.trackers.replace(List.of(spec, Specs.link("lan", 1, "lan0")));
                one.await("lan", Verdict.UP);
                assertEquals(1, one.answers.size(), "it was filtered");
                town.clear();
                one.trackers.ask();
                Await.until("another answer by " + spec.name(), SOON, () -> one.answers.size() > 1);
                assertEquals(Verdict.UP, one.verdict(spec.name()), "it is judged by its own tries");
            }
        }
    }

    @Test
    void shouldDecideAfterSoManyTriesInARow() {
        town.settle();
        Timing timing = Specs.timing(4, 3);
        watch(Specs.address("arp", Method.ARP, "10.10.0.9", timing));
        watch.await("arp", Verdict.UP);
        long filteredNs = System.nanoTime();
        town.filter("");
        long fellNs = watch.await("arp", Verdict.DOWN).sinceNs() - filteredNs;
        assertTrue(fellNs >= 2 * timing.intervalNs(), "fell after " + fellNs);
        long clearedNs = System.nanoTime();
        town.clear();
        long roseNs = watch.await("arp", Verdict.UP).sinceNs() - clearedNs;
        assertTrue(roseNs >= 3 * timing.intervalNs(), "rose after " + roseNs);
    }

    @Test
    void shouldAskByArpWithoutAnAddressOfItsOwnAndNeverFromAVirtualOne() {
        town.net.address(town.node, "lan0", "10.10.0.254/24");
        town.count("arp saddr ip != 0.0.0.0");
        watch = Watch.in(town.node, List.of("10.10.0.254"), ARP);
        watch.await("arp", Verdict.UP);
        assertEquals(0, town.counted(), "asked from nowhere");
        town.net.address(town.node, "lan0", "10.20.0.1/24");
        town.net.address(town.node, "lan0", "10.10.0.1/24");
        Await.until("a question from the node's own address of that subnet", SOON, () -> town.counted() > 0);
        town.clear();
        town.count("arp saddr ip != 10.10.0.1");
        Cmd.in(town.node, "ip", "address", "delete", "10.20.0.1/24", "dev", "lan0");
        awaitTries(3);
        assertEquals(0, town.counted(), "neither from another subnet nor from the virtual one");
        Cmd.in(town.node, "ip", "address", "delete", "10.10.0.1/24", "dev", "lan0");
        Await.until("a question from nowhere again", SOON, () -> town.counted() > 0);
        assertEquals(Verdict.UP, watch.verdict("arp"));
    }

    /** Until the host has heard so many questions; leaves its counter as it is. */
    private void awaitTries(int tries) {
        long before = received();
        Await.until(tries + " tries", SOON, () -> received() >= before + tries);
    }

    private long received() {
        String counters = Cmd.in(town.host, "cat", "/proc/net/dev")
                .lines()
                .filter(line -> line.strip().startsWith("net0:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(List.of(counters.strip().split("\\s+")).get(2));
    }

    @Test
    void shouldAskNothingFromAVirtualAddress() {
        // First, so that the kernel chooses them.
        town.net.address(town.node, "lan0", "10.10.0.254/24");
        town.net.address(town.node, "lan0", "fd00:10::254/64");
        town.settle();
        Cmd.in(town.node, "ip", "address", "change", "fd00:10::1/64", "dev", "lan0", "preferred_lft", "0");
        for (String target : List.of("10.10.0.9", "fd00:10::9")) {
            String route = Cmd.in(town.node, "ip", "route", "get", target);
            assertTrue(route.contains("10.10.0.254") || route.contains("fd00:10::254"), route);
        }
        settleNeighbours();
        for (String virtual : List.of("ip saddr 10.10.0.254", "ip6 saddr fd00:10::254", "arp saddr ip 10.10.0.254")) {
            town.count(virtual);
            try (Watch asking = Watch.in(town.node, List.of("10.10.0.254", "fd00:10::254"), ARP, ND, ICMP4, ICMP6)) {
                asking.awaitAll(Verdict.UP);
                awaitTries(8);
                assertEquals(0, town.counted(), virtual);
            }
            town.clear();
        }
    }

    @Test
    void shouldRatherFailThanDependOnWhoIsActive() {
        town.net.address(town.node, "lan0", "10.10.0.254/24");
        watch = Watch.in(
                town.node,
                List.of("10.10.0.254"),
                ICMP4,
                new TrackSpec.Address("arp", Penalty.FAULT, Specs.QUICK, Method.ARP, Specs.ip("10.10.0.9"), "lan0"));
        assertEquals(
                "lan0 has no address of its own to ask 10.10.0.9 from",
                watch.await("icmp4", Verdict.DOWN).detail());
        Cmd.in(town.node, "ip", "address", "delete", "10.10.0.254/24", "dev", "lan0");
        watch.awaitDetail("icmp4", "10.10.0.9 does not answer icmp on lan0 within 60 ms");
        assertEquals(Verdict.UP, watch.await("arp", Verdict.UP).verdict(), "there is a method for such a node");
    }

    @Test
    void shouldSolicitFromItsOwnAddressWithoutALinkLocalOne() {
        Cmd.in(town.node, "ip", "address", "flush", "dev", "lan0", "scope", "link");
        town.net.address(town.node, "lan0", "fd00:10::254/64");
        town.count("ip6 saddr fd00:10::254");
        watch = Watch.in(town.node, List.of("fd00:10::254"), ND);
        assertEquals(
                "lan0 has no address of its own to ask fd00:10:0:0:0:0:0:9 from",
                watch.await("nd", Verdict.DOWN).detail());
        assertEquals(0, town.counted(), "rather not at all than from the virtual one");
        town.net.address(town.node, "lan0", "fd00:10::1/64");
        watch.await("nd", Verdict.UP);
        assertEquals(0, town.counted());
    }

    @Test
    void shouldAskOnAfterItsInterfaceWasMadeAnew() {
        town.settle();
        watch(ARP, ND, ICMP4, ICMP6);
        watch.awaitAll(Verdict.UP);
        town.net.down(town.host, "net0");
        watch.awaitAll(Verdict.DOWN);
        watch.awaitDetail("icmp6", "lan0 has no carrier");
        Cmd.in(town.node, "ip", "link", "delete", "lan0");
        watch.awaitDetail("nd", "there is no interface lan0");
        town.connect();
        town.settle();
        watch.awaitAll(Verdict.UP);
        Cmd.in(town.node, "ip", "link", "set", "lan0", "address", "02:00:00:00:00:77");
        town.count("arp saddr ether 02:00:00:00:00:77");
        Await.until("the new hardware address in a question", SOON, () -> town.counted() > 0);
        watch.awaitAll(Verdict.UP);
    }

    @Test
    void shouldKeepNamespacesApart(TestNet net) {
        Town second = new Town(net);
        second.settle();
        town.settle();
        second.filter("");
        watch(ARP, ICMP6);
        try (Watch away = Watch.in(second.node, ARP, ICMP6)) {
            away.awaitAll(Verdict.DOWN);
            away.awaitReach(Reach.SILENT);
            watch.awaitAll(Verdict.UP);
            second.clear();
            town.filter("");
            away.awaitAll(Verdict.UP);
            watch.awaitAll(Verdict.DOWN);
        }
    }

    @Test
    void shouldNotTakeAnothersAnswerForItsOwn() throws Exception {
        town.settle();
        for (String address : List.of("10.10.0.9", "fd00:10::9")) {
            try (IcmpProbe one = icmp(address);
                    IcmpProbe two = icmp(address)) {
                assertEquals("", two.ask(7));
                Await.until("an answer", SOON, () -> two.answered(7));
                assertFalse(one.answered(7), "the other asked");
                assertEquals("", one.ask(7));
                assertTrue(Posix.poll(one.fd(), POLLIN, 5000) > 0);
                assertFalse(one.answered(8), "it answers what was asked before");
            }
        }
    }

    private IcmpProbe icmp(String address) throws Exception {
        return NetNs.call(town.node, () -> new IcmpProbe(Posix.ifNameToIndex("lan0"), "lan0", null, Specs.ip(address)));
    }
}
