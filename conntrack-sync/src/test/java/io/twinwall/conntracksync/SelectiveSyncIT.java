/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.concurrent.EpochClock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Which flows of one kernel are in the other, by rule; beside each flow kept here is one that must travel. */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SelectiveSyncIT {
    private static final int ASSURED = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;

    /** Milliseconds by which the wall clock of the age rules is ahead. */
    private final AtomicLong aheadMs = new AtomicLong();

    private final EpochClock clock = () -> System.currentTimeMillis() + aheadMs.get();
    private TestNet net;
    private KernelPair pair;
    private Conntrack source;
    private Conntrack mirror;

    @BeforeAll
    void open() {
        net = new TestNet();
        String a = KernelPair.firewall(net, RejoinIT.RULESET);
        String b = KernelPair.firewall(net, RejoinIT.RULESET);
        source = new Conntrack(a);
        mirror = new Conntrack(b);
        pair = new KernelPair(a, b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
    }

    @AfterEach
    void empty() {
        source.flush();
        select();
        mirrored();
    }

    @AfterAll
    void close() {
        try {
            source.close();
            mirror.close();
            pair.close();
        } finally {
            net.close();
        }
    }

    private static FlowRule.Builder skip() {
        return new FlowRule.Builder(false);
    }

    private static FlowRule.Builder sync() {
        return new FlowRule.Builder(true);
    }

    private static Entry udp(String name, String src, String dst, int port) {
        return new Entry(name, src, dst, IPPROTO_UDP, port, 53);
    }

    /** The rules in place, and the kernel read anew under them. */
    private void select(FlowRule.Builder... rules) {
        long audits = pair.a.counters.value("sync_audits_total");
        List<FlowRule> all = Arrays.stream(rules).map(FlowRule.Builder::build).toList();
        pair.a.offer(new SyncCommand.Select(FlowRules.of(all, clock)));
        Await.until("an audit", KernelPair.DEADLINE, () -> pair.a.counters.value("sync_audits_total") > audits);
    }

    /** Waits until the mirror's kernel holds exactly these. */
    private void mirrored(Entry... entries) {
        Set<String> keys = Stream.of(entries).map(Entry::key).collect(Collectors.toCollection(TreeSet::new));
        Await.until(
                "the mirror holds " + List.of(entries),
                KernelPair.DEADLINE,
                () -> mirror.dump().keySet().equals(keys));
    }

    /** Creates both, and finds the second in the mirror, and the first not, although it came before. */
    private void keepsHere(FlowRule.Builder rule, Entry kept, Entry control) {
        // Without the rule both travel.
        source.createAll(List.of(kept, control));
        mirrored(kept, control);
        source.deleteAll(List.of(kept, control));
        mirrored();
        select(rule);
        // By events.
        source.createAll(List.of(kept, control));
        mirrored(control);
        pair.a.barrier();
        mirrored(control);
        // By an audit, there and back.
        select();
        mirrored(kept, control);
        select(rule);
        mirrored(control);
        pair.awaitReady();
        // What was kept here ends here.
        source.deleteAll(List.of(kept, control));
        mirrored();
        select();
    }

    @Test
    void shouldKeepAProtocolHere() {
        keepsHere(
                skip().protocol(IPPROTO_UDP),
                Entry.udp("UDP", 1000),
                Entry.v4("SCTP", IPPROTO_SCTP, 1000, 53).with(e -> e.sctp(SCTP_CONNTRACK_ESTABLISHED, 1, 2)));
        keepsHere(
                skip().protocol(IPPROTO_UDP).ports(53, 53),
                Entry.v6("to port 53", IPPROTO_UDP, 1000, 53),
                Entry.v6("to port 54", IPPROTO_UDP, 1000, 54));
    }

    @Test
    void shouldKeepANetHereByTheAddressesBeforeTranslation() {
        keepsHere(
                skip().source(FlowRulesTest.net("10.7.0.0/16")),
                udp("from 10.7", "10.7.0.1", "192.0.2.7", 1).snat("203.0.113.1", 40_001),
                udp("to 10.7", "192.0.2.7", "10.7.0.1", 2).snat("203.0.113.1", 40_002));
        keepsHere(
                skip().destination(FlowRulesTest.net("10.7.0.0/16")),
                udp("to 10.7", "192.0.2.7", "10.7.0.1", 1).dnat("10.9.0.1", 53),
                udp("translated to 10.7", "192.0.2.7", "198.51.100.1", 2).dnat("10.7.0.1", 53));
        keepsHere(
                skip().either(FlowRulesTest.net("2001:db8:7::/48")),
                new Entry("to the net", "2001:db8::1", "2001:db8:7::1", IPPROTO_UDP, 1, 53),
                new Entry("to another", "2001:db8::1", "2001:db8:8::1", IPPROTO_UDP, 1, 53));
    }

    @Test
    void shouldKeepAZoneHere() {
        keepsHere(skip().zone(7), Entry.udp("zone 7", 1).zone(7), Entry.udp("no zone", 1));
        keepsHere(
                skip().zone(7),
                Entry.udp("zone 7", 1).origZone(7),
                Entry.udp("zone 8", 1).zone(8));
    }

    @Test
    void shouldLetTravelOnlyWhatAnExceptionNames() {
        select(sync().protocol(IPPROTO_TCP).either(FlowRulesTest.net("10.0.0.0/24")), skip());
        Entry wanted = Entry.tcp("wanted", 1);
        source.createAll(List.of(wanted, Entry.udp("UDP", 2), Entry.v6("IPv6", IPPROTO_UDP, 3, 53)));
        mirrored(wanted);
    }

    @Test
    void shouldHaveTheKernelNarrowADump() {
        Entry wanted = Entry.tcp("wanted", 1);
        source.createAll(List.of(wanted, Entry.udp("UDP", 2), Entry.v6("IPv6", IPPROTO_UDP, 3, 53)));
        mirrored(wanted, Entry.udp("UDP", 2), Entry.v6("IPv6", IPPROTO_UDP, 3, 53));
        long read = pair.a.counters.value("sync_audit_entries_total");
        select(sync().protocol(IPPROTO_TCP).source(FlowRulesTest.net("0.0.0.0/0")), skip());
        mirrored(wanted);
        pair.awaitReady();
        assertEquals(read + 1, pair.a.counters.value("sync_audit_entries_total"), "entries shown");
        assertEquals(0, pair.a.counters.value("sync_audit_failures_total"));
    }

    @Test
    void shouldFollowTheMarkThereAndBack() {
        select(skip().mark(0x10, 0xf0));
        Entry kept = Entry.tcp("marked", 1).with(e -> e.mark(0x1f)).then(e -> e.mark(0x2f));
        Entry control = Entry.tcp("marked otherwise", 2).with(e -> e.mark(0x2f)).then(e -> e.mark(0x1f));
        source.createAll(List.of(kept, control));
        mirrored(control);
        source.change(kept);
        mirrored(kept, control);
        // Whole, although the event told of nothing but the mark.
        assertEquals(
                source.dump().get(kept.key()).text(),
                mirror.dump().get(kept.key()).text());
        source.change(control);
        mirrored(kept);
        pair.awaitReady();
    }

    @Test
    void shouldFollowTheMarkToWhatIsWanted() {
        select(sync().mark(1, -1), skip());
        Entry wanted = Entry.tcp("wanted later", 1).then(e -> e.mark(1));
        source.createAll(List.of(wanted, Entry.tcp("never", 2)));
        pair.a.barrier();
        mirrored();
        source.change(wanted);
        mirrored(wanted);
    }

    @Test
    void shouldFollowTheStateOfATcpConnection() {
        select(skip().tcpStates(1 << TCP_CONNTRACK_TIME_WAIT | 1 << TCP_CONNTRACK_CLOSE));
        Entry closing = Entry.tcp("closing", 1).then(e -> e.tcp(TCP_CONNTRACK_TIME_WAIT, 7, 8, 0x23, 0x33));
        Entry control = Entry.tcp("half closed", 2).then(e -> e.tcp(TCP_CONNTRACK_CLOSE_WAIT, 7, 8, 0x23, 0x33));
        source.createAll(List.of(closing, control));
        mirrored(closing, control);
        source.change(closing);
        source.change(control);
        mirrored(control);
        assertEquals(2, source.dump().size());
    }

    @Test
    void shouldLetAFlowTravelOnceItIsOldEnough() {
        select(skip().protocol(IPPROTO_UDP).youngerThanS(60));
        Entry young = Entry.udp("young", 1).status(ASSURED).then(e -> e.mark(3));
        Entry control = Entry.tcp("of whatever age", 2);
        source.createAll(List.of(young, control));
        mirrored(control);
        source.change(young);
        pair.a.barrier();
        mirrored(control);
        aheadMs.addAndGet(61_000);
        mirrored(young, control);
        assertEquals(
                source.dump().get(young.key()).text(),
                mirror.dump().get(young.key()).text());
        // The clock set back calls nothing back.
        aheadMs.addAndGet(-3_600_000);
        source.change(young);
        select(skip().protocol(IPPROTO_UDP).youngerThanS(60));
        pair.a.barrier();
        mirrored(young, control);
    }

    @Test
    void shouldCountAgeFromTheStartThatTheKernelTells() throws Exception {
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_timestamp", "1");
        Entry old = Entry.udp("old", 1);
        source.create(old);
        mirrored(old);
        select(skip());
        mirrored();
        aheadMs.addAndGet(61_000);
        Entry young = Entry.udp("young", 2);
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_timestamp", "0");
        source.create(young);
        select(skip().youngerThanS(60));
        mirrored(old);
    }

    @Test
    void shouldNotWakeTheAgentForWhatNeverTravels() {
        select(skip().protocol(IPPROTO_UDP));
        Await.until("attached", KernelPair.DEADLINE, () -> pair.a.counters.value("sync_filter_in_kernel") == 1);
        pair.a.barrier();
        long events = pair.a.counters.value("sync_kernel_events_total");
        List<Entry> many = Stream.iterate(1, i -> i + 1)
                .limit(500)
                .map(i -> Entry.udp("UDP", i))
                .toList();
        source.createAll(many);
        source.deleteAll(many);
        Entry last = Entry.tcp("last", 1);
        source.create(last);
        mirrored(last);
        assertEquals(events + 1, pair.a.counters.value("sync_kernel_events_total"), "events that reached the agent");
        select(skip().mark(1, 1));
        Await.until("taken off", KernelPair.DEADLINE, () -> pair.a.counters.value("sync_filter_in_kernel") == 0);
        source.createAll(many);
        Await.until(
                "without the kernel's filter all reach it",
                KernelPair.DEADLINE,
                () -> pair.a.counters.value("sync_kernel_events_total") >= events + 501);
    }

    @Test
    void shouldCountWhatIsKeptHere() {
        long before = pair.a.counters.value("sync_skipped_total");
        source.create(Entry.udp("there before the rule", 1));
        select(skip().protocol(IPPROTO_UDP));
        Await.until("counted", KernelPair.DEADLINE, () -> pair.a.counters.value("sync_skipped_total") > before);
        assertEquals(1, pair.a.counters.value("sync_filter_rules"));
        assertTrue(pair.a.counters.value("sync_audit_swept_total") >= 1);
    }
}
