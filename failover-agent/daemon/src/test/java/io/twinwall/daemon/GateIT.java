/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.linux.Const;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.PollSet;
import io.twinwall.netlink.NftResult;
import io.twinwall.nftbridge.Lease;
import io.twinwall.nftbridge.LeaseConfig;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gate as the role agent has it, over a real kernel: what others do to it, and what wakes the agent. */
@RequireRoot
final class GateIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String LOST = "the gate is closed although it was renewed: what drops UDP on lo?";

    private final TestNet net = new TestNet();
    private final String firewall = net.namespace();
    private LeaseConfig config;

    @BeforeEach
    void plug() throws Exception {
        net.veth(firewall, "lan0", net.namespace(), "lan1");
        config = LeaseConfig.of(List.of("lan0"), List.of(InetAddress.getByName("10.10.0.254")), 300);
    }

    @AfterEach
    void remove() {
        net.close();
    }

    @Test
    void shouldBeWokenOnceByWhatHappensBeforeARoleIsFound() throws Exception {
        NetNs.call(firewall, () -> {
            leaveBehind();
            Gate gate = Gate.of(config, new Counters());
            gate.prepareIfAbsent();
            assertFalse(gate.installedAndOpen(), "what an earlier life left is left alone");
            net.down(firewall, "lan0");
            net.up(firewall, "lan0");
            nft("add table inet operator");
            int woken = wakeups(gate);
            assertTrue(woken > 0, "it hears of links and tables");
            assertTrue(woken < 10, "woken " + woken + " times");
            gate.remove();
            return null;
        });
    }

    @Test
    void shouldTellOnEachLookThatTheGateIsClosedAlthoughItWasRenewed() throws Exception {
        NetNs.call(firewall, () -> {
            Gate gate = Gate.of(config, new Counters());
            gate.prepareIfAbsent();
            assertEquals("", gate.prepare());
            assertEquals("", gate.grant(false));
            Await.until("the gate to open", SOON, gate::open);
            Await.until(
                    "it to be seen", SOON, () -> gate.check(System.nanoTime()).isEmpty() && gate.lastSeenOpen());

            nft("table netdev eater { chain c { type filter hook ingress device lo priority -600;" + " udp dport "
                    + LeaseConfig.PORT + " drop; }; }");
            assertEquals("", gate.renew(false), "nothing tells that it does not come through");
            assertEquals("", gate.check(System.nanoTime()), "open still, as it was granted");
            gate.close();
            assertFalse(gate.open());
            assertEquals("", gate.grant(false));
            Await.until(
                    "the loss to be told",
                    SOON,
                    () -> gate.check(System.nanoTime()).equals(LOST));
            assertEquals(LOST, gate.check(System.nanoTime()), "as long as it lasts");
            assertFalse(gate.lastSeenOpen());

            nft("delete table netdev eater");
            assertEquals("", gate.grant(false));
            Await.until("the gate to open", SOON, gate::open);
            Await.until(
                    "nothing to be told",
                    SOON,
                    () -> gate.check(System.nanoTime()).isEmpty() && gate.lastSeenOpen());
            gate.remove();
            return null;
        });
    }

    @Test
    void shouldNotOpenByRenewingWhatRanOut() throws Exception {
        NetNs.call(firewall, () -> {
            Gate gate = Gate.of(config, new Counters());
            gate.prepareIfAbsent();
            assertEquals("", gate.prepare());
            assertEquals("", gate.grant(true));
            long grantedNs = System.nanoTime();
            Await.until(
                    "the lease to run out", SOON, () -> System.nanoTime() - grantedNs > 300_000_000 && !gate.open());
            assertEquals("the lease ran out before it was renewed: this node stood still", gate.renew(true));
            assertFalse(gate.open());
            gate.remove();
            return null;
        });
    }

    @Test
    void shouldCloseWhatItCouldNotAsSoonAsItCan() throws Exception {
        NetNs.call(firewall, () -> {
            Gate gate = Gate.of(config, new Counters());
            try (Lease other = Lease.open(config)) {
                assertEquals(NftResult.done(), other.install());
                assertEquals(0, other.grant(false));
                Await.until("the gate to open", SOON, other::gateOpen);
                gate.close();
                assertTrue(gate.open(), "owned by an agent that lives");
            }
            Await.until("the gate to be closed", SOON, () -> {
                assertEquals("", gate.check(System.nanoTime()));
                return !gate.open();
            });
            gate.remove();
            return null;
        });
    }

    @Test
    void shouldLeaveTheKernelAsItWasWhenTheStartFails() throws Exception {
        NetNs.call(firewall, () -> {
            Gate first = Gate.of(config, new Counters());
            first.prepareIfAbsent();
            assertFalse(first.open());
            first.undo();
            assertEquals("", nft("list ruleset"));

            leaveBehind();
            String left = tables();
            Gate second = Gate.of(config, new Counters());
            second.prepareIfAbsent();
            second.undo();
            assertEquals(left, tables());
            return null;
        });
    }

    @Test
    void shouldSweepWhatAnEarlierLifeLeftWhenThereIsNoFence() throws Exception {
        NetNs.call(firewall, () -> {
            leaveBehind();
            Gate gate = Gate.none(new Counters());
            gate.prepareIfAbsent();
            assertEquals("", nft("list ruleset"));
            assertTrue(gate.open());
            return null;
        });
    }

    /** As a lone agent that was killed leaves them. */
    private void leaveBehind() {
        try (Lease lease = Lease.open(config)) {
            assertEquals(NftResult.done(), lease.install());
            assertEquals(0, lease.grant(false));
            Await.until("the gate to open", SOON, lease::gateOpen);
        }
    }

    private String tables() {
        return nft("list ruleset").replaceAll("expires \\S+", "");
    }

    private String nft(String commands) {
        return Cmd.inWithInput(firewall, commands, "nft", "-f", "-");
    }

    /** How often the role agent's sleep ends, of up to a hundred times, before nothing is left to be read. */
    private static int wakeups(Gate gate) {
        int[] fds = gate.fds();
        int woken = 0;
        try (PollSet poll = new PollSet(fds.length)) {
            for (int i = 0; i < fds.length; i++) {
                poll.set(i, fds[i], Const.POLLIN);
            }
            while (poll.await(0) > 0 && ++woken < 100) {
                assertEquals("", gate.check(System.nanoTime()));
            }
        }
        return woken;
    }
}
