/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AeronLinkTest {
    /** A driver empties its directory first; each start of one for nothing would stall the thread of the other paths. */
    @Test
    void shouldStartNoDriverForAnAddressThatItCannotHave(@TempDir Path directory) throws IOException {
        Path mark = Files.createFile(directory.resolve("mark"));
        Counters counters = new Counters();
        try (DatagramChannel taken = DatagramChannel.open()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) taken.getLocalAddress()).getPort();
            String endpoint = "127.0.0.1:" + port;
            try (AeronLink link = new AeronLink(
                    new AeronLinkConfig(directory, endpoint, endpoint, 7),
                    () -> 1,
                    new LinkCounters(counters),
                    socket -> {})) {
                assertEquals(Link.CLOSED, link.offer(Samples.offHeap(8), 0, 8));
            }
        }
        assertTrue(Files.exists(mark), "a driver was started");
        assertEquals(1, counters.value("wire_link_errors_network_total"));
        assertEquals(1, counters.value("wire_link_open_failures_total"));
    }
}
