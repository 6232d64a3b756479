/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.conntracksync.Conntrack.Seen;
import io.twinwall.flowtable.FlowTable;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever anybody does to either kernel is noticed, brought in order by the rule of its side, and told with its reason. */
@RequireRoot
class ProofIT {
    /** A foreign entry is looked at twice, twelve seconds apart, by audits that are ten apart; an end may be late too. */
    private static final Duration SLOW = Duration.ofSeconds(60);

    /** What programs delete on the passive is back. */
    private static final Duration UNDONE_WITHIN = Duration.ofSeconds(2);

    private static final int FLOWS = 20;

    /** More than the event socket has room for. */
    private static final int MANY = 50_000;

    private TestNet net;
    private Conntrack source;
    private Conntrack mirror;
    private KernelPair pair;

    @BeforeEach
    void open() {
        net = new TestNet();
        String a = KernelPair.firewall(net, AttributeTruthIT.RULESET);
        String b = KernelPair.firewall(net, AttributeTruthIT.RULESET);
        source = new Conntrack(a);
        mirror = new Conntrack(b);
        pair = new KernelPair(a, b, KernelPair.EVENT_BUFFER_BYTES);
    }

    @AfterEach
    void close() {
        try {
            source.close();
            mirror.close();
            pair.close();
        } finally {
            net.close();
        }
    }

    @Test
    void shouldFollowWhatProgramsDoToTheActive() {
        start(flows());
        conntrack(pair.a, "-D", "-p", "udp", "--sport", "5000");
        source.change(marked());
        conntrack(pair.a, "-I", insertion());
        awaitSame();
        assertTrue(mirror.texts().stream().anyMatch(line -> line.contains("mark 7 ")));
        assertEquals(FLOWS, mirror.count());
        conntrack(pair.a, "-F");
        awaitSame();
        assertEquals(0, mirror.count());
        assertEqualAnd("kernel-table: deleted in the kernel by another program", 1 + FLOWS);
        assertEqualAnd("kernel-table: changed in the kernel by another program", 1);
        assertEqualAnd("kernel-table: created in the kernel by another program", 1);
    }

    @Test
    void shouldUndoAtOnceThatProgramsDeleteOnThePassive() {
        start(flows());
        long audits = pair.b.counters.value("sync_mirror_audits_total");
        conntrack(pair.b, "-D", "-p", "udp", "--sport", "5000");
        Await.until("made again", UNDONE_WITHIN, () -> mirror.count() == FLOWS);
        conntrack(pair.b, "-F");
        Await.until("all made again", UNDONE_WITHIN, () -> mirror.count() == FLOWS);
        assertEquals(audits, pair.b.counters.value("sync_mirror_audits_total"), "no audit was waited for");
        awaitSame();
        assertEqualAnd("mirror-kernel: deleted in the kernel by another program", 1 + FLOWS);
    }

    @Test
    void shouldMakeAgainAFlushedTableThatOverrunsTheEvents() {
        List<Entry> many = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            many.add(new Entry("flow " + i, "10.0." + i / 250 + "." + i % 250, "192.0.2.7", 17, 5000, 53));
        }
        start(many);
        mirror.flush();
        Await.until("not ready without its kernel", KernelPair.DEADLINE, () -> !pair.b.ready());
        Await.until("all made again", KernelPair.DEADLINE, () -> mirror.count() == MANY);
        awaitSame();
        assertTrue(pair.b.counters.value("sync_mirror_event_overruns_total") > 0, "the flush overran the events");
        assertTrue(pair.b.counters.value("sync_repaired_mirror_missing_total") > 0, "found by a comparison");
        assertTrue(pair.b.proof(true).equal());
    }

    @Test
    void shouldUndoAtTheNextComparisonThatProgramsChangeThePassive() {
        start(flows());
        mirror.change(marked());
        mirror.change(Entry.udp("soon to end", 5002).then(e -> e.timeoutS(30)));
        assertTrue(mirror.texts().stream().anyMatch(line -> line.contains("mark 7 ")));
        SyncProof found = pair.b.proof(true);
        assertTrue(found.complete());
        assertEquals(2, stage(found, "mirror-kernel").differing(), found::toString);
        awaitSame();
        assertTrue(mirror.dump().values().stream().allMatch(seen -> seen.timeoutS() > 1000), "none runs out");
        assertEqualAnd("mirror-kernel: changed in the kernel by another program", 2);
    }

    @Test
    void shouldUndoWithoutBeingAskedThatProgramsChangeThePassive() {
        start(flows());
        mirror.change(marked());
        conntrack(pair.b, "-I", insertion());
        assertEquals(FLOWS + 1, mirror.count());
        Await.until("as the source has it", SLOW, () -> source.texts().equals(mirror.texts()));
        assertEqualAnd("mirror-kernel: changed in the kernel by another program", 1);
        assertEqualAnd("mirror-kernel: in the kernel, and unknown to the source", 1);
    }

    @Test
    void shouldLeaveToThePassiveWhatIsItsOwn() {
        start(flows());
        // To loopback, and a broadcast that both nodes hear, and a connection that nobody has answered.
        List<Entry> own = List.of(
                new Entry("own", "10.0.0.9", "127.0.0.1", 17, 6000, 53),
                new Entry("unanswered", "10.0.0.9", "10.0.0.255", 17, 137, 137)
                        .status(8)
                        .timeoutS(100));
        mirror.createAll(own);
        for (int i = 0; i < 2; i++) {
            SyncProof proof = pair.b.proof(true);
            assertTrue(proof.complete() && proof.equal(), proof::toString);
        }
        assertEquals(FLOWS + 2, mirror.count());
    }

    @Test
    void shouldFindWhatNoEventToldOf() {
        start(flows());
        // What is made meanwhile has no place for events: neither its beginning nor its end is told.
        Entry silent = Entry.udp("silent", 7000).timeoutS(5000);
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_events", "0");
        source.createAll(List.of(silent));
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_events", "1");
        pair.a.barrier();
        assertEquals(FLOWS, mirror.count(), "no event told of it");
        Await.until("learnt", SLOW, () -> mirror.count() == FLOWS + 1);
        source.deleteAll(List.of(silent));
        SyncProof found = pair.a.proof(true);
        assertTrue(found.complete());
        assertEquals(1, stage(found, "kernel-table").differing(), found::toString);
        awaitSame();
        assertEquals(FLOWS, mirror.count());
        assertEqualAnd("kernel-table: in the kernel, though no event told of it", 1);
        assertEqualAnd("kernel-table: gone from the kernel, though no event told of it", 1);
    }

    @Test
    void shouldCostNothingWhileAllIsEqual() {
        List<Entry> all = new ArrayList<>(Entries.all());
        source.createAll(List.of(Entries.MASTER, Entries.ZONED_MASTER));
        all.removeIf(entry -> entry == Entries.MASTER || entry == Entries.ZONED_MASTER);
        start(all);
        assertTrue(pair.a.proof(true).complete());
        long deltas = pair.a.counters.value("sync_deltas_sent_total");
        long batches = pair.b.counters.value("sync_inject_batches_total");
        for (int i = 0; i < 5; i++) {
            SyncProof proof = (i % 2 == 0 ? pair.a : pair.b).proof(true);
            assertTrue(proof.complete() && proof.equal(), proof::toString);
            assertEquals(source.count(), stage(proof, "kernel-table").compared());
            assertEquals(source.count(), stage(proof, "mirror-kernel").compared());
        }
        assertEquals(deltas, pair.a.counters.value("sync_deltas_sent_total"), "deltas");
        assertEquals(batches, pair.b.counters.value("sync_inject_batches_total"), "requests to the passive's kernel");
        assertEquals(
                List.of(),
                pair.b.proof(false).repairs().stream()
                        .filter(repair -> !repair.stage().equals("kernel-table"))
                        .toList());
    }

    @Test
    void shouldKeepTimesWithinTheBoundWithoutAMessageAPacket() {
        // Like packets, whose timeouts no event tells of, are changes of an entry that has no place for events.
        Entry busy = Entry.udp("busy", 7000).timeoutS(180);
        Entry idle = Entry.tcp("idle", 7001).timeoutS(432_000);
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_events", "0");
        source.createAll(List.of(busy, idle));
        net.sysctl(pair.a.netNs, "net/netfilter/nf_conntrack_events", "1");
        pair.start();
        awaitSame();
        long deltas = pair.a.counters.value("sync_deltas_sent_total");
        for (int i = 0; i < 10; i++) {
            busy(180 + 5 * i);
            assertTrue(pair.a.proof(true).complete());
        }
        assertEquals(deltas, pair.a.counters.value("sync_deltas_sent_total"), "45 seconds are no news");
        awaitTimes();
        busy(1000);
        assertTrue(pair.a.proof(true).complete());
        awaitTimes();
        busy(100);
        assertTrue(pair.a.proof(true).complete());
        awaitTimes();
        assertEquals(deltas + 2, pair.a.counters.value("sync_deltas_sent_total"), "each is one");
        assertEquals(2, pair.a.counters.value("sync_audit_timeouts_total"));
        assertTrue(pair.a.proof(true).equal(), "a time is no difference");
    }

    @Test
    void shouldEndOnThePassiveWhatRanOutOnTheActive() {
        start(flows());
        source.createAll(List.of(Entry.udp("short", 7000).timeoutS(3)));
        Await.until("mirrored", KernelPair.DEADLINE, () -> mirror.count() == FLOWS + 1);
        Await.until("ended", SLOW, () -> mirror.count() == FLOWS);
        assertTrue(pair.a.proof(true).equal());
        assertEquals(0, pair.a.counters.value("sync_repaired_end_missed_total"), "it ran out, nothing was missed");
    }

    /** The control: the passive's agent has ended, and with it who looks. */
    @Test
    void shouldStayDifferentWhenNobodyCompares() {
        start(flows());
        pair.b.close();
        conntrack(pair.b, "-F");
        conntrack(pair.b, "-I", insertion());
        long endNs = System.nanoTime() + UNDONE_WITHIN.toNanos();
        while (System.nanoTime() - endNs < 0) {
            assertEquals(1, mirror.count());
        }
        assertNotEquals(source.texts(), mirror.texts());
    }

    private void busy(int timeoutS) {
        source.change(Entry.udp("busy", 7000).then(e -> e.timeoutS(timeoutS)));
    }

    private void awaitTimes() {
        Await.until("times within the bound", KernelPair.DEADLINE, () -> {
            Map<String, Seen> there = mirror.dump();
            return source.dump().entrySet().stream().allMatch(entry -> {
                Seen copy = there.get(entry.getKey());
                assertNotNull(copy, entry.getKey());
                long remainingS = entry.getValue().timeoutS();
                long off = Math.abs(copy.timeoutS() - Injector.HOLD_SECONDS - remainingS);
                return off <= FlowTable.timeoutSlackMs(remainingS * 1000) / 1000 + 1;
            });
        });
    }

    private static List<Entry> flows() {
        List<Entry> flows = new ArrayList<>();
        for (int i = 0; i < FLOWS; i++) {
            flows.add(Entry.udp("flow " + i, 5000 + i));
        }
        return flows;
    }

    /** What {@code conntrack -U --mark 7} asks for; it sends more, which not every entry can take. */
    private static Entry marked() {
        return Entry.udp("marked", 5001).then(e -> e.mark(7));
    }

    private static String[] insertion() {
        return "-p udp -s 10.0.0.9 -d 192.0.2.7 --sport 6000 --dport 53 -t 900 -u SEEN_REPLY,ASSURED".split(" ");
    }

    private void start(List<Entry> flows) {
        source.createAll(flows);
        pair.start();
        awaitSame();
    }

    private static void conntrack(PairNode node, String verb, String... more) {
        List<String> command = new ArrayList<>(List.of("conntrack", verb));
        command.addAll(List.of(more));
        Cmd.in(node.netNs, command.toArray(String[]::new));
    }

    private static SyncProof.Stage stage(SyncProof proof, String name) {
        return proof.stages().stream()
                .filter(stage -> stage.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    /** On both nodes: all is equal, and as many flows were repaired for that reason. */
    private void assertEqualAnd(String why, long flows) {
        for (PairNode node : List.of(pair.a, pair.b)) {
            Await.until(node.netNs + " tells that all is equal, and was not: " + why, KernelPair.DEADLINE, () -> {
                SyncProof proof = node.proof(true);
                return proof.equal()
                        && proof.repairs().stream()
                                .anyMatch(repair -> why.equals(repair.stage() + ": " + repair.why()));
            });
        }
        long counted = 0;
        for (RepairWhy each : RepairWhy.values()) {
            String metric = "sync_repaired_" + each.metric + "_total";
            counted += why.equals(each.stage + ": " + each.text)
                    ? pair.a.counters.value(metric) + pair.b.counters.value(metric)
                    : 0;
        }
        assertEquals(flows, counted, why);
    }

    private void awaitSame() {
        pair.awaitReady();
        try {
            Await.until(
                    "same entries", KernelPair.DEADLINE, () -> source.texts().equals(mirror.texts()));
        } catch (AssertionError e) {
            assertEquals(String.join("\n", source.texts()), String.join("\n", mirror.texts()));
        }
    }
}
