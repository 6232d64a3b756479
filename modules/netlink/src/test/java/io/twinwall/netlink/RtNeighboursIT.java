/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class RtNeighboursIT {
    @Test
    void shouldListNeighboursOfBothFamiliesAndTheirStates(TestNet net) throws Exception {
        String netNs = net.namespace();
        net.veth(netNs, "lan0", netNs, "peer0");
        Cmd.in(netNs, "ip", "neigh", "add", "10.10.0.9", "lladdr", "02:00:00:00:00:09", "dev", "lan0", "nud", "stale");
        Cmd.in(netNs, "ip", "neigh", "add", "fd00:10::9", "dev", "lan0", "nud", "failed");
        try (RtNeighbours neighbours = NetNs.call(netNs, RtNeighbours::open);
                RtLinks links = NetNs.call(netNs, RtLinks::open)) {
            int ifIndex = links.find("lan0").orElseThrow().ifIndex();
            List<RtNeighbour> all = neighbours.list().stream()
                    .filter(one -> one.ifIndex() == ifIndex && !one.address().isMulticastAddress())
                    .toList();
            RtNeighbour ipv4 = find(all, "10.10.0.9");
            assertEquals(RtConst.NUD_STALE, ipv4.state());
            assertFalse(ipv4.failed());
            assertTrue(find(all, "fd00:10::9").failed());
        }
    }

    private static RtNeighbour find(List<RtNeighbour> all, String address) {
        return all.stream()
                .filter(one -> one.address().equals(InetAddress.ofLiteral(address)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + address + " in " + all));
    }
}
