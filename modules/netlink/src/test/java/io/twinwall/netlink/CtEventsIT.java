/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.NetNsExtension;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RequireRoot
@ExtendWith(NetNsExtension.class)
class CtEventsIT {
    /** What a test wants to know of an event after its buffer is gone. */
    private record Event(int type, boolean created, int portId, int proto, int b, int status, long present) {}

    private final List<Event> events = new ArrayList<>();
    private final CtFlyweight ct = new CtFlyweight();
    private final NlReader reader = new NlReader();
    private CtKernel kernel;
    private NlSocket listener;

    @BeforeEach
    void open(TestNet net) {
        kernel = new CtKernel(net);
        listener = kernel.open(64, 4096);
        assertEquals(0, listener.join(NlConst.NFNLGRP_CONNTRACK_NEW));
        assertEquals(0, listener.join(NlConst.NFNLGRP_CONNTRACK_UPDATE));
        assertEquals(0, listener.join(NlConst.NFNLGRP_CONNTRACK_DESTROY));
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    @Test
    void shouldHearOfOwnInjectionsUnderOwnPortId() {
        CtSpec spec = CtSpec.tcp4("own", 3000);
        assertEquals(0, kernel.create(spec));
        kernel.encoder.beginUpdate(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).mark(5).end();
        kernel.encoder.beginDelete(NlConst.NLM_F_ACK, kernel.nextSeq(), spec.family());
        spec.encodeKey(kernel.encoder).end();
        kernel.exchange(2);
        Await.until("NEW, UPDATE and DESTROY", Duration.ofSeconds(2), () -> read() >= 0 && events.size() == 3);
        assertEquals(
                List.of(true, false, false), events.stream().map(Event::created).toList());
        assertEquals(IPCTNL_MSG_CT_DELETE, events.get(2).type());
        assertTrue(events.stream().allMatch(e -> e.portId() == kernel.socket.portId()), events::toString);
    }

    @Test
    void shouldHearOfTrafficUnderPortIdZero() throws Exception {
        NetNs.call(kernel.netNs, () -> {
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            try (DatagramSocket one = new DatagramSocket(7001, loopback);
                    DatagramSocket two = new DatagramSocket(7002, loopback)) {
                one.send(new DatagramPacket(new byte[1], 1, loopback, 7002));
                two.send(new DatagramPacket(new byte[1], 1, loopback, 7001));
            }
            return null;
        });
        Await.until("NEW and UPDATE", Duration.ofSeconds(2), () -> read() >= 0 && events.size() >= 2);
        Event created = events.getFirst();
        assertTrue(created.created());
        assertEquals(0, created.portId());
        assertEquals(IPPROTO_UDP, created.proto());
        assertEquals(7002, created.b());
        assertNotEquals(0, events.get(1).status() & IPS_SEEN_REPLY);
    }

    @Test
    void shouldDecodeTheEventsOfEveryKindOfEntry() {
        for (CtSpec spec : CtSpecs.all()) {
            assertEquals(0, kernel.create(spec), spec.name);
        }
        int count = CtSpecs.all().size();
        Await.until("all NEW events", Duration.ofSeconds(2), () -> read() >= 0 && events.size() == count);
        assertTrue(events.stream().allMatch(Event::created));
        kernel.encoder
                .beginFlush(NlConst.NLM_F_ACK, kernel.nextSeq(), NlConst.AF_UNSPEC)
                .end();
        kernel.exchange(1);
        Await.until("all DESTROY events", Duration.ofSeconds(2), () -> read() >= 0 && events.size() == 2 * count);
    }

    @Test
    void shouldBeToldOnceWhenEventsAreLostAndGoOnAfterwards() {
        assertEquals(0, listener.setReceiveBuffer(16 * 1024));
        for (int i = 0; i < 256; i++) {
            CtSpec.tcp4("flood", 3000 + i).encodeCreate(kernel.encoder, i == 255 ? NlConst.NLM_F_ACK : 0, 1 + i);
        }
        kernel.exchange(1);
        int lost = 0;
        int result = read();
        while (result != 0) {
            lost += result == -Errno.ENOBUFS ? 1 : 0;
            result = read();
        }
        assertEquals(1, lost);
        assertTrue(!events.isEmpty() && events.size() < 256, "events " + events.size());
        events.clear();
        assertEquals(0, kernel.create(CtSpec.tcp4("after the loss", 4000)));
        Await.until("an event after the loss", Duration.ofSeconds(2), () -> read() >= 0 && events.size() == 1);
    }

    @Test
    void shouldReportADatagramThatDidNotFit() {
        NlSocket small = kernel.open(4, 64);
        assertEquals(0, small.join(NlConst.NFNLGRP_CONNTRACK_NEW));
        assertEquals(0, kernel.create(CtSpec.tcp4("too long", 3000)));
        assertTrue(small.await(2_000));
        assertEquals(-Errno.EMSGSIZE, small.poll((buffer, offset, length) -> {
            throw new AssertionError("handed over");
        }));
    }

    private int read() {
        return listener.poll((buffer, offset, length) -> {
            reader.wrap(buffer, offset, length);
            while (reader.next()) {
                assertTrue(
                        ct.wrap(buffer, reader.offset(), reader.length()),
                        () -> ct.reason().toString());
                assertEquals(0, ct.unknownAttributes());
                boolean created = (ct.flags() & NlConst.NLM_F_CREATE) != 0;
                CtTuple orig = ct.orig();
                events.add(
                        new Event(ct.type(), created, ct.portId(), orig.proto(), orig.b(), ct.status(), ct.present()));
            }
        });
    }
}
