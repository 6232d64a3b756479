/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.netlink.NftResult;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.RequireRoot;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An agent that holds the lease is killed, and another comes: what the packets notice of it. */
@RequireRoot
final class LeaseRestartIT {
    private static final long ARMED_MS = 300;
    private static final int RESTARTS = 10;

    private final LeaseNet net = new LeaseNet();

    @AfterEach
    void remove() {
        net.close();
    }

    /** The process that is killed: installs or adopts, opens the gate, says so, and waits for its end. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws Exception {
            Lease lease = Lease.open(new LeaseNet.Plain(Long.parseLong(args[0])).config());
            NftResult result = lease.adopt();
            int renewed = lease.grant(Boolean.parseBoolean(args[1]));
            System.out.println(result.ok() && renewed == 0 ? "open" : result + " " + renewed);
            System.in.read();
        }
    }

    @Test
    void shouldLoseNotOnePacketWhenALoneAgentIsKilledAndComesBack() throws Exception {
        Process agent = hold(false);
        try (Probe probe = new Probe(net)) {
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > 100);
            kill(agent);
            long killed = probe.arrived();
            Await.until("probes without an agent", LeaseNet.SOON, () -> probe.arrived() > killed + 2 * ARMED_MS);
            for (int i = 0; i < RESTARTS; i++) {
                try (Lease lease = net.lease(ARMED_MS)) {
                    assertTrue(lease.gateOpen());
                    assertEquals(NftResult.done(), lease.adopt());
                    assertTrue(lease.leftMs() > LeaseConfig.DISARMED_MS / 2, "open in the very transaction");
                    assertEquals(0, lease.grant(false));
                    assertTrue(lease.present());
                }
            }
            long before = probe.arrived();
            Await.until("probes still to arrive", LeaseNet.SOON, () -> probe.arrived() > before + 100);
            assertEquals(0, probe.lost(), "probes lost");
        } finally {
            kill(agent);
        }
    }

    @Test
    void shouldCloseByItselfWhenAnArmedAgentIsKilledAndBeAdoptedClosed() throws Exception {
        Process agent = hold(true);
        kill(agent);
        try (Lease lease = net.lease(ARMED_MS)) {
            Await.until("the gate to close by itself", LeaseNet.SOON, () -> !lease.gateOpen());
            assertEquals(NftResult.done(), lease.adopt());
            assertFalse(lease.gateOpen());
            assertTrue(lease.present());
        }
    }

    @Test
    void shouldFindAndMendWhatTheOperatorFlushedWhileNoAgentLived() throws Exception {
        kill(hold(false));
        // Nobody owns the tables now, so this flush takes them: nothing is fenced until an agent comes.
        net.nft("flush ruleset");
        assertEquals("", net.nft("list ruleset"));
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(Long.MAX_VALUE, lease.leftMs(), "no tables, no end");
            assertEquals(NftResult.done(), lease.adopt());
            assertTrue(lease.present());
            assertFalse(lease.gateOpen(), "a gate that nobody granted is closed");
        }
    }

    @Test
    void shouldReplaceTheTablesOfAnEarlierConfiguration() throws Exception {
        kill(hold(false));
        LeaseConfig other =
                LeaseConfig.of(List.of("wan0"), List.of(LeaseNet.ip("10.20.0.77"), LeaseNet.ip("fd20::77")), ARMED_MS);
        try (Lease lease = NetNs.call(net.firewall, () -> Lease.open(other))) {
            assertTrue(lease.gateOpen());
            assertEquals(NftResult.done(), lease.adopt());
            assertTrue(lease.present());
            assertTrue(lease.gateOpen(), "still granted");
            String listed = net.listed();
            assertFalse(listed.contains(LeaseNet.VIP4));
            assertTrue(listed.contains("10.20.0.77"));
        }
    }

    @Test
    void shouldRemoveOnACleanStopWhatAnEarlierLifeLeft() throws Exception {
        kill(hold(false));
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.remove());
        }
        assertEquals("", net.nft("list ruleset"));
    }

    @Test
    void shouldSweepWhatAnArmedLifeLeftWhenThereIsNoFenceAnyMore() throws Exception {
        kill(hold(true));
        try (Probe probe = new Probe(net)) {
            Await.until(
                    "the gate to drop probes",
                    LeaseNet.SOON,
                    () -> !net.nft("list chain inet twinwall transit").contains("counter packets 0 "));
            assertEquals(NftResult.done(), NetNs.call(net.firewall, () -> Lease.sweep(LeaseConfig.TABLE)));
            long swept = probe.arrived();
            Await.until("probes to arrive", LeaseNet.SOON, () -> probe.arrived() > swept + 10);
        }
        assertEquals("", net.nft("list ruleset"));
        assertEquals(
                NftResult.done(), NetNs.call(net.firewall, () -> Lease.sweep(LeaseConfig.TABLE)), "nothing to sweep");
    }

    @Test
    void shouldNotSweepWhatAnAgentHoldsThatLives() throws Exception {
        try (Lease lease = net.lease(ARMED_MS)) {
            assertEquals(NftResult.done(), lease.install());
            assertEquals(
                    Errno.EPERM,
                    NetNs.call(net.firewall, () -> Lease.sweep(LeaseConfig.TABLE))
                            .errno());
            assertTrue(lease.present());
        }
    }

    private Process hold(boolean armed) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                "" + ARMED_MS,
                "" + armed));
        Process agent = NetNs.call(
                net.firewall,
                () -> new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start());
        BufferedReader said = agent.inputReader(StandardCharsets.UTF_8);
        assertEquals("open", said.readLine());
        return agent;
    }

    /** By SIGKILL; its sockets are closed by the kernel before its end is told. */
    private static void kill(Process agent) throws InterruptedException {
        agent.destroyForcibly().waitFor();
    }
}
