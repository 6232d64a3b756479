/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.RtConst;
import io.twinwall.netlink.RtNeighbour;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Virtual addresses, neighbours, and the ways between the nodes. */
class PlacesExamsTest {
    private final FakeHost host = new FakeHost();
    private final Plans plans = new Plans();

    @Test
    void shouldWantAnInterfaceForEachVirtualAddress() {
        host.links.removeIf(link -> link.name().equals("wan0"));
        Seen.on(host).advised("vip-interface", Severity.ERROR);
        plans.vips.clear();
        plans.vip("198.51.100.1", 24, "");
        Finding nowhere = Seen.on(host, plans.plan()).one("vip-interface", Severity.ERROR);
        assertEquals("No interface has an address in the net of 198.51.100.1/24.", nowhere.what());
        plans.vips.clear();
        plans.vip("10.10.0.254", 24, "");
        Seen.on(host, plans.plan()).none("vip-interface");
        host.address(4, "10.10.0.77", 24);
        Finding two = Seen.on(host, plans.plan()).one("vip-interface", Severity.ERROR);
        assertEquals("lan0 and sync0 each have an address in the net of 10.10.0.254/24.", two.what());
    }

    @Test
    void shouldWantItUpAndConnected() {
        host.link(2, "lan0", 0);
        Seen.on(host).mendedBy("vip-interface-down", Severity.ERROR, "ip link set dev lan0 up");
        host.link(2, "lan0", RtConst.IFF_UP);
        host.withoutCarrier("lan0");
        Seen.on(host).advised("vip-interface-down", Severity.ERROR);
    }

    @Test
    void shouldHoldThePrefixAgainstTheHostsOwn() {
        host.withoutAddress("10.10.0.1");
        host.address(2, "10.10.0.1", 25);
        Seen.on(host).advised("vip-prefix", Severity.WARNING);
        host.withoutAddress("10.10.0.1");
        host.address(2, "10.10.0.1", 16);
        Seen.on(host)
                .mendedBy(
                        "vip-prefix",
                        Severity.WARNING,
                        "sed -i 's|\"10.10.0.254/24\"|\"10.10.0.254/16\"|' /etc/twinwall/twinwall.toml");
    }

    @Test
    void shouldNoteANetWithoutAnAddressOfTheHostsOwn() {
        host.withoutAddress("203.0.113.2");
        host.virtual(3, "203.0.113.10");
        Seen.on(host).advised("vip-own-address", Severity.NOTE);
    }

    @Test
    void shouldFindAVirtualAddressThatTheAgentDidNotPutThere() {
        host.virtual(2, "10.10.0.254");
        Seen.on(host).none("vip-static");
        host.address(2, "10.10.0.254", 24);
        Seen.on(host).mendedBy("vip-static", Severity.ERROR, "ip address del 10.10.0.254/24 dev lan0");
    }

    @Test
    void shouldNotBlameTheAgentWhereTheKernelDoesNotTellWhoPutAnAddress() {
        host.release = "5.15.0";
        host.address(2, "10.10.0.254", 32);
        Seen.on(host).mendedBy("vip-static", Severity.ERROR, "ip address del 10.10.0.254/32 dev lan0");
        host.running = DaemonExamsTest.healthy();
        Seen.on(host).none("vip-static");
    }

    @Test
    void shouldWantNextHopsOnALink() {
        plans.hop("203.0.113.1", "wan0", true).hop("fe80::1", "wan0", true);
        Seen.on(host, plans.plan()).none("route-hop");
        plans.hop("192.0.2.1", "wan0", true);
        Seen.on(host, plans.plan()).advised("route-hop", Severity.ERROR);
        plans.hops.clear();
        plans.hop("192.0.2.1", "wan0", false);
        Seen.on(host, plans.plan()).none("route-hop");
    }

    @Test
    void shouldTellNeighboursThatDoNotAnswer() {
        plans.hop("203.0.113.1", "wan0", false);
        InetAddress hop = InetAddress.ofLiteral("203.0.113.1");
        host.neighbours.add(new RtNeighbour(3, hop, RtConst.NUD_STALE));
        host.neighbours.add(new RtNeighbour(2, hop, RtConst.NUD_FAILED));
        Seen.on(host, plans.plan()).none("hop-silent");
        host.neighbours.add(new RtNeighbour(3, hop, RtConst.NUD_FAILED));
        Seen.on(host, plans.plan()).advised("hop-silent", Severity.WARNING);
    }

    @Test
    void shouldWantTheAddressOfThisEnd() {
        host.withoutAddress("10.99.0.1");
        Seen.on(host).mendedBy("path-address", Severity.ERROR, "ip address add 10.99.0.1/30 dev sync0");
        plans.links.removeIf(link -> link.use() == Plan.Use.STREAM);
        Finding spare = Seen.on(host, plans.plan()).one("path-address", Severity.WARNING);
        assertEquals("10.99.0.1, this end of path \"sync\", is on no interface.", spare.what());
        plans.links.removeIf(link -> link.name().equals("lan"));
        Seen.on(host, plans.plan()).mendedBy("path-address", Severity.ERROR, "ip address add 10.99.0.1/30 dev sync0");
    }

    @Test
    void shouldNotGuessTheInterfaceOfAStream() {
        host.withoutAddress("10.99.0.1");
        plans.links.removeIf(
                link -> link.use() == Plan.Use.HEARTBEATS && link.name().equals("sync"));
        Seen.on(host, plans.plan()).advised("path-address", Severity.ERROR);
    }

    @Test
    void shouldNotTakeTheFirstOrLastAddressOfANetForAHosts() {
        plans.links.clear();
        plans.link(Plan.Use.HEARTBEATS, "sync", "10.99.0.3", "10.99.0.4", 47900, "sync0");
        Seen.on(host, plans.plan()).mendedBy("path-address", Severity.ERROR, "ip address add 10.99.0.3/29 dev sync0");
    }

    @Test
    void shouldWantTheWaysUpAndConnected() {
        host.link(4, "sync0", 0);
        Finding down = Seen.on(host).one("path-interface", Severity.ERROR);
        assertEquals("sync0, the interface of path \"sync\" and stream \"sync\", is set down.", down.what());
        assertEquals(List.of("ip link set dev sync0 up"), down.remedy().commands());
        plans.link(Plan.Use.STREAM, "lan", "10.10.0.1", "10.10.0.2", 47901, "");
        Seen.on(host, plans.plan()).mendedBy("path-interface", Severity.WARNING, "ip link set dev sync0 up");
        host.link(4, "sync0", RtConst.IFF_UP);
        host.withoutCarrier("sync0");
        Seen.on(host).advised("path-interface", Severity.ERROR);
        host.links.removeIf(link -> link.name().equals("sync0"));
        Seen.on(host).none("path-address").advised("path-interface", Severity.ERROR);
    }

    @Test
    void shouldWantTheSerialLineAndMoreThanOneWay() {
        plans.links.removeIf(link -> link.name().equals("lan"));
        Seen.on(host, plans.plan()).advised("one-path", Severity.NOTE);
        plans.serialLines.add(Path.of("/dev/ttyS0"));
        Seen.on(host, plans.plan()).none("one-path").advised("path-serial", Severity.WARNING);
        host.file("/dev/ttyS0", "rw-rw----");
        Seen.on(host, plans.plan()).none("path-serial");
    }

    @Test
    void shouldWantAFullPacketToFit() {
        host.mtu("sync0", 1435);
        Seen.on(host).mendedBy("path-mtu", Severity.WARNING, "ip link set dev sync0 mtu 1500");
        host.mtu("sync0", 1436);
        Seen.on(host).none("path-mtu");
        host.mtu("lan0", 1280);
        Seen.on(host).none("path-mtu");
    }
}
