/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class CtRoundTripTest {
    private final CtEncoder encoder = new CtEncoder();
    private final CtFlyweight ct = new CtFlyweight();

    @Test
    void shouldReadWhatWasEncoded() {
        for (CtSpec spec : CtSpecs.all()) {
            for (MutableDirectBuffer buffer :
                    List.of(new UnsafeBuffer(new byte[2048]), new UnsafeBuffer(ByteBuffer.allocateDirect(2048)))) {
                // An odd offset: nothing may depend on alignment.
                encoder.wrap(buffer, 3, CtEncoder.MESSAGE_BYTES_MAX);
                spec.encodeCreate(encoder, 0, 4711);
                assertTrue(ct.wrap(buffer, 3, encoder.length()), () -> spec.name + ": " + ct.reason());
                assertEquals(IPCTNL_MSG_CT_NEW, ct.type());
                assertEquals(NlConst.NLM_F_REQUEST | NlConst.NLM_F_CREATE | NlConst.NLM_F_EXCL, ct.flags());
                assertEquals(4711, ct.seq());
                assertEquals(0, ct.unknownAttributes());
                spec.assertRead(ct);
                assertEquals(spec.natSrc != null, ct.has(CtFlyweight.HAS_NAT_SRC), spec.name);
                assertEquals(spec.natDst != null, ct.has(CtFlyweight.HAS_NAT_DST), spec.name);
                if (spec.natSrc != null) {
                    assertEquals(spec.natSrcPort, ct.natSrc().portMin());
                    assertEquals(spec.natSrcPort, ct.natSrc().portMax());
                }
            }
        }
    }

    @Test
    void shouldWriteAgainWhatWasRead() {
        UnsafeBuffer first = new UnsafeBuffer(new byte[2048]);
        UnsafeBuffer second = new UnsafeBuffer(new byte[2048]);
        for (CtSpec spec : CtSpecs.all()) {
            encoder.wrap(first, 0, 2048);
            spec.encodeKey(encoder.beginDelete(0, 1, spec.family())).end();
            int length = encoder.length();
            assertTrue(ct.wrap(first, 0, length));
            encoder.wrap(second, 0, 2048).beginDelete(0, 1, ct.family());
            CtTuple orig = ct.orig();
            encoder.tuple(
                    CTA_TUPLE_ORIG,
                    ct.family(),
                    first,
                    orig.srcOffset(),
                    first,
                    orig.dstOffset(),
                    orig.proto(),
                    orig.a(),
                    orig.b(),
                    orig.zone());
            if (ct.has(CtFlyweight.HAS_ZONE)) {
                encoder.zone(ct.zone());
            }
            encoder.end();
            assertEquals(length, encoder.length());
            assertEquals(0, new UnsafeBuffer(first, 0, length).compareTo(new UnsafeBuffer(second, 0, length)));
        }
    }

    @Test
    void shouldCountUnknownAttributesAndGoOn() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        CtSpec spec = CtSpec.tcp4("with strangers", 1);
        encoder.wrap(buffer, 0, 2048);
        NlWriter writer = encoder.begin(IPCTNL_MSG_CT_NEW, 0, 1, spec.family()).writer();
        writer.putBytes(500, new byte[] {1, 2, 3});
        spec.encodeKey(encoder);
        int nest = writer.nestBegin(CTA_HELP);
        writer.putU64be(99, 1).putString(CTA_HELP_NAME, "ftp");
        writer.nestEnd(nest);
        encoder.mark(3);
        encoder.end();
        assertTrue(ct.wrap(buffer, 0, encoder.length()), () -> ct.reason().toString());
        assertEquals(2, ct.unknownAttributes());
        assertEquals(3, ct.mark());
        assertEquals("ftp", buffer.getStringWithoutLengthAscii(ct.helperOffset(), ct.helperBytes()));
    }

    @Test
    void shouldReadAttributesInAnyOrder() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        CtSpec spec = CtSpec.tcp4("backwards", 1);
        encoder.wrap(buffer, 0, 2048).begin(IPCTNL_MSG_CT_NEW, 0, 1, spec.family());
        encoder.status(spec.status).timeoutS(spec.timeoutS);
        encoder.tcp(spec.tcp[0], spec.tcp[1], spec.tcp[2], spec.tcp[3], spec.tcp[4]);
        spec.encodeKey(encoder).end();
        assertTrue(ct.wrap(buffer, 0, encoder.length()));
        spec.assertRead(ct);
    }

    @Test
    void shouldForgetTheMessageBefore() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        for (CtSpec spec : CtSpecs.all()) {
            encoder.wrap(buffer, 0, 2048);
            spec.encodeCreate(encoder, 0, 1);
            assertTrue(ct.wrap(buffer, 0, encoder.length()));
        }
        CtSpec plain = new CtSpec("plain", "10.0.0.1", "10.0.0.2", IPPROTO_UDP, 1, 2);
        encoder.wrap(buffer, 0, 2048);
        plain.encodeKey(encoder.beginDelete(0, 1, plain.family())).end();
        assertTrue(ct.wrap(buffer, 0, encoder.length()));
        assertEquals(1, ct.present(), "only the original tuple");
        assertEquals(CtTuple.NO_ZONE, ct.reply().zone());
        assertEquals(0, ct.zone());
    }

    @Test
    void shouldSayWhyAMessageIsRefused() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        CtSpec spec = CtSpec.tcp4("refused", 1);
        encoder.wrap(buffer, 0, 2048);
        spec.encodeCreate(encoder, 0, 1);
        int length = encoder.length();

        assertEquals(CtReason.TRUNCATED, reason(buffer, 0, 19));
        assertEquals(CtReason.TRUNCATED, reason(buffer, 0, length - 1));
        assertEquals(CtReason.TRUNCATED, reason(buffer, 1500, length));
        assertEquals(CtReason.TRUNCATED, reason(buffer, 2047, length));
        buffer.putByte(5, (byte) NlConst.NFNL_SUBSYS_CTNETLINK_EXP);
        assertEquals(CtReason.NOT_AN_ENTRY, reason(buffer, 0, length));
        buffer.putByte(5, (byte) NlConst.NFNL_SUBSYS_CTNETLINK);
        buffer.putByte(16, (byte) 7);
        assertEquals(CtReason.UNKNOWN_FAMILY, reason(buffer, 0, length));
        buffer.putByte(16, (byte) NlConst.AF_INET6);
        assertEquals(CtReason.INCOMPLETE_TUPLE, reason(buffer, 0, length));
        buffer.putByte(16, (byte) NlConst.AF_INET);
        short tupleBytes = buffer.getShort(20);
        buffer.putShort(20, (short) 2000);
        assertEquals(CtReason.LYING_LENGTH, reason(buffer, 0, length));
        buffer.putShort(20, (short) 3);
        assertEquals(CtReason.LYING_LENGTH, reason(buffer, 0, length));
        buffer.putShort(20, tupleBytes);
        assertEquals(CtReason.OK, reason(buffer, 0, length));
        buffer.putShort(22, (short) 500);
        assertEquals(CtReason.NO_ORIG_TUPLE, reason(buffer, 0, length));
    }

    @Test
    void shouldRefuseAShortValue() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        CtSpec spec = CtSpec.tcp4("short", 1);
        encoder.wrap(buffer, 0, 2048).beginUpdate(0, 1, spec.family());
        spec.encodeKey(encoder).writer().putU8(CTA_MARK, 1);
        encoder.end();
        assertEquals(CtReason.SHORT_VALUE, reason(buffer, 0, encoder.length()));
    }

    @Test
    void shouldCarryManyRequestsInOneBatch() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[64 * 1024]);
        encoder.wrap(buffer, 0, buffer.capacity());
        List<CtSpec> specs = CtSpecs.all();
        for (int i = 0; i < specs.size(); i++) {
            assertTrue(encoder.hasRoom());
            int at = encoder.position();
            specs.get(i).encodeCreate(encoder, 0, i);
            encoder.addFlags(at, NlConst.NLM_F_ACK);
        }
        assertEquals(specs.size(), encoder.messages());
        NlReader reader = new NlReader().wrap(buffer, 0, encoder.length());
        List<Integer> seqs = new ArrayList<>();
        while (reader.next()) {
            assertTrue((reader.flags() & NlConst.NLM_F_ACK) != 0);
            assertTrue(ct.wrap(buffer, reader.offset(), reader.length()));
            specs.get(reader.seq()).assertRead(ct);
            seqs.add(reader.seq());
        }
        assertEquals(NlReader.OK, reader.error());
        assertEquals(specs.size(), seqs.size());
        assertEquals(0, encoder.reset().length());
        assertFalse(reader.wrap(buffer, 0, 0).next());
    }

    @Test
    void shouldFitEveryAttributeAtOnceInTheRoomAsked() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[2048]);
        UnsafeBuffer source = new UnsafeBuffer(new byte[256]);
        assertTrue(encoder.wrap(buffer, 0, CtEncoder.MESSAGE_BYTES_MAX).hasRoom());
        encoder.beginCreate(0, 1, NlConst.AF_INET6);
        for (int which : new int[] {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY, CTA_TUPLE_MASTER}) {
            encoder.tuple(which, NlConst.AF_INET6, source, 0, source, 0, IPPROTO_ICMPV6, 1, 2, 3);
        }
        encoder.natSrc(NlConst.AF_INET6, source, 0, source, 0, 1, 2);
        encoder.natDst(NlConst.AF_INET6, source, 0, source, 0, 1, 2);
        encoder.status(1).timeoutS(2).mark(3).id(4).zone(5).labels(6, 7).synproxy(8, 9, 10);
        encoder.tcp(1, 2, 3, 4, 5).sctp(1, 2, 3);
        encoder.seqAdj(CTA_SEQ_ADJ_ORIG, 1, 2, 3).seqAdj(CTA_SEQ_ADJ_REPLY, 1, 2, 3);
        encoder.helper(source, 0, 15, source, 0, 256);
        assertTrue(encoder.end() <= CtEncoder.MESSAGE_BYTES_MAX);
    }

    private CtReason reason(UnsafeBuffer buffer, int offset, int length) {
        assertEquals(ct.wrap(buffer, offset, length), ct.reason() == CtReason.OK);
        return ct.reason();
    }
}
