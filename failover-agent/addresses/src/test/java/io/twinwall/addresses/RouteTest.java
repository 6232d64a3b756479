/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.netlink.RtPrefix;
import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouteTest {
    private static Optional<InetAddress> address(String address) {
        return address.isEmpty() ? Optional.empty() : Optional.of(InetAddress.ofLiteral(address));
    }

    private static RtPrefix prefix(String address, int length) {
        return new RtPrefix(InetAddress.ofLiteral(address), length);
    }

    private static String problem(RtPrefix to, String via, String device, int table, int metric, String source) {
        return new Route(to, address(via), device, table, metric, address(source)).problem();
    }

    @Test
    void shouldSayWhatIsWrongWithARoute() {
        RtPrefix lan = prefix("10.20.0.0", 16);
        assertEquals("", problem(lan, "10.10.0.9", "", 254, 0, "10.10.0.254"));
        assertEquals("", problem(prefix("::", 0), "fe80::1", "lan0", 1, 5, ""));
        assertEquals(
                "bits behind the prefix of the destination: 10.20.0.0/16 is meant?",
                problem(prefix("10.20.0.1", 16), "10.10.0.9", "", 254, 0, ""));
        assertEquals("next hop and destination are of different families", problem(lan, "fd00::1", "", 254, 0, ""));
        assertEquals(
                "source and destination are of different families", problem(lan, "10.10.0.9", "", 254, 0, "fd00::1"));
        assertEquals("neither a next hop nor an interface", problem(lan, "", "", 254, 0, ""));
        assertEquals("a link-local next hop needs an interface", problem(prefix("::", 0), "fe80::1", "", 254, 0, ""));
        assertEquals("table 0 is less than 1", problem(lan, "10.10.0.9", "", 0, 0, ""));
        assertEquals("metric -1 is below 0", problem(lan, "10.10.0.9", "", 254, -1, ""));
    }

    private static String problem(boolean ipv6, String from, String to, int mark, int mask, int table, int priority) {
        Optional<RtPrefix> source = address(from).map(address -> new RtPrefix(address, 0));
        Optional<RtPrefix> destination = address(to).map(address -> new RtPrefix(address, 0));
        return new Rule(ipv6, source, destination, mark, mask, table, priority).problem();
    }

    @Test
    void shouldSayWhatIsWrongWithARule() {
        assertEquals("", problem(false, "10.0.0.0", "", 0, 0, 300, 1));
        assertEquals("", problem(true, "", "fd00::", 1, 1, 300, 32_765));
        assertEquals("the source is of another family than the rule", problem(true, "10.0.0.0", "", 0, 0, 300, 1));
        assertEquals("the destination is of another family than the rule", problem(false, "", "fd00::", 0, 0, 300, 1));
        assertEquals("mark 0x3 has bits that the mask 0x1 hides", problem(false, "", "", 3, 1, 300, 1));
        assertEquals("table 0 is less than 1", problem(false, "", "", 0, 0, 0, 1));
        assertEquals("priority 0 is not 1..32765", problem(false, "", "", 0, 0, 300, 0));
        assertEquals("priority 32766 is not 1..32765", problem(false, "", "", 0, 0, 300, 32_766));
    }
}
