/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class RtRoutesIT {
    private static final int OWNER = 217;

    private String netNs;
    private RtBatch batch;
    private RtRoutes routes;
    private RtRules rules;
    private int ifIndex;

    @BeforeEach
    void open(TestNet net) throws Exception {
        netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        net.address(netNs, "lan0", "10.10.0.1/24");
        net.address(netNs, "lan0", "fd00:10::1/64");
        batch = NetNs.call(netNs, RtBatch::open);
        routes = NetNs.call(netNs, RtRoutes::open);
        rules = NetNs.call(netNs, RtRules::open);
        try (RtLinks links = NetNs.call(netNs, RtLinks::open)) {
            ifIndex = links.find("lan0").orElseThrow().ifIndex();
        }
    }

    @AfterEach
    void close() {
        batch.close();
        routes.close();
        rules.close();
    }

    private static RtPrefix prefix(String address, int length) {
        return new RtPrefix(InetAddress.ofLiteral(address), length);
    }

    private static Optional<InetAddress> address(String address) {
        return Optional.of(InetAddress.ofLiteral(address));
    }

    private List<RtRoute> some() {
        return List.of(
                new RtRoute(prefix("0.0.0.0", 0), address("10.10.0.9"), ifIndex, 254, 0, Optional.empty(), OWNER),
                new RtRoute(prefix("192.0.2.0", 24), Optional.empty(), ifIndex, 254, 50, address("10.10.0.1"), OWNER),
                new RtRoute(
                        prefix("198.51.100.0", 25), address("10.10.0.9"), ifIndex, 5000, 7, Optional.empty(), OWNER),
                new RtRoute(
                        prefix("2001:db8::", 32),
                        address("fd00:10::9"),
                        ifIndex,
                        254,
                        1024,
                        address("fd00:10::1"),
                        OWNER),
                new RtRoute(prefix("::", 0), address("fd00:10::9"), ifIndex, 77, 5, Optional.empty(), OWNER));
    }

    @Test
    void shouldAddListAndDeleteRoutes() throws Exception {
        some().forEach(batch::add);
        assertEquals(List.of(), batch.send());
        assertTrue(
                shown("-4", "route").contains("default via 10.10.0.9 dev lan0 proto 217"), () -> shown("-4", "route"));
        assertTrue(
                shown("-4", "route").contains("192.0.2.0/24 dev lan0 proto 217 scope link src 10.10.0.1 metric 50"),
                () -> shown("-4", "route"));
        assertTrue(
                shown("-4", "route", "show", "table", "5000").contains("198.51.100.0/25 via 10.10.0.9 dev lan0"),
                () -> shown("-4", "route", "show", "table", "5000"));
        assertTrue(
                shown("-6", "route").contains("2001:db8::/32 via fd00:10::9 dev lan0 proto 217 src fd00:10::1"),
                () -> shown("-6", "route"));
        assertEquals(some(), sorted(routes.list(OWNER)));
        assertEquals(List.of(), routes.list(OWNER + 1));
        for (int i = 0; i < 2; i++) {
            some().forEach(batch::deleteIfPresent);
            assertEquals(List.of(), batch.send(), "also those that are gone already");
        }
        assertEquals(List.of(), routes.list(OWNER));
    }

    /** In the order of {@link #some}. */
    private List<RtRoute> sorted(List<RtRoute> found) {
        assertEquals(some().size(), found.size(), found::toString);
        return some().stream().filter(found::contains).toList();
    }

    @Test
    void shouldLeaveARouteOfAnotherAlone() throws Exception {
        Cmd.in(netNs, "ip", "route", "add", "default", "via", "10.10.0.7");
        RtRoute mine = some().getFirst();
        NlException refusal = batch.add(mine).send().getFirst();
        assertEquals(Errno.EEXIST, refusal.errno());
        assertEquals(
                "add route 0.0.0.0/0 via 10.10.0.9 on interface " + ifIndex + " in table 254",
                refusal.operation() + " " + refusal.key());
        assertEquals(List.of(), batch.deleteIfPresent(mine).send());
        RtRoute same = new RtRoute(mine.destination(), address("10.10.0.7"), ifIndex, 254, 0, Optional.empty(), OWNER);
        assertEquals(List.of(), batch.deleteIfPresent(same).send());
        assertTrue(shown("-4", "route").contains("default via 10.10.0.7"), "equal but for its protocol");
    }

    @Test
    void shouldAddListAndDeleteRules() throws Exception {
        List<RtRule> some = List.of(
                new RtRule(
                        NlConst.AF_INET, Optional.of(prefix("10.10.0.0", 24)), Optional.empty(), 0, 0, 77, 1000, OWNER),
                new RtRule(
                        NlConst.AF_INET,
                        Optional.empty(),
                        Optional.of(prefix("192.0.2.1", 32)),
                        0x10,
                        0xff,
                        5000,
                        1001,
                        OWNER),
                new RtRule(
                        NlConst.AF_INET6,
                        Optional.of(prefix("fd00:10::", 64)),
                        Optional.empty(),
                        0,
                        0,
                        77,
                        1002,
                        OWNER));
        some.forEach(batch::add);
        assertEquals(List.of(), batch.send());
        assertTrue(shown("-4", "rule").contains("1000: from 10.10.0.0/24 lookup 77"), () -> shown("-4", "rule"));
        assertTrue(
                shown("-4", "rule").contains("1001: from all to 192.0.2.1 fwmark 0x10/0xff lookup 5000"),
                () -> shown("-4", "rule"));
        assertTrue(shown("-6", "rule").contains("1002: from fd00:10::/64 lookup 77"), () -> shown("-6", "rule"));
        assertEquals(some, rules.list(OWNER));
        assertEquals(List.of(), rules.list(OWNER + 1));
        assertEquals(Errno.EEXIST, batch.add(some.getFirst()).send().getFirst().errno());
        for (int i = 0; i < 2; i++) {
            some.forEach(batch::deleteIfPresent);
            assertEquals(List.of(), batch.send(), "also those that are gone already");
        }
        assertEquals(List.of(), rules.list(OWNER));
    }

    private String shown(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "ip";
        System.arraycopy(words, 0, command, 1, words.length);
        return Cmd.in(netNs, command).replaceAll("[ \t]+", " ");
    }
}
