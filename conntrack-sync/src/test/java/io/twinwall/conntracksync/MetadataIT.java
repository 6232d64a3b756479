/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What no kernel lets one set arrives in the mirror's table all the same. */
@RequireRoot
@ExtendWith(NetNsExtension.class)
class MetadataIT {
    private static final InetAddress OWN = InetAddress.ofLiteral("10.50.0.1");
    private static final int PORT = 5353;
    private static final int DATAGRAM_BYTES = 100;
    private static final int HEADERS_BYTES = 28;
    private static final int DATAGRAMS = 7;

    /** Of a flow, copied while it is visited. */
    private record Metadata(long packets, long bytes, long answers, long startNs) {
        static Metadata of(FlowImage image) {
            return new Metadata(image.packetsOrig(), image.bytesOrig(), image.packetsReply(), image.startNs());
        }
    }

    @Test
    void shouldCarryCountersAndStartTimeToTheMirrorsTable(TestNet net) throws Exception {
        String a = KernelPair.firewall(net, RejoinIT.RULESET);
        String b = KernelPair.firewall(net, RejoinIT.RULESET);
        for (String option : List.of("acct", "timestamp")) {
            net.sysctl(a, "net/netfilter/nf_conntrack_" + option, "1");
        }
        net.address(a, "lo", OWN.getHostAddress() + "/32");
        long beforeNs = System.currentTimeMillis() * 1_000_000;
        NetNs.call(a, () -> {
            exchange();
            return null;
        });
        try (KernelPair pair = new KernelPair(a, b, KernelPair.EVENT_BUFFER_BYTES)) {
            pair.start();
            List<Metadata> there = pair.a.visit(Metadata::of);
            List<Metadata> here = pair.b.visit(Metadata::of);
            assertEquals(1, here.size());
            assertEquals(there, here);
            Metadata flow = here.getFirst();
            assertEquals(DATAGRAMS, flow.packets());
            assertEquals((long) DATAGRAMS * (DATAGRAM_BYTES + HEADERS_BYTES), flow.bytes());
            assertEquals(1, flow.answers());
            assertTrue(flow.startNs() >= beforeNs, () -> "start " + flow.startNs() + " before " + beforeNs);
        }
    }

    private static void exchange() throws Exception {
        try (DatagramSocket server = new DatagramSocket(PORT, OWN);
                DatagramSocket client = new DatagramSocket(0, OWN)) {
            DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
            client.connect(OWN, PORT);
            for (int i = 0; i < DATAGRAMS; i++) {
                packet.setSocketAddress(server.getLocalSocketAddress());
                client.send(packet);
                server.receive(packet);
            }
            server.send(packet);
        }
    }
}
