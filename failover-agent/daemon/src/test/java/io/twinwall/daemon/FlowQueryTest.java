/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtConst;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FlowQueryTest {
    private static final int ESTABLISHED = 3;

    private final FlowImage tcp = flow(6, "10.1.2.3", "192.0.2.7", "198.51.100.1", 40_000, 443)
            .tcp(ESTABLISHED, 7, 7, 0, 0)
            .status(CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED | CtConst.IPS_SRC_NAT)
            .mark(0x15)
            .zone(5, FlowImage.ZONE_DIR_REPLY);
    private final FlowImage udp6 = flow(17, "2001:db8:1::5", "2001:db8:2::7", "2001:db8:1::5", 5353, 53);
    private final FlowImage ping = flow(1, "10.1.2.3", "192.0.2.7", "10.1.2.3", 77, 0x800);

    @Test
    void shouldFindFlowsByEachCondition() {
        only(tcp, "protocol", "tcp");
        only(tcp, "protocol", "6");
        only(ping, "protocol", "ICMP");
        only(udp6, "family", "ipv6");
        both(tcp, ping, "family", "ipv4");
        both(tcp, ping, "src", "10.1.2.3");
        both(tcp, ping, "src", "10.0.0.0/8");
        both(tcp, ping, "src", "10.1.2.99/24");
        both(tcp, ping, "src", "10.1.2.2/31");
        none("src", "10.1.2.4/31");
        none("src", "::/0", "protocol", "tcp");
        only(udp6, "dst", "2001:db8:2::/48");
        only(udp6, "dst", "::/0");
        only(tcp, "reply-dst", "198.51.100.1");
        both(tcp, ping, "reply-src", "192.0.2.7");
        only(tcp, "sport", "40000");
        only(udp6, "dport", "50-60");
        none("dport", "2048");
        only(tcp, "state", "established");
        none("state", "time-wait");
        only(tcp, "status", "ASSURED,SRC_NAT");
        both(udp6, ping, "status", "unreplied");
        only(tcp, "mark", "0x15");
        only(tcp, "mark", "0x10/0xf0");
        none("mark", "0x20/0xf0");
        only(tcp, "zone", "5");
        both(udp6, ping, "zone", "0");
        only(tcp, "src-nat", "any");
        only(tcp, "src-nat", "198.51.100.0/24");
        none("src-nat", "10.1.2.3");
        none("dst-nat", "any");
        only(tcp, "any-nat", "any");
        only(tcp, "protocol", "tcp", "dport", "443", "src", "10.0.0.0/8");
        none("protocol", "tcp", "dport", "80");
        assertTrue(FlowQuery.of(Map.of("limit", "7")).unconditional());
    }

    @Test
    void shouldSayWhatWasExpected() {
        for (String[] wrong : new String[][] {
            {"family", "inet"},
            {"protocol", "256"},
            {"protocol", "tpc"},
            {"src", "10.1"},
            {"src", "fw-a"},
            {"src", "10.0.0.0/33"},
            {"dst", "2001:db8::/129"},
            {"dst", "10.0.0.0/"},
            {"sport", "65536"},
            {"dport", "9-1"},
            {"dport", "-1"},
            {"state", "ESTABLISHT"},
            {"status", "ASSURED,"},
            {"mark", "0x1ffffffff"},
            {"mark", "1/0"},
            {"zone", "65536"},
            {"src-nat", "yes"},
            {"any-nat", "10.0.0.1"}
        }) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> FlowQuery.of(Map.of(wrong[0], wrong[1])));
            assertTrue(e.getMessage().startsWith(wrong[0] + ": expected "), e.getMessage());
            assertTrue(e.getMessage().endsWith("found '" + wrong[1] + "'"), e.getMessage());
        }
    }

    @Test
    void shouldListUpToTheLimitAndCountBeyondIt() {
        FlowsPage page = new FlowsPage(FlowQuery.of(Map.of("family", "ipv4")), 1, false);
        assertTrue(page.add(tcp));
        assertTrue(page.add(udp6), "what does not match fills no page");
        assertFalse(page.add(ping), "there are more");
        assertEquals(1, page.page().flows().size());
        assertTrue(page.page().more());
        assertNull(page.page().count());
        FlowsPage counted = new FlowsPage(FlowQuery.of(Map.of()), 0, true);
        assertTrue(counted.add(tcp) && counted.add(udp6) && counted.add(ping));
        assertEquals(3, counted.page().count());
        assertEquals(0, counted.page().flows().size());
    }

    @Test
    void shouldShowAFlowWithItsHelperAndShortAddresses() {
        FlowsPage page = new FlowsPage(FlowQuery.of(Map.of()), 10, false);
        page.add(flow(6, "10.1.2.3", "192.0.2.7", "10.1.2.3", 1, 21).helper("ftp"));
        page.add(udp6);
        assertEquals("ftp", page.page().flows().getFirst().helper());
        assertEquals("2001:db8:1::5", page.page().flows().getLast().orig().src());
        assertNull(page.page().flows().getLast().helper());
    }

    private void only(FlowImage one, String... query) {
        FlowQuery asked = query(query);
        for (FlowImage flow : new FlowImage[] {tcp, udp6, ping}) {
            assertEquals(flow == one, asked.test(flow), String.join(" ", query) + ": " + flow);
        }
    }

    private void both(FlowImage one, FlowImage other, String... query) {
        FlowQuery asked = query(query);
        for (FlowImage flow : new FlowImage[] {tcp, udp6, ping}) {
            assertEquals(flow == one || flow == other, asked.test(flow), String.join(" ", query) + ": " + flow);
        }
    }

    private void none(String... query) {
        both(null, null, query);
    }

    private static FlowQuery query(String... query) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < query.length; i += 2) {
            given.put(query[i], query[i + 1]);
        }
        return FlowQuery.of(given);
    }

    private static FlowImage flow(int protocol, String src, String dst, String replyDst, int sport, int dport) {
        byte[] source = bytes(src);
        FlowImage flow = new FlowImage()
                .clear()
                .family(source.length == 4 ? FlowImage.AF_INET : FlowImage.AF_INET6)
                .l4proto(protocol);
        UnsafeBuffer addresses = new UnsafeBuffer(new byte[48]);
        addresses.putBytes(0, source);
        addresses.putBytes(16, bytes(dst));
        addresses.putBytes(32, bytes(replyDst));
        return flow.orig(addresses, 0, 16, sport, dport)
                .reply(addresses, 16, 32, dport, sport)
                .timeoutSeconds(100);
    }

    private static byte[] bytes(String address) {
        return InetAddress.ofLiteral(address).getAddress();
    }
}
