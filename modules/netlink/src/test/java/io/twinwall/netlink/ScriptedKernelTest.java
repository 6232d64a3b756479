/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Errno;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The same questions as the tests on the real kernel ask, answered alike. */
class ScriptedKernelTest {
    private final ScriptedKernel kernel = new ScriptedKernel();
    private final NlTransport transport = kernel.connect(NlConst.NETLINK_NETFILTER);
    private final NlRequests requests = new NlRequests(transport);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256 * 1024]);
    private final CtEncoder encoder = new CtEncoder().wrap(buffer, 0, buffer.capacity());
    private final CtFlyweight ct = new CtFlyweight();

    @Test
    void shouldCreateEveryKindOfEntryAndReadItBack() {
        createAll();
        List<CtSpec> missing = new ArrayList<>(CtSpecs.all());
        requests.beginNf(CTNETLINK + IPCTNL_MSG_CT_GET, 0, NlConst.AF_UNSPEC, 0);
        NlResult result = requests.dump(message -> {
            assertTrue(ct.wrap(message.buffer(), message.offset(), message.length()));
            missing.removeIf(spec -> {
                if (!spec.sameKey(ct) || (spec.zone == null ? 0 : spec.zone) != ct.zone()) {
                    return false;
                }
                spec.assertRead(ct);
                spec.assertKernelTuples(ct);
                return true;
            });
        });
        assertTrue(result.ok(), result::toString);
        assertEquals(List.of(), missing.stream().map(s -> s.name).toList());
    }

    @Test
    void shouldAnswerUpsertsByErrno() {
        CtSpec spec = CtSpec.tcp4("upsert", 3000);
        spec.encodeKey(encoder.beginUpdate(NlConst.NLM_F_ACK, 1, spec.family())).end();
        assertEquals(Errno.ENOENT, exchange(1, 1).errno());
        assertEquals(0, create(spec));
        assertEquals(Errno.EEXIST, create(spec));
        spec.encodeKey(encoder.beginUpdate(NlConst.NLM_F_ACK, 1, spec.family()))
                .mark(9)
                .end();
        assertEquals(0, exchange(1, 1).errno());
        CtSpec dying = CtSpec.tcp4("dying", 3001);
        dying.status |= IPS_DYING;
        assertEquals(Errno.EBUSY, create(dying));
        CtSpec orphan = CtSpec.tcp4("orphan", 3002);
        orphan.master = CtSpec.tcp4("no such master", 3003);
        assertEquals(Errno.ENOENT, create(orphan));
        kernel.refuse(Errno.ENOMEM, 1);
        assertEquals(Errno.ENOMEM, create(CtSpec.tcp4("refused", 3004)));
        assertEquals(0, create(CtSpec.tcp4("refused no more", 3004)));
    }

    @Test
    void shouldRefuseATranslationThatClashes() {
        assertEquals(0, create(CtSpec.tcp4("one", 1).natSrc("203.0.113.1", 1000)));
        assertEquals(Errno.EEXIST, create(CtSpec.tcp4("two", 2).natSrc("203.0.113.1", 1000)));
        assertEquals(1, kernel.entries());
    }

    @Test
    void shouldSendEventsUnderThePortIdOfWhoDidIt() {
        NlTransport listener = kernel.connect(NlConst.NETLINK_NETFILTER);
        listener.join(NlConst.NFNLGRP_CONNTRACK_NEW);
        listener.join(NlConst.NFNLGRP_CONNTRACK_DESTROY);
        CtSpec spec = CtSpec.tcp4("event", 1);
        create(spec);
        spec.encodeKey(encoder.beginDelete(0, 1, spec.family())).end();
        kernel.packetPath(buffer, 0, encoder.length());
        List<Integer> portIds = new ArrayList<>();
        assertTrue(listener.await(0));
        assertEquals(2, listener.poll((bytes, offset, length) -> {
            assertTrue(ct.wrap(bytes, offset, length));
            spec.assertRead(ct);
            portIds.add(ct.portId());
        }));
        assertEquals(List.of(transport.portId(), 0), portIds);
        assertFalse(listener.await(0));
        assertEquals(0, kernel.entries());
    }

    @Test
    void shouldTellOnceOfLostEvents() {
        NlTransport listener = kernel.connect(NlConst.NETLINK_NETFILTER);
        listener.join(NlConst.NFNLGRP_CONNTRACK_NEW);
        listener.setReceiveBuffer(5 * ScriptedKernel.EVENT_CHARGE_BYTES);
        for (int i = 0; i < 20; i++) {
            create(CtSpec.tcp4("flood", i));
        }
        assertEquals(-Errno.ENOBUFS, listener.poll((bytes, offset, length) -> {}));
        assertEquals(10, listener.poll((bytes, offset, length) -> {}));
        assertEquals(0, listener.poll((bytes, offset, length) -> {}));
        create(CtSpec.tcp4("after", 99));
        assertEquals(1, listener.poll((bytes, offset, length) -> {}));
    }

    @Test
    void shouldTellTheFirstFailureOfABatch() {
        create(CtSpec.tcp4("taken", 5));
        for (int i = 0; i < 10; i++) {
            CtSpec.tcp4("batch", i).encodeCreate(encoder, i == 9 ? NlConst.NLM_F_ACK : 0, 100 + i);
        }
        assertEquals(Errno.EEXIST, exchange(100, 109).errno());
        assertEquals(10, kernel.entries());
        requests.beginNf(CTNETLINK + IPCTNL_MSG_CT_DELETE, 0, NlConst.AF_INET, 0);
        assertTrue(requests.execute().ok());
        assertEquals(0, kernel.entries());
    }

    @Test
    void shouldKeepAddresses() throws Exception {
        try (RtAddresses addresses = new RtAddresses(kernel.connect(NlConst.NETLINK_ROUTE));
                RtBatch batch = new RtBatch(kernel.connect(NlConst.NETLINK_ROUTE))) {
            RtAddress vip = RtAddress.of(3, InetAddress.ofLiteral("10.10.0.254"), 24);
            RtAddress vip6 = RtAddress.of(3, InetAddress.ofLiteral("2001:db8::fe"), 64);
            assertEquals(List.of(), batch.add(vip).add(vip6).send());
            assertEquals(Errno.EEXIST, batch.add(vip).send().getFirst().errno());
            assertEquals(List.of(), batch.replace(vip.withLifetimeS(3)).send());
            assertEquals(List.of(vip6, vip.withLifetimeS(3)), addresses.list(3));
            assertEquals(List.of(), batch.delete(vip).deleteIfPresent(vip).send());
            assertEquals(List.of(vip6), kernel.addresses());
            assertEquals(List.of(), addresses.list(4));
        }
    }

    private void createAll() {
        for (CtSpec spec : CtSpecs.all()) {
            assertEquals(0, create(spec), spec.name);
        }
    }

    private int create(CtSpec spec) {
        spec.encodeCreate(encoder, NlConst.NLM_F_ACK, 1);
        return exchange(1, 1).errno();
    }

    private NlResult exchange(int firstSeq, int lastSeq) {
        NlResult result = requests.batch(buffer, 0, encoder.length(), firstSeq, lastSeq);
        encoder.reset();
        return result;
    }
}
