/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.AllocationMeter;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class CtAllocationTest {
    private static final int MESSAGES = 1_000_000;

    private final UnsafeBuffer in = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(64 * 1024));
    private final CtFlyweight ct = new CtFlyweight();
    private final CtEncoder encoder = new CtEncoder();
    private final NlReader reader = new NlReader();
    private final int bytes = fill();
    private long sum;

    @Test
    void shouldAllocateNothingWhenReadingAMillionMessages() {
        AllocationMeter.assertSteady(0, 4, this::readAll);
        assertTrue(sum != 0);
    }

    @Test
    void shouldAllocateNothingWhenBuildingAMillionRequests() {
        AllocationMeter.assertSteady(0, 4, this::copyAll);
    }

    private int fill() {
        List<byte[]> corpus = CtCorpus.messages();
        int at = 0;
        for (byte[] message : corpus) {
            in.putBytes(at, message);
            at += NlConst.align(message.length);
        }
        return at;
    }

    private void readAll() {
        int read = 0;
        while (read < MESSAGES) {
            reader.wrap(in, 0, bytes);
            while (reader.next()) {
                if (!ct.wrap(in, reader.offset(), reader.length())) {
                    throw new AssertionError(ct.reason());
                }
                sum += ct.status() + ct.orig().a() + ct.present();
                read++;
            }
        }
    }

    /** Each message read is written again as the request that makes its like. */
    private void copyAll() {
        int written = 0;
        while (written < MESSAGES) {
            reader.wrap(in, 0, bytes);
            encoder.wrap(out, 0, out.capacity());
            while (reader.next() && ct.wrap(in, reader.offset(), reader.length())) {
                if (!encoder.hasRoom()) {
                    encoder.reset();
                }
                copy();
                written++;
            }
        }
    }

    private void copy() {
        encoder.beginCreate(NlConst.NLM_F_ACK, 1, ct.family());
        tuple(CTA_TUPLE_ORIG, ct.orig());
        tuple(CTA_TUPLE_REPLY, ct.reply());
        encoder.status(ct.status()).timeoutS(ct.timeoutS()).mark(ct.mark()).zone(ct.zone());
        CtTuple reply = ct.reply();
        encoder.natSrc(ct.family(), in, reply.srcOffset(), in, reply.srcOffset(), reply.b(), reply.b());
        if (ct.has(CtFlyweight.HAS_LABELS)) {
            encoder.labels(in, ct.labelsOffset());
        }
        if (ct.has(CtFlyweight.HAS_HELPER)) {
            encoder.helper(in, ct.helperOffset(), ct.helperBytes());
        }
        if (ct.has(CtFlyweight.HAS_MASTER)) {
            tuple(CTA_TUPLE_MASTER, ct.master());
        }
        CtProtoInfo info = ct.protoInfo();
        if (ct.has(CtFlyweight.HAS_TCP_STATE)) {
            encoder.tcp(info.tcpState(), info.tcpWscaleOrig(), info.tcpWscaleReply(), 8, 8);
        } else if (ct.has(CtFlyweight.HAS_SCTP_STATE)) {
            encoder.sctp(info.sctpState(), info.sctpVtagOrig(), info.sctpVtagReply());
        }
        if (ct.has(CtFlyweight.HAS_SEQADJ_ORIG)) {
            encoder.seqAdj(
                    CTA_SEQ_ADJ_ORIG,
                    ct.seqAdjOrig().correctionPos(),
                    0,
                    ct.seqAdjOrig().offsetAfter());
        }
        encoder.end();
    }

    private void tuple(int which, CtTuple t) {
        encoder.tuple(which, ct.family(), in, t.srcOffset(), in, t.dstOffset(), t.proto(), t.a(), t.b(), t.zone());
    }
}
