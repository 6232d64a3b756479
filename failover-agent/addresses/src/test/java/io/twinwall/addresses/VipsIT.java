/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import io.twinwall.netlink.RtAddress;
import io.twinwall.netlink.RtBatch;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two nodes and a host on one segment, on the real kernel. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class VipsIT {
    private static final Duration SOON = Duration.ofSeconds(5);

    private TestNet net;
    private String old;
    private String heir;
    private String host;
    private String heirMac;

    @BeforeEach
    void wire(TestNet testNet) {
        net = testNet;
        Segment segment = new Segment(testNet);
        old = segment.old;
        heir = segment.heir;
        host = segment.host;
        heirMac = Segment.mac(heir, "lan0");
    }

    private static String shown(String netNs) {
        return Cmd.in(netNs, "ip", "address", "show", "dev", "lan0");
    }

    private String neighbour(String address) {
        return Cmd.in(host, "ip", "neigh", "show", address, "dev", "lan0");
    }

    @Test
    void shouldAddAndRemoveAllAddressesTogether() throws Exception {
        try (Vips vips = NetNs.call(heir, () -> Vips.open(Segment.both()))) {
            assertEquals(Set.of(), vips.held());
            assertEquals("", vips.add(false));
            assertEquals(Segment.addresses(Segment.both()), vips.held());
            assertTrue(shown(heir).contains("inet 10.10.0.254/32"), () -> shown(heir));
            assertTrue(shown(heir).contains("inet6 fd00:10::254/64"), () -> shown(heir));
            assertFalse(shown(heir).contains("tentative"), () -> shown(heir));
            assertEquals("", vips.add(false), "those that are there already are fine");
            Cmd.in(heir, "ip", "address", "del", "10.10.0.254/32", "dev", "lan0");
            assertEquals(Segment.addresses(List.of(Segment.both().getLast())), vips.held(), "one is missing");
            assertEquals("", vips.remove());
            assertEquals(Set.of(), vips.held());
            assertFalse(shown(heir).contains("254"), () -> shown(heir));
            assertEquals("", vips.remove(), "those that are gone already are fine");
        }
    }

    @Test
    void shouldNameTheInterfaceThatIsMissingAndServeTheRest() throws Exception {
        List<Vip> list = new ArrayList<>(Segment.both());
        list.addFirst(Segment.vip("10.77.0.1", 24, "dmz0"));
        try (Vips vips = NetNs.call(heir, () -> Vips.open(list));
                Announcer announcer = NetNs.call(heir, () -> Announcer.open(list))) {
            assertEquals("10.77.0.1/24 on dmz0: no such interface", vips.add(false));
            assertTrue(shown(heir).contains("10.10.0.254"), () -> shown(heir));
            assertEquals("10.77.0.1/24 on dmz0: no such interface", announcer.announce(0));
            assertEquals("", vips.remove(), "where there is no interface there is nothing to take off");
            net.veth(heir, "dmz0", heir, "dmz1");
            assertEquals("", vips.add(false), "an interface that came later is found");
            assertEquals("", announcer.announce(0));
        }
    }

    @Test
    void shouldTellWhatHasComeAndNotWhatTheKernelRefusesEachTime() throws Exception {
        Cmd.in(heir, "sysctl", "-qw", "net.ipv6.conf.lan0.disable_ipv6=1");
        try (Vips vips = NetNs.call(heir, () -> Vips.open(Segment.both()))) {
            assertTrue(vips.add(false).startsWith("replace address fd00:10"));
            assertTrue(vips.takeNews());
            assertTrue(vips.add(false).startsWith("replace address fd00:10"));
            assertFalse(vips.takeNews(), "one was there, the other does not come");
            Cmd.in(heir, "sysctl", "-qw", "net.ipv6.conf.lan0.disable_ipv6=0");
            assertEquals("", vips.refresh(false));
            assertTrue(vips.takeNews());
            assertFalse(vips.takeNews());
        }
    }

    @Test
    void shouldMoveTheNeighboursCachesByAnnouncement() throws Exception {
        try (Vips before = NetNs.call(old, () -> Vips.open(Segment.both()));
                Vips after = NetNs.call(heir, () -> Vips.open(Segment.both()));
                Announcer announcer = NetNs.call(heir, () -> Announcer.open(Segment.both()))) {
            before.add(false);
            String oldMac = Segment.mac(old, "lan0");
            for (String address : new String[] {"10.10.0.254", "fd00:10::254"}) {
                Cmd.in(host, "ip", "neigh", "replace", address, "lladdr", oldMac, "dev", "lan0", "nud", "reachable");
            }
            assertTrue(neighbour("10.10.0.254").contains(oldMac), () -> neighbour("10.10.0.254"));
            assertTrue(neighbour("fd00:10::254").contains(oldMac), () -> neighbour("fd00:10::254"));

            after.add(false);
            before.remove();
            // The kernel leaves an entry alone for a moment after its last change (locktime), hence the rounds.
            Await.until("IPv4 cache of the host to name the heir", SOON, () -> {
                assertEquals("", announcer.announce(0));
                return neighbour("10.10.0.254").contains(heirMac);
            });
            Await.until(
                    "IPv6 cache of the host to name the heir",
                    SOON,
                    () -> neighbour("fd00:10::254").contains(heirMac));
            assertTrue(neighbour("fd00:10::254").contains("router"), () -> neighbour("fd00:10::254"));
        }
    }

    @Test
    void shouldAnnounceWithTheHardwareAddressOfTheMoment() throws Exception {
        try (Announcer announcer = NetNs.call(heir, () -> Announcer.open(Segment.both()))) {
            Cmd.in(heir, "ip", "link", "set", "lan0", "address", "02:00:00:00:00:77");
            Cmd.in(host, "ip", "neigh", "replace", "10.10.0.254", "lladdr", heirMac, "dev", "lan0", "nud", "stale");
            Await.until("the host to learn the new hardware address", SOON, () -> {
                assertEquals("", announcer.announce(0));
                return neighbour("10.10.0.254").contains("02:00:00:00:00:77");
            });
        }
    }

    @Test
    void shouldMoveAHundredAddressesInAFewMilliseconds() throws Exception {
        List<Vip> many = Segment.hundred();
        try (Vips vips = NetNs.call(heir, () -> Vips.open(many));
                RtBatch single = NetNs.call(heir, RtBatch::open);
                Announcer announcer = NetNs.call(heir, () -> Announcer.open(many))) {
            long bestAddNs = Long.MAX_VALUE;
            long bestAnnounceNs = Long.MAX_VALUE;
            long bestRemoveNs = Long.MAX_VALUE;
            long bestSingleNs = Long.MAX_VALUE;
            for (int i = 0; i < 30; i++) {
                long startNs = System.nanoTime();
                assertEquals("", vips.add(true));
                long addedNs = System.nanoTime();
                assertEquals("", announcer.announce(0));
                bestAnnounceNs = Math.min(bestAnnounceNs, System.nanoTime() - addedNs);
                bestAddNs = Math.min(bestAddNs, addedNs - startNs);
                assertEquals(Segment.addresses(many), vips.held());
                long removeNs = System.nanoTime();
                assertEquals("", vips.remove());
                bestRemoveNs = Math.min(bestRemoveNs, System.nanoTime() - removeNs);
                bestSingleNs = Math.min(bestSingleNs, oneByOneNs(single, many));
            }
            System.out.printf(
                    "100 addresses: add %d us (one by one %d us), announce %d us, remove %d us%n",
                    bestAddNs / 1000, bestSingleNs / 1000, bestAnnounceNs / 1000, bestRemoveNs / 1000);
            assertTrue(bestAnnounceNs < 3_000_000, "announcing took us " + bestAnnounceNs / 1000);
            assertTrue(bestAddNs < 10_000_000, "adding took us " + bestAddNs / 1000);
            assertTrue(bestRemoveNs < 20_000_000, "removing took us " + bestRemoveNs / 1000);
        }
    }

    /** The control: an exchange for each address. */
    private long oneByOneNs(RtBatch batch, List<Vip> vips) throws Exception {
        int ifIndex = ifIndex(heir);
        List<RtAddress> addresses = vips.stream()
                .map(vip -> RtAddress.of(ifIndex, vip.address(), vip.ipv4() ? 32 : 64))
                .toList();
        long startNs = System.nanoTime();
        for (RtAddress address : addresses) {
            assertEquals(List.of(), batch.replace(address).send());
        }
        long tookNs = System.nanoTime() - startNs;
        addresses.forEach(batch::delete);
        assertEquals(List.of(), batch.send());
        return tookNs;
    }

    private static int ifIndex(String netNs) throws Exception {
        return NetNs.call(netNs, () -> Posix.ifNameToIndex("lan0"));
    }
}
