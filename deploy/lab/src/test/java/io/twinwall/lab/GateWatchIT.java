/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The measure of open gates, on firewalls whose gates are opened and shut by hand: it must see two, and see one. */
@RequireRoot
class GateWatchIT {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long WINDOW_NS = 300_000_000;
    private static final long SLACK_NS = 20_000_000;

    private Lab lab;
    private GateWatch gates;

    @BeforeEach
    void build() {
        lab = Lab.create();
        shut(FirewallNode.FW_B);
        ByHand.addVips(lab.namespace(FirewallNode.FW_A));
        gates = new GateWatch(lab);
        long fromNs = System.nanoTime();
        Await.until(
                "fw-a lets questions through and answers",
                DEADLINE,
                () -> openNs(gates.through(FirewallNode.FW_A), fromNs) > 0
                        && openNs(gates.answering(FirewallNode.FW_A), fromNs) > 0);
    }

    @AfterEach
    void remove() {
        gates.close();
        lab.close();
    }

    @Test
    void shouldSeeOneOpenGateWithoutAGap() {
        long fromNs = System.nanoTime();
        long toNs = pass(fromNs);
        long openNs = Span.totalNs(Span.within(gates.through(FirewallNode.FW_A), fromNs, toNs));
        assertTrue(openNs > toNs - fromNs - SLACK_NS, "open for " + openNs + " of " + (toNs - fromNs));
        assertEquals(0, twoNs(fromNs, toNs));
        assertTrue(gates.missed() < 16, gates.missed() + " frames missed");
    }

    @Test
    void shouldSeeTwoGatesThatLetPacketsThrough() {
        long beforeNs = System.nanoTime();
        open(FirewallNode.FW_B);
        long fromNs = System.nanoTime();
        long toNs = pass(fromNs);
        shut(FirewallNode.FW_B);
        long shutNs = System.nanoTime();
        long endNs = pass(shutNs + SLACK_NS);
        assertTrue(twoNs(fromNs, toNs) > WINDOW_NS - SLACK_NS, () -> "two open for " + twoNs(fromNs, toNs));
        assertEquals(0, twoNs(shutNs + SLACK_NS, endNs));
        assertEquals(0, Span.totalNs(Span.within(gates.answering(FirewallNode.FW_B), beforeNs, endNs)));
    }

    @Test
    void shouldSeeTwoThatAnswerForAnAddress() {
        ByHand.addVips(lab.namespace(FirewallNode.FW_B));
        long fromNs = System.nanoTime();
        long toNs = pass(fromNs);
        ByHand.deleteVips(lab.namespace(FirewallNode.FW_B));
        long goneNs = System.nanoTime();
        long endNs = pass(goneNs + SLACK_NS);
        assertTrue(twoNs(fromNs, toNs) > WINDOW_NS - 2 * SLACK_NS, () -> "two open for " + twoNs(fromNs, toNs));
        assertEquals(0, twoNs(goneNs + SLACK_NS, endNs));
        assertEquals(0, Span.totalNs(Span.within(gates.through(FirewallNode.FW_B), fromNs, endNs)));
    }

    @Test
    void shouldSeeAFirewallGoDarkWhenItsCableIsPulled() {
        try (IpBatch ip = new IpBatch(lab.namespace("wan"))) {
            ip.send("link set fw-a down\n");
            Await.until("silence", DEADLINE, () -> {
                long nowNs = System.nanoTime();
                return openNs(gates.through(FirewallNode.FW_A), nowNs - SLACK_NS) == 0;
            });
            ip.send("link set fw-a up\n");
            long upNs = System.nanoTime();
            Await.until("light", DEADLINE, () -> openNs(gates.through(FirewallNode.FW_A), upNs) > 0);
        }
    }

    /** Lets a window pass that begins at {@code fromNs}, and what was captured in it be read; answers its end. */
    private long pass(long fromNs) {
        Await.until("the window is over", DEADLINE, () -> System.nanoTime() - fromNs > WINDOW_NS);
        long toNs = System.nanoTime();
        gates.settle();
        return toNs;
    }

    private long twoNs(long fromNs, long toNs) {
        List<Span> two = Span.both(gates.open(FirewallNode.FW_A), gates.open(FirewallNode.FW_B));
        return Span.totalNs(Span.within(two, fromNs, toNs));
    }

    private static long openNs(List<Span> spans, long fromNs) {
        return Span.totalNs(Span.within(spans, fromNs, Long.MAX_VALUE));
    }

    private void shut(FirewallNode node) {
        nft(node, "table inet stand_in { chain gate { type filter hook forward priority -300; policy drop; }; }\n");
    }

    private void open(FirewallNode node) {
        nft(node, "delete table inet stand_in\n");
    }

    private void nft(FirewallNode node, String script) {
        Shell.run(script, List.of("ip", "netns", "exec", lab.namespace(node), "nft", "-f", "-"));
    }
}
