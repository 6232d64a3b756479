/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static io.twinwall.linux.Const.AF_PACKET;
import static io.twinwall.linux.Const.POLLIN;
import static io.twinwall.linux.Const.SOCK_CLOEXEC;
import static io.twinwall.linux.Const.SOCK_RAW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.testkit.AllocationMeter;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The heir asks and listens; the old node, or a stranger, answers and claims. On the real kernel. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class VipProbeIT {
    private static final Duration SOON = Duration.ofSeconds(5);

    private Segment segment;
    private VipProbe probe;
    private String oldMac;

    @BeforeEach
    void open(TestNet net) throws Exception {
        segment = new Segment(net);
        oldMac = Segment.mac(segment.old, "lan0");
        probe = NetNs.call(segment.heir, () -> VipProbe.open(Segment.both()));
    }

    @AfterEach
    void close() {
        probe.close();
    }

    private boolean readable(int timeoutMs) {
        return Posix.poll(probe.fd(), POLLIN, timeoutMs) > 0;
    }

    /** All that is told until both addresses were heard of; a node joins an address' group a moment after adding it. */
    private Set<String> heardOfBoth() {
        Set<String> heard = new TreeSet<>();
        Await.until("word of both addresses", SOON, () -> {
            assertEquals("", probe.ask());
            for (String now = probe.poll(); now != null; now = probe.poll()) {
                heard.add(now);
            }
            return heard.size() == 2;
        });
        return heard;
    }

    private Set<String> answersOf(String mac) {
        return Set.of(
                "10.10.0.254 is answered by " + mac + " on lan0",
                "fd00:10:0:0:0:0:0:254 is answered by " + mac + " on lan0");
    }

    @Test
    void shouldHearThatAnotherHasTheAddresses() throws Exception {
        assertEquals("", probe.ask());
        assertTrue(!readable(200), "the control: nobody has them");
        assertNull(probe.poll());
        try (Vips vips = NetNs.call(segment.old, () -> Vips.open(Segment.both()))) {
            vips.add(true);
            assertEquals(answersOf(oldMac), heardOfBoth());
            Await.until("all answers to be told", SOON, () -> {
                probe.forget();
                return !readable(50);
            });
            assertEquals("", probe.ask());
            assertTrue(readable(1000));
            vips.remove();
            Await.until("both answers", SOON, () -> {
                probe.forget();
                return !readable(50);
            });
            assertEquals("", probe.ask());
            assertTrue(!readable(200));
        }
    }

    @Test
    void shouldChangeNobodysCacheByAsking() {
        Cmd.in(segment.host, "ip", "neigh", "replace", "10.10.0.254", "lladdr", oldMac, "dev", "lan0", "nud", "stale");
        Cmd.in(segment.host, "ip", "neigh", "replace", "fd00:10::254", "lladdr", oldMac, "dev", "lan0", "nud", "stale");
        for (int i = 0; i < 3; i++) {
            assertEquals("", probe.ask());
        }
        for (String address : List.of("10.10.0.254", "fd00:10::254")) {
            String entry = Cmd.in(segment.host, "ip", "neigh", "show", address, "dev", "lan0");
            assertTrue(entry.contains(oldMac), entry);
        }
    }

    @Test
    void shouldNotTakeItselfForAnother() throws Exception {
        segment.attach(segment.heir, "lan1", "p9");
        List<Vip> here = List.of(Segment.vip("10.10.0.254", 24, "lan1"), Segment.vip("fd00:10::254", 64, "lan1"));
        try (Vips vips = NetNs.call(segment.heir, () -> Vips.open(here));
                Announcer announcer = NetNs.call(segment.heir, () -> Announcer.open(here))) {
            assertEquals("", vips.add(false));
            Await.until("lan0 to hear what lan1 says", SOON, () -> {
                assertEquals("", announcer.announce(0));
                assertEquals("", probe.ask());
                return readable(50);
            });
            Await.until("all that came", SOON, () -> {
                assertNull(probe.poll());
                return !readable(50);
            });
        }
    }

    @Test
    void shouldHearAClaimWhileItHoldsThem() throws Exception {
        try (Vips vips = NetNs.call(segment.heir, () -> Vips.open(Segment.both()));
                Announcer own = NetNs.call(segment.heir, () -> Announcer.open(Segment.both()));
                Announcer stranger = NetNs.call(segment.old, () -> Announcer.open(Segment.both()))) {
            assertEquals("", vips.add(true));
            assertEquals("", own.announce(0));
            assertTrue(!readable(100), "its own announcements are nothing to hear");
            assertEquals("", stranger.announce(0));
            assertEquals(answersOf(oldMac), heardOfBoth());
            Await.until("the reply form of the same claim", SOON, () -> probe.poll() == null);
            assertEquals("", stranger.announce(0));
            probe.forget();
            assertNull(probe.poll());
        }
    }

    @Test
    void shouldSleepThroughOtherTraffic() throws Exception {
        List<byte[]> others = new ArrayList<>();
        for (String address : List.of("10.10.0.253", "fd00:10::253")) {
            byte[] other = InetAddress.ofLiteral(address).getAddress();
            others.addAll(NeighbourFrames.announcement(
                    other, HexFormat.ofDelimiter(":").parseHex(oldMac)));
        }
        for (Vip asked : Segment.both()) {
            others.add(NeighbourFrames.probe(
                    asked.address().getAddress(), HexFormat.ofDelimiter(":").parseHex(oldMac)));
        }
        for (byte[] frame : others) {
            send(segment.old, frame);
        }
        assertTrue(!readable(100), "others' addresses, and others' questions");
        byte[] vip = Segment.both().getLast().address().getAddress();
        byte[] mac = HexFormat.ofDelimiter(":").parseHex(oldMac);
        byte[] direct = NeighbourFrames.announcement(vip, mac).getFirst();
        byte[] routed = direct.clone();
        routed[14 + 7] = (byte) 254;
        send(segment.old, routed);
        assertTrue(!readable(100), "what a router passed on speaks for nobody");
        send(segment.old, direct);
        assertTrue(readable(1000), "the control");
    }

    private static void send(String netNs, byte[] frame) throws Exception {
        List<String> problems = NetNs.call(netNs, () -> {
            int fd = Posix.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
            List<String> failed = new ArrayList<>();
            int ifIndex = Posix.ifNameToIndex("lan0");
            try (FrameTrain train = new FrameTrain(List.of(FrameTrain.Frame.of(frame, ifIndex, "frame")))) {
                train.send(fd, 0, 1, failed);
            }
            Posix.close(fd);
            return failed;
        });
        assertEquals(List.of(), problems);
    }

    @Test
    void shouldAskOnlyWhereThereIsCarrier() {
        segment.net.down(segment.bridge, "p2");
        Await.until(
                "carrier to be lost",
                SOON,
                () -> Cmd.in(segment.heir, "ip", "link", "show", "lan0").contains("NO-CARRIER"));
        String before = sent();
        assertEquals("", probe.ask());
        assertEquals(before, sent());
        segment.net.up(segment.bridge, "p2");
        Await.until(
                "carrier to be back",
                SOON,
                () -> !Cmd.in(segment.heir, "ip", "link", "show", "lan0").contains("NO-CARRIER"));
        Await.until("the question to be put again", SOON, () -> {
            assertEquals("", probe.ask());
            return !sent().equals(before);
        });
    }

    private String sent() {
        return Cmd.in(segment.heir, "ip", "-s", "link", "show", "lan0")
                .lines()
                .toList()
                .getLast();
    }

    @Test
    void shouldCostNothingWhileNothingComes() {
        AllocationMeter.assertSteady(0, 20, () -> {
            for (int i = 0; i < 1000; i++) {
                assertNull(probe.poll());
            }
        });
    }

    @Test
    void shouldAskForAHundredAtOnce() throws Exception {
        List<Vip> many = Segment.hundred();
        List<Vip> more = new ArrayList<>(many);
        for (int i = 1; i <= 110; i++) {
            more.add(Segment.vip("10.10.2." + i, 24, "lan0"));
            more.add(Segment.vip("fd00:10::2:" + i, 64, "lan0"));
        }
        for (List<Vip> list : List.of(many, more)) {
            try (VipProbe asking = NetNs.call(segment.heir, () -> VipProbe.open(list));
                    Vips vips = NetNs.call(segment.old, () -> Vips.open(List.of(list.getLast())))) {
                long bestNs = Long.MAX_VALUE;
                for (int i = 0; i < 30; i++) {
                    long startNs = System.nanoTime();
                    assertEquals("", asking.ask());
                    bestNs = Math.min(bestNs, System.nanoTime() - startNs);
                }
                System.out.printf("asking for %d addresses took %d us%n", list.size(), bestNs / 1000);
                assertTrue(bestNs < 8_000_000, "asking took us " + bestNs / 1000);
                asking.forget();
                assertNull(asking.poll());
                assertEquals("", vips.add(true));
                Await.until("the last one to be heard of", SOON, () -> {
                    assertEquals("", asking.ask());
                    String heard = asking.poll();
                    String name = list.getLast().address().getHostAddress();
                    return (name + " is answered by " + oldMac + " on lan0").equals(heard);
                });
            }
        }
    }
}
