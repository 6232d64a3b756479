/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.conntracksync.Conntrack.Seen;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is put into one kernel is in the other: each attribute, its change and its end, by netlink and by conntrack(8). */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AttributeTruthIT {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** What the clocks' grain and the way may cost. */
    private static final long SLACK_SECONDS = 2;

    static final String RULESET = """
            table inet t {
              chain f { type filter hook forward priority 0; ct state new ct label 1 accept; }
              chain n { type nat hook postrouting priority 100; }
            }
            """;

    private TestNet net;
    private KernelPair pair;
    private Conntrack source;
    private Conntrack mirror;

    @BeforeAll
    void open() {
        net = new TestNet();
        String a = KernelPair.firewall(net, RULESET);
        String b = KernelPair.firewall(net, RULESET);
        source = new Conntrack(a);
        mirror = new Conntrack(b);
        pair = new KernelPair(a, b, KernelPair.EVENT_BUFFER_BYTES);
        pair.start();
    }

    @AfterEach
    void empty() {
        source.flush();
        mirror.flush();
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

    static List<Entry> entries() {
        return Entries.all();
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("entries")
    void shouldMirrorAnEntryItsChangeAndItsEnd(Entry entry) {
        createMasters(entry);
        assertEquals(0, source.create(entry), "errno of the source's kernel");
        Seen made = awaitEqual(entry, "made");
        if (entry.hasChanges()) {
            // Not by the id: an entry made anew where the old one was has the same.
            long created = created();
            source.change(entry);
            Seen changed = awaitEqual(entry, "changed");
            assertNotEquals(made.text(), changed.text(), "the change of the test changes nothing");
            assertEquals(created, created(), "the mirror changes an entry by an update, not by a new one");
        }
        source.delete(entry);
        Await.until(entry + " gone", DEADLINE, () -> mirror.dump().get(entry.key()) == null);
        // Deleted by the masters' end with them.
        assertTrue(source.dump().size() <= 1);
    }

    private long created() {
        return pair.b.counters.value("sync_inject_made_total");
    }

    private void createMasters(Entry entry) {
        for (Entry master : List.of(Entries.MASTER, Entries.ZONED_MASTER)) {
            if (entry.name.startsWith("child") && entry.name.endsWith("zone") == (master == Entries.ZONED_MASTER)) {
                assertEquals(0, source.create(master));
            }
        }
    }

    /** Waits until both kernels say the same of the entry; the failure shows what each says. Returns the mirror's. */
    private Seen awaitEqual(Entry entry, String when) {
        Seen[] seen = new Seen[2];
        try {
            Await.until(entry + " " + when + " and mirrored", DEADLINE, () -> {
                seen[0] = source.dump().get(entry.key());
                seen[1] = mirror.dump().get(entry.key());
                return seen[0] != null
                        && seen[1] != null
                        && seen[0].text().equals(seen[1].text())
                        && Math.abs(seen[1].timeoutS() - hold(entry) - seen[0].timeoutS()) <= SLACK_SECONDS;
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\nsource " + seen[0] + "\nmirror " + seen[1], e);
        }
        return seen[1];
    }

    /** What the mirror adds, where the kernel lets it take that away again. */
    private static long hold(Entry entry) {
        return entry.hasFixedTimeout() ? 0 : Injector.HOLD_SECONDS;
    }

    @Order(2)
    @Test
    void shouldNotMirrorAConnectionBeforeItsFirstAnswer() {
        Entry half = Entry.v4("SYN_SENT", IPPROTO_TCP, 2500, 80)
                .status(IPS_CONFIRMED)
                .with(e -> e.tcp(TCP_CONNTRACK_SYN_SENT, 7, 0, 0x23, 0))
                .then(e -> e.tcp(TCP_CONNTRACK_SYN_RECV, 7, 8, 0x23, 0x33));
        assertEquals(0, source.create(half));
        pair.a.barrier();
        assertNull(mirror.dump().get(half.key()));
        source.change(half);
        awaitEqual(half, "answered");
    }

    @Order(3)
    @Test
    void shouldKeepTheLastOfManyChanges() {
        Entry entry = Entry.tcp("changed often", 2501);
        assertEquals(0, source.create(entry));
        for (int i = 1; i <= 1000; i++) {
            int mark = i;
            source.change(Entry.tcp("changed often", 2501).then(e -> e.mark(mark)));
        }
        pair.a.barrier();
        assertTrue(awaitEqual(entry, "changed").text().contains("mark 1000 "));
    }

    @Order(4)
    @Test
    void shouldPrintTheSameInConntracksOwnListingOnBothSides() {
        createAll();
        pair.a.barrier();
        List<String> lines = source.list();
        assertEquals(Entries.all().size(), lines.size(), () -> String.join("\n", lines));
        assertEquals(String.join("\n", lines), String.join("\n", mirror.list()));
    }

    /** Ends the pair as it was, so it comes last. */
    @Order(5)
    @Test
    void shouldGiveFlowsTheirOwnTimeoutsBackAtTakeover() {
        createAll();
        pair.a.barrier();
        Map<String, Seen> before = source.dump();
        pair.takeOver();
        pair.b.correctTimeouts();
        Map<String, Seen> after = mirror.dump();
        List<String> wrong = new ArrayList<>();
        for (Entry entry : Entries.all()) {
            Seen then = before.get(entry.key());
            Seen now = after.get(entry.key());
            assertNotNull(now, entry.name);
            if (!then.text().equals(now.text()) || Math.abs(then.timeoutS() - now.timeoutS()) > SLACK_SECONDS) {
                wrong.add(entry + ": " + then + " became " + now);
            }
        }
        assertEquals(List.of(), wrong);
    }

    private void createAll() {
        for (Entry entry : Entries.all()) {
            assertEquals(0, source.create(entry), entry.name);
        }
    }
}
