/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Ports that are open, closed and filtered. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class TcpIT {
    private static final int PORT = 4711;

    private Town town;

    @BeforeEach
    void open(TestNet net) {
        town = new Town(net);
        town.settle();
    }

    private ServerSocket listen(String address) throws Exception {
        return NetNs.call(town.host, () -> new ServerSocket(PORT, 50, Specs.ip(address)));
    }

    @Test
    void shouldTellOpenClosedAndFilteredPorts() throws Exception {
        try (Watch watch =
                Watch.in(town.node, Specs.tcp("four", "10.10.0.9", PORT), Specs.tcp("six", "fd00:10::9", PORT))) {
            assertEquals(
                    "10.10.0.9:4711: Connection refused",
                    watch.await("four", Verdict.DOWN).detail());
            assertEquals(
                    "[fd00:10:0:0:0:0:0:9]:4711: Connection refused",
                    watch.await("six", Verdict.DOWN).detail());
            try (ServerSocket four = listen("10.10.0.9");
                    ServerSocket six = listen("fd00:10::9")) {
                watch.awaitAll(Verdict.UP);
                assertTrue(four.isBound() && six.isBound());
                town.filter("tcp dport 4711");
                watch.awaitDetail("four", "10.10.0.9:4711 does not accept within 60 ms");
                watch.awaitDetail("six", "[fd00:10:0:0:0:0:0:9]:4711 does not accept within 60 ms");
                watch.awaitAll(Verdict.DOWN);
                town.clear();
                watch.awaitAll(Verdict.UP);
            }
            watch.awaitAll(Verdict.DOWN);
        }
    }

    @Test
    void shouldFailAtOnceWithoutARoute() {
        try (Watch watch = Watch.in(town.node, Specs.tcp("far", "192.0.2.1", PORT))) {
            assertEquals(
                    "192.0.2.1:4711: Network is unreachable",
                    watch.await("far", Verdict.DOWN).detail());
        }
    }

    @Test
    void shouldNeverConnectFromAVirtualAddress() throws Exception {
        Cmd.in(town.node, "ip", "address", "flush", "dev", "lan0", "scope", "global");
        for (String address : List.of("10.10.0.254/24", "fd00:10::254/64")) {
            town.net.address(town.node, "lan0", address);
        }
        town.count("meta l4proto tcp");
        try (ServerSocket four = listen("10.10.0.9");
                ServerSocket six = listen("fd00:10::9");
                Watch watch = Watch.in(
                        town.node,
                        List.of("10.10.0.254", "fd00:10::254"),
                        Specs.tcp("four", "10.10.0.9", PORT),
                        Specs.tcp("six", "fd00:10::9", PORT))) {
            watch.awaitDetail("four", "10.10.0.9:4711: Cannot assign requested address");
            watch.awaitDetail("six", "[fd00:10:0:0:0:0:0:9]:4711: Cannot assign requested address");
            assertEquals(0, town.counted(), "not even a SYN that is taken back");
            town.clear();
            town.settle();
            watch.awaitAll(Verdict.UP);
            try (Socket fromFour = four.accept();
                    Socket fromSix = six.accept()) {
                assertEquals(Specs.ip("10.10.0.1"), fromFour.getInetAddress());
                assertEquals(Specs.ip("fd00:10::1"), fromSix.getInetAddress());
            }
        }
    }
}
