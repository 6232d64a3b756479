/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static io.twinwall.netlink.CtConst.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One conntrack entry in the plain words of a test: what to encode, and what to find again. Whatever is not set is not
 * encoded and not compared. The reply tuple is the inverse of the original, turned by the translation when {@link
 * #assertKernelTuples} compares what a kernel made of it.
 */
final class CtSpec {
    final String name;
    final boolean v4;
    final byte[] src;
    final byte[] dst;
    final int proto;
    final int a;
    final int b;
    int status = IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;
    int timeoutS = 600;
    Integer mark;
    long[] labels;
    Integer zone;
    int origZone = CtTuple.NO_ZONE;
    int replyZone = CtTuple.NO_ZONE;
    String helper;
    CtSpec master;
    byte[] natSrc;
    int natSrcPort = CtEncoder.NONE;
    byte[] natDst;
    int natDstPort = CtEncoder.NONE;
    int[] tcp;
    int[] sctp;
    int[] seqAdjOrig;
    int[] seqAdjReply;
    int[] synproxy;
    List<String> printed = List.of();

    CtSpec(String name, String src, String dst, int proto, int a, int b) {
        this.name = name;
        this.src = bytes(src);
        this.dst = bytes(dst);
        this.v4 = this.src.length == 4;
        this.proto = proto;
        this.a = a;
        this.b = b;
    }

    static CtSpec tcp4(String name, int port) {
        CtSpec spec = new CtSpec(name, "10.0.0.1", "192.0.2.7", IPPROTO_TCP, port, 80);
        spec.tcp = new int[] {TCP_CONNTRACK_ESTABLISHED, 7, 8, 0x0b, 0x2b};
        return spec;
    }

    /** What conntrack(8) says of it, all on one line. */
    CtSpec prints(String... parts) {
        printed = List.of(parts);
        return this;
    }

    static byte[] bytes(String address) {
        return InetAddress.ofLiteral(address).getAddress();
    }

    CtSpec natSrc(String address, int port) {
        natSrc = bytes(address);
        natSrcPort = port;
        return this;
    }

    CtSpec natDst(String address, int port) {
        natDst = bytes(address);
        natDstPort = port;
        return this;
    }

    int family() {
        return v4 ? NlConst.AF_INET : NlConst.AF_INET6;
    }

    /** The key's numbers as the other direction has them. */
    int replyA() {
        return hasPorts(proto) ? b : a;
    }

    int replyB() {
        if (hasPorts(proto)) {
            return a;
        }
        int type = b >>> 8;
        return switch (proto) {
            case IPPROTO_ICMP -> (type == 8 ? 0 : 8) << 8;
            case IPPROTO_ICMPV6 -> (type == 128 ? 129 : 128) << 8;
            default -> 0;
        };
    }

    void encodeCreate(CtEncoder encoder, int flags, int seq) {
        encodeKey(encoder.beginCreate(flags, seq, family()));
        encoder.tuple(CTA_TUPLE_REPLY, family(), buffer(dst), 0, buffer(src), 0, proto, replyA(), replyB(), replyZone);
        encoder.status(status).timeoutS(timeoutS);
        if (mark != null) {
            encoder.mark(mark);
        }
        if (labels != null) {
            encoder.labels(labels[0], labels[1]);
        }
        if (helper != null) {
            encoder.helper(helper);
        }
        if (master != null) {
            encoder.tuple(
                    CTA_TUPLE_MASTER,
                    master.family(),
                    buffer(master.src),
                    0,
                    buffer(master.dst),
                    0,
                    master.proto,
                    master.a,
                    master.b,
                    master.origZone);
        }
        encodeNat(encoder);
        encodeProtoInfo(encoder);
        if (seqAdjOrig != null) {
            encoder.seqAdj(CTA_SEQ_ADJ_ORIG, seqAdjOrig[0], seqAdjOrig[1], seqAdjOrig[2]);
        }
        if (seqAdjReply != null) {
            encoder.seqAdj(CTA_SEQ_ADJ_REPLY, seqAdjReply[0], seqAdjReply[1], seqAdjReply[2]);
        }
        if (synproxy != null) {
            encoder.synproxy(synproxy[0], synproxy[1], synproxy[2]);
        }
        encoder.end();
    }

    private void encodeNat(CtEncoder encoder) {
        if (natSrc != null) {
            encoder.natSrc(family(), buffer(natSrc), 0, buffer(natSrc), 0, natSrcPort, natSrcPort);
        }
        if (natDst != null) {
            encoder.natDst(family(), buffer(natDst), 0, buffer(natDst), 0, natDstPort, natDstPort);
        }
    }

    private void encodeProtoInfo(CtEncoder encoder) {
        if (tcp != null) {
            encoder.tcp(tcp[0], tcp[1], tcp[2], tcp[3], tcp[4]);
        }
        if (sctp != null) {
            encoder.sctp(sctp[0], sctp[1], sctp[2]);
        }
    }

    /** Original tuple and zone: what names the entry. */
    CtEncoder encodeKey(CtEncoder encoder) {
        encoder.tuple(CTA_TUPLE_ORIG, family(), buffer(src), 0, buffer(dst), 0, proto, a, b, origZone);
        if (zone != null) {
            encoder.zone(zone);
        }
        return encoder;
    }

    boolean sameKey(CtFlyweight ct) {
        return ct.family() == family()
                && ct.orig().proto() == proto
                && ct.orig().a() == a
                && ct.orig().b() == b
                && equal(ct.buffer(), ct.orig().srcOffset(), src)
                && equal(ct.buffer(), ct.orig().dstOffset(), dst);
    }

    /** All that is not the reply tuple. */
    void assertRead(CtFlyweight ct) {
        assertTrue(sameKey(ct), () -> name + ": another entry's key");
        assertEquals(src.length, ct.orig().addressBytes(), name);
        assertEquals(status, ct.status() & status, name + " status " + Integer.toHexString(ct.status()));
        assertTrue(
                ct.timeoutS() <= timeoutS && ct.timeoutS() > timeoutS - 60, () -> name + " timeout " + ct.timeoutS());
        if (mark != null) {
            assertHas(ct, CtFlyweight.HAS_MARK);
            assertEquals(mark, ct.mark(), name);
        }
        if (labels != null) {
            assertHas(ct, CtFlyweight.HAS_LABELS);
            assertEquals(LABELS_BYTES, ct.labelsBytes(), name);
            assertEquals(labels[0], ct.buffer().getLong(ct.labelsOffset()), name);
            assertEquals(labels[1], ct.buffer().getLong(ct.labelsOffset() + 8), name);
        }
        if (zone != null) {
            assertHas(ct, CtFlyweight.HAS_ZONE);
            assertEquals(zone, ct.zone(), name);
        }
        assertEquals(origZone, ct.orig().zone(), name + " original zone");
        assertEquals(replyZone, ct.reply().zone(), name + " reply zone");
        if (helper != null) {
            assertHas(ct, CtFlyweight.HAS_HELPER);
            assertEquals(helper, ct.buffer().getStringWithoutLengthAscii(ct.helperOffset(), ct.helperBytes()), name);
        }
        if (master != null) {
            assertHas(ct, CtFlyweight.HAS_MASTER);
            assertTrue(equal(ct.buffer(), ct.master().srcOffset(), master.src), name);
            assertTrue(equal(ct.buffer(), ct.master().dstOffset(), master.dst), name);
            assertEquals(master.a, ct.master().a(), name);
            assertEquals(master.b, ct.master().b(), name);
        }
        assertProtoInfo(ct);
        assertExtensions(ct);
    }

    private void assertProtoInfo(CtFlyweight ct) {
        CtProtoInfo info = ct.protoInfo();
        if (tcp != null) {
            assertHas(ct, CtFlyweight.HAS_TCP_STATE | CtFlyweight.HAS_TCP_FLAGS_ORIG | CtFlyweight.HAS_TCP_FLAGS_REPLY);
            assertHas(ct, CtFlyweight.HAS_TCP_WSCALE_ORIG | CtFlyweight.HAS_TCP_WSCALE_REPLY);
            assertEquals(tcp[0], info.tcpState(), name);
            assertEquals(tcp[1], info.tcpWscaleOrig(), name);
            assertEquals(tcp[2], info.tcpWscaleReply(), name);
            assertEquals(tcp[3], info.tcpFlagsOrig(), name);
            assertEquals(tcp[4], info.tcpFlagsReply(), name);
        }
        if (sctp != null) {
            assertHas(ct, CtFlyweight.HAS_SCTP_STATE);
            assertHas(ct, CtFlyweight.HAS_SCTP_VTAG_ORIG | CtFlyweight.HAS_SCTP_VTAG_REPLY);
            assertEquals(sctp[0], info.sctpState(), name);
            assertEquals(sctp[1], info.sctpVtagOrig(), name);
            assertEquals(sctp[2], info.sctpVtagReply(), name);
        }
    }

    private void assertExtensions(CtFlyweight ct) {
        if (seqAdjOrig != null) {
            assertHas(ct, CtFlyweight.HAS_SEQADJ_ORIG);
            assertSeqAdj(seqAdjOrig, ct.seqAdjOrig());
        }
        if (seqAdjReply != null) {
            assertHas(ct, CtFlyweight.HAS_SEQADJ_REPLY);
            assertSeqAdj(seqAdjReply, ct.seqAdjReply());
        }
        if (synproxy != null) {
            assertHas(ct, CtFlyweight.HAS_SYNPROXY);
            assertEquals(synproxy[0], ct.synproxyIsn(), name);
            assertEquals(synproxy[1], ct.synproxyIts(), name);
            assertEquals(synproxy[2], ct.synproxyTsOff(), name);
        }
    }

    /** The reply tuple as a kernel shows it: turned by the translation. */
    void assertKernelTuples(CtFlyweight ct) {
        assertHas(ct, CtFlyweight.HAS_REPLY);
        CtTuple reply = ct.reply();
        assertEquals(hex(natDst == null ? dst : natDst), hex(ct.buffer(), reply.srcOffset()), name + " reply source");
        assertEquals(hex(natSrc == null ? src : natSrc), hex(ct.buffer(), reply.dstOffset()), name + " reply target");
        assertEquals(proto, reply.proto(), name);
        assertEquals(natDstPort == CtEncoder.NONE ? replyA() : natDstPort, reply.a(), name);
        assertEquals(natSrcPort == CtEncoder.NONE ? replyB() : natSrcPort, reply.b(), name);
    }

    private void assertHas(CtFlyweight ct, long bits) {
        assertTrue(ct.has(bits), () -> name + " lacks " + Long.toHexString(bits & ~ct.present()));
    }

    private void assertSeqAdj(int[] expected, CtSeqAdj seqAdj) {
        assertEquals(expected[0], seqAdj.correctionPos(), name);
        assertEquals(expected[1], seqAdj.offsetBefore(), name);
        assertEquals(expected[2], seqAdj.offsetAfter(), name);
    }

    private String hex(DirectBuffer buffer, int offset) {
        byte[] copy = new byte[src.length];
        buffer.getBytes(offset, copy);
        return hex(copy);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static boolean equal(DirectBuffer buffer, int offset, byte[] expected) {
        for (int i = 0; i < expected.length; i++) {
            if (buffer.getByte(offset + i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    private static UnsafeBuffer buffer(byte[] bytes) {
        return new UnsafeBuffer(bytes);
    }
}
