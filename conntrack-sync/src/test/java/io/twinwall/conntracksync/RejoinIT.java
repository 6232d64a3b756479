/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.TCP_CONNTRACK_TIME_WAIT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a passive's kernel holds from before does not stand in the way of what the source says. */
@RequireRoot
class RejoinIT {
    static final String RULESET = """
            table inet t {
              chain f { type filter hook forward priority 0; ct state new accept; }
              chain n { type nat hook postrouting priority 100; }
            }
            """;

    private static final Entry STAYS = Entry.tcp("stays", 4000).snat("203.0.113.1", 40_000);
    private static final Entry ENDS = Entry.tcp("ends meanwhile", 4001).snat("203.0.113.1", 40_001);
    private static final Entry CHANGES =
            Entry.tcp("changes meanwhile", 4002).then(e -> e.tcp(TCP_CONNTRACK_TIME_WAIT, 7, 8, 0x23, 0x33));
    private static final Entry BEGINS = Entry.tcp("begins meanwhile", 4003).dnat("10.9.9.9", 8080);

    private TestNet net;
    private Conntrack source;
    private Conntrack mirror;
    private KernelPair pair;

    @BeforeEach
    void open() {
        net = new TestNet();
        String a = KernelPair.firewall(net, RULESET);
        String b = KernelPair.firewall(net, RULESET);
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
    void shouldSweepAtRejoinWhatEndedMeanwhile() {
        source.createAll(List.of(STAYS, ENDS, CHANGES));
        pair.start();
        awaitSame();
        int id = mirror.dump().get(STAYS.key()).id();

        pair.a.endSession();
        pair.b.endSession();
        source.delete(ENDS);
        source.change(CHANGES);
        source.createAll(List.of(BEGINS));
        pair.newSession();

        awaitSame();
        assertEquals(id, mirror.dump().get(STAYS.key()).id(), "what did not change is left alone");
    }

    @Test
    void shouldSweepAtRejoinWhenThePeersAgentBeginsAnewOverAFullKernel() {
        source.createAll(List.of(STAYS, ENDS, CHANGES));
        // The kernel of the passive holds what its agent, which has ended since, once put there.
        mirror.createAll(List.of(STAYS, ENDS, CHANGES));
        source.delete(ENDS);
        pair.start();
        awaitSame();
    }

    @Test
    void shouldReplaceForeignEntriesOfTheSameKey() {
        source.createAll(List.of(STAYS, CHANGES, BEGINS));
        mirror.createAll(List.of(
                Entry.tcp("other SNAT", 4000).snat("203.0.113.9", 49_999),
                Entry.tcp("SNAT instead of none", 4002).snat("203.0.113.9", 49_998),
                Entry.tcp("none instead of DNAT", 4003)));
        pair.start();
        awaitSame();
        assertEquals(0, pair.b.counters.value("sync_inject_refused_total"));
    }

    @Test
    void shouldReplaceAForeignEntryThatHoldsTheTranslatedPort() {
        source.createAll(List.of(STAYS));
        mirror.createAll(
                List.of(Entry.tcp("another flow of the same reply", 4999).snat("203.0.113.1", 40_000)));
        pair.start();
        Await.until(
                "the true flow is in the mirror's kernel",
                KernelPair.DEADLINE,
                () -> mirror.dump().containsKey(STAYS.key()));
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
