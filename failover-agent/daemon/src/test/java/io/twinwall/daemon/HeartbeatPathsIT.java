/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static io.twinwall.daemon.HeartbeatEar.say;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Heartbeat sockets between two namespaces of the real kernel. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class HeartbeatPathsIT {
    private static final int PORT = 47_900;

    private final HeartbeatEar ear = new HeartbeatEar();
    private final HeartbeatEar otherEar = new HeartbeatEar();
    private final Counters counters = new Counters();
    private String one;
    private String two;

    @BeforeEach
    void makeNet(TestNet net) {
        one = net.namespace();
        two = net.namespace();
        net.veth(one, "a0", two, "b0");
        Cmd.in(one, "ip", "addr", "add", "10.9.0.1/24", "dev", "a0");
        Cmd.in(two, "ip", "addr", "add", "10.9.0.2/24", "dev", "b0");
        Cmd.in(one, "ip", "addr", "add", "fd09::1/64", "dev", "a0", "nodad");
        Cmd.in(two, "ip", "addr", "add", "fd09::2/64", "dev", "b0", "nodad");
    }

    private static HeartbeatPaths.PathSpec udp(String local, String peer, String device) {
        return new HeartbeatPaths.PathSpec.Udp(local, at(local), at(peer), device);
    }

    private static InetSocketAddress at(String ip) {
        try {
            return new InetSocketAddress(InetAddress.getByName(ip), PORT);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static HeartbeatPaths open(String netNs, Counters counters, HeartbeatPaths.PathSpec... specs) {
        try {
            return NetNs.call(netNs, () -> new HeartbeatPaths(List.of(specs), counters, NanoClock.SYSTEM));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private HeartbeatPaths four() {
        return open(one, counters, udp("10.9.0.1", "10.9.0.2", ""));
    }

    @Test
    void shouldCarryOnSeveralPathsOfBothFamilies() {
        try (HeartbeatPaths here =
                        open(one, counters, udp("10.9.0.1", "10.9.0.2", "a0"), udp("fd09::1", "fd09::2", "a0"));
                HeartbeatPaths there =
                        open(two, new Counters(), udp("10.9.0.2", "10.9.0.1", ""), udp("fd09::2", "fd09::1", ""))) {
            say(here, "hello");
            otherEar.untilHeard(there, "0:hello");
            otherEar.untilHeard(there, "1:hello");
            say(there, "back");
            ear.untilHeard(here, "0:back");
            ear.untilHeard(here, "1:back");
            assertEquals(2, counters.value("heartbeats_sent_total"));
            assertEquals(1, counters.value("heartbeat_path_1_received_total"));
            assertEquals(2, counters.value("heartbeat_path_1_state"));
            assertFalse(ear.heard.contains("0 gone"));
        }
    }

    @Test
    void shouldTellThatThePeersAgentIsGoneAndGoOn() {
        try (HeartbeatPaths here = four()) {
            say(here, "anybody?");
            ear.untilHeard(here, "0 gone");
            try (HeartbeatPaths there = open(two, new Counters(), udp("10.9.0.2", "10.9.0.1", ""))) {
                say(here, "now?");
                otherEar.untilHeard(there, "0:now?");
            }
            assertEquals("", here.problem(0));
        }
    }

    /** The answer to one heartbeat fails the sending of the next, which must go out all the same. */
    @Test
    void shouldLoseNoHeartbeatToTheRefusalOfTheOneBefore() {
        try (HeartbeatPaths here = four()) {
            for (int i = 0; i < 50; i++) {
                say(here, "anybody?");
            }
            assertEquals(50, counters.value("heartbeats_sent_total"));
            ear.untilHeard(here, "0 gone");
            long goneSoFar = ear.heard.stream().filter("0 gone"::equals).count();
            assertTrue(goneSoFar <= 2, ear.heard.toString());
        }
    }

    @Test
    void shouldStartWithoutTheAddressAndUseItWhenItComes() {
        Cmd.in(one, "ip", "addr", "del", "10.9.0.1/24", "dev", "a0");
        try (HeartbeatPaths here = four();
                HeartbeatPaths there = open(two, new Counters(), udp("10.9.0.2", "10.9.0.1", ""))) {
            assertTrue(here.problem(0).contains("EADDRNOTAVAIL"), here.problem(0));
            say(here, "lost");
            assertEquals(1, counters.value("heartbeat_send_errors_closed_total"));
            assertEquals(0, counters.value("heartbeat_path_0_state"));
            inNetNs(one, () -> {
                ear.untilHeard(here, "0 down");
                Cmd.run("ip", "addr", "add", "10.9.0.1/24", "dev", "a0");
                ear.untilHeard(here, "0 up");
            });
            say(here, "found");
            otherEar.untilHeard(there, "0:found");
        }
    }

    @Test
    void shouldOpenAgainOnAnInterfaceThatWasMadeAnew(TestNet net) {
        try (HeartbeatPaths here = open(one, counters, udp("10.9.0.1", "10.9.0.2", "a0"))) {
            inNetNs(one, () -> {
                Cmd.run("ip", "link", "del", "a0");
                ear.until(here, "problem", () -> {
                    say(here, "anybody?");
                    return !here.problem(0).isEmpty();
                });
                ear.untilHeard(here, "0 down");
            });
            net.veth(one, "a0", two, "b0");
            Cmd.in(one, "ip", "addr", "add", "10.9.0.1/24", "dev", "a0");
            Cmd.in(two, "ip", "addr", "add", "10.9.0.2/24", "dev", "b0");
            inNetNs(one, () -> ear.untilHeard(here, "0 up"));
            try (HeartbeatPaths there = open(two, new Counters(), udp("10.9.0.2", "10.9.0.1", ""))) {
                say(here, "again");
                otherEar.untilHeard(there, "0:again");
            }
        }
    }

    @Test
    void shouldTellThatTheCarrierIsLostAndBack() {
        try (HeartbeatPaths here = four()) {
            Cmd.in(two, "ip", "link", "set", "b0", "down");
            ear.untilHeard(here, "0 down");
            Cmd.in(two, "ip", "link", "set", "b0", "up");
            ear.untilHeard(here, "0 up");
            Cmd.in(one, "ip", "link", "set", "a0", "down");
            say(here, "nobody");
            assertEquals(1, counters.value("heartbeat_send_errors_total"));
            assertEquals(1, counters.value("heartbeat_send_errors_route_total"));
            assertEquals(1, counters.value("heartbeat_path_0_state"));
            assertTrue(here.problem(0).contains("ENETUNREACH"), here.problem(0));
        }
    }

    @Test
    void shouldEndWhenAnotherAgentHasThePort() {
        try (HeartbeatPaths here = four()) {
            Fatal fatal = assertThrows(Fatal.class, () -> open(one, new Counters(), udp("10.9.0.1", "10.9.0.2", "")));
            assertEquals(ExitCode.ENVIRONMENT, fatal.exitCode());
            assertTrue(fatal.getMessage().contains("Is another agent running?"), fatal.getMessage());
            assertEquals("", here.problem(0));
        }
    }

    @Test
    void shouldSleepAsLongAsToldUnlessWoken() {
        try (HeartbeatPaths here = four()) {
            long start = System.nanoTime();
            here.await(2_300_000);
            assertTrue(System.nanoTime() - start >= 2_300_000);
            here.wakeUp();
            here.wakeUp();
            start = System.nanoTime();
            here.await(TimeUnit.MILLISECONDS.toNanos(900));
            assertTrue(System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(800), "woken before it slept");
            start = System.nanoTime();
            here.await(1_000_000);
            assertTrue(System.nanoTime() - start >= 1_000_000, "woken once only");
        }
    }

    @Test
    void shouldAllocateNothingPerHeartbeat() {
        try (HeartbeatPaths here = four();
                HeartbeatPaths there = open(two, new Counters(), udp("10.9.0.2", "10.9.0.1", ""))) {
            HeartbeatPaths.Receiver deaf = new HeartbeatPaths.Receiver() {
                @Override
                public void onDatagram(int path, DirectBuffer buffer, int length) {}

                @Override
                public void onPeerGone(int path) {}
            };
            AllocationMeter.assertSteady(16 << 10, 5, () -> {
                for (int i = 0; i < 20_000; i++) {
                    here.send(100);
                    there.await(1_000_000);
                    there.receive(deaf);
                }
            });
        }
    }

    private static void inNetNs(String netNs, Runnable work) {
        try {
            NetNs.call(netNs, () -> {
                work.run();
                return null;
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
