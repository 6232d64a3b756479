/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static io.twinwall.netlink.CtConst.CTA_TUPLE_ORIG;

import io.twinwall.flowtable.FlowImage;
import io.twinwall.netlink.CtEncoder;
import io.twinwall.netlink.CtTuple;
import io.twinwall.netlink.ExpConst;
import io.twinwall.netlink.ExpEncoder;
import io.twinwall.netlink.ExpFlyweight;
import io.twinwall.wire.ExpectationDecoder;
import io.twinwall.wire.ExpectationEncoder;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Between the kernel's message of an expectation and the wire's record of it, and back to requests. Allocates nothing. */
final class ExpectCodec {
    private static final int ADDRESS_BYTES = 16;
    private static final int NO_NAT = 255;
    private static final int ALL_PORTS = 0xffff;
    private static final byte[] SIP = "sip".getBytes(StandardCharsets.US_ASCII);

    private final ExpectationEncoder record = new ExpectationEncoder();
    private final ExpectationDecoder read = new ExpectationDecoder();
    private final UnsafeBuffer ones = new UnsafeBuffer(new byte[ADDRESS_BYTES]);
    private final UnsafeBuffer zeros = new UnsafeBuffer(new byte[ADDRESS_BYTES]);

    ExpectCodec() {
        ones.setMemory(0, ADDRESS_BYTES, (byte) 0xff);
    }

    /** Writes what the kernel says; false when it holds a name longer than any kernel's. */
    boolean read(ExpFlyweight expectation, MutableDirectBuffer to) {
        if (expectation.helperBytes() > ExpectationEncoder.helperLength()
                || expectation.functionBytes() > ExpectationEncoder.functionLength()) {
            return false;
        }
        DirectBuffer from = expectation.buffer();
        CtTuple tuple = expectation.tuple();
        CtTuple master = expectation.master();
        to.setMemory(0, ExpectTable.RECORD_BYTES, (byte) 0);
        record.wrap(to, 0)
                .family((short) expectation.family())
                .proto((short) tuple.proto())
                .maskSport(expectation.mask().a())
                .sport(tuple.a())
                .dport(tuple.b())
                .masterSport(master.a())
                .masterDport(master.b())
                .masterProto((short) master.proto())
                .zone(expectation.zone())
                .flags(expectation.expectFlags() & 0xffff_ffffL)
                .expectClass((short) expectation.expectClass())
                .natDir((short) NO_NAT);
        int bytes = tuple.addressBytes();
        to.putBytes(ExpectationEncoder.srcEncodingOffset(), from, tuple.srcOffset(), bytes);
        to.putBytes(ExpectationEncoder.dstEncodingOffset(), from, tuple.dstOffset(), bytes);
        to.putBytes(
                ExpectationEncoder.maskSrcEncodingOffset(),
                from,
                expectation.mask().srcOffset(),
                bytes);
        to.putBytes(ExpectationEncoder.masterSrcEncodingOffset(), from, master.srcOffset(), bytes);
        to.putBytes(ExpectationEncoder.masterDstEncodingOffset(), from, master.dstOffset(), bytes);
        if (expectation.natDir() != ExpFlyweight.NO_NAT) {
            CtTuple nat = expectation.natTuple();
            record.natDir((short) (expectation.natDir() & 1)).natPort(nat.a());
            to.putBytes(ExpectationEncoder.natAddressEncodingOffset(), from, nat.srcOffset(), bytes);
        }
        to.putBytes(
                ExpectationEncoder.helperEncodingOffset(), from, expectation.helperOffset(), expectation.helperBytes());
        to.putBytes(
                ExpectationEncoder.functionEncodingOffset(),
                from,
                expectation.functionOffset(),
                expectation.functionBytes());
        return true;
    }

    /** True for the kind of record that a kernel could hold: else it is a broken peer's. */
    boolean valid(DirectBuffer records, int offset) {
        read.wrap(records, offset);
        return read.family() == FlowImage.AF_INET || read.family() == FlowImage.AF_INET6;
    }

    /** True when the expectation waits for its helper to make it valid. */
    boolean isInactive(DirectBuffer records, int offset) {
        return (read.wrap(records, offset).flags() & ExpConst.NF_CT_EXPECT_INACTIVE) != 0;
    }

    /** Makes {@code image} the key of the flow that expects. */
    FlowImage master(DirectBuffer records, int offset, FlowImage image) {
        read.wrap(records, offset);
        image.clear();
        image.family(read.family()).l4proto(read.masterProto());
        image.orig(
                records,
                offset + ExpectationDecoder.masterSrcEncodingOffset(),
                offset + ExpectationDecoder.masterDstEncodingOffset(),
                read.masterSport(),
                read.masterDport());
        return image;
    }

    void create(ExpEncoder encoder, DirectBuffer records, int offset, int flags, int seq) {
        read.wrap(records, offset);
        int family = read.family();
        encoder.beginCreate(flags, seq, family);
        tuples(encoder, records, offset);
        encoder.flags((int) read.flags() & ~ExpConst.NF_CT_EXPECT_USERSPACE);
        encoder.expectClass(read.expectClass());
        if (read.natDir() != NO_NAT) {
            encoder.nat(
                    read.natDir(),
                    family,
                    records,
                    offset + ExpectationDecoder.natAddressEncodingOffset(),
                    zeros,
                    read.masterProto(),
                    read.natPort());
        }
        names(encoder, records, offset);
        encoder.end();
    }

    /**
     * The kernel names the master's helper and gives the one of a request to the child. A child of FTP's has none: its data
     * would be read for commands. A class other than 0 is not taken without a helper, and SIP's child speaks SIP.
     */
    private void names(ExpEncoder encoder, DirectBuffer records, int offset) {
        int helperAt = offset + ExpectationDecoder.helperEncodingOffset();
        int helperBytes = text(records, helperAt, ExpectationDecoder.helperLength());
        if (helperBytes > 0 && (read.expectClass() != 0 || is(SIP, records, helperAt, helperBytes))) {
            encoder.helper(records, helperAt, helperBytes);
        }
        int functionAt = offset + ExpectationDecoder.functionEncodingOffset();
        int functionBytes = text(records, functionAt, ExpectationDecoder.functionLength());
        if (functionBytes > 0) {
            encoder.function(records, functionAt, functionBytes);
        }
    }

    void timeout(ExpEncoder encoder, DirectBuffer records, int offset, int flags, int seq, long seconds) {
        read.wrap(records, offset);
        encoder.beginUpdate(flags, seq, read.family());
        tuples(encoder, records, offset);
        encoder.timeoutS((int) Math.min(Integer.MAX_VALUE / 1000, Math.max(1, seconds)));
        encoder.end();
    }

    void delete(ExpEncoder encoder, DirectBuffer records, int offset, int flags, int seq) {
        read.wrap(records, offset);
        encoder.beginDelete(flags, seq, read.family());
        tuple(encoder, records, offset);
        encoder.end();
    }

    /** A request for the entry of the flow whose key is {@code image}. */
    static void getFlow(CtEncoder encoder, FlowImage image, int flags, int seq) {
        encoder.beginGet(flags, seq, image.family())
                .tuple(
                        CTA_TUPLE_ORIG,
                        image.family(),
                        image.buffer(),
                        image.origSrcOffset(),
                        image.buffer(),
                        image.origDstOffset(),
                        image.l4proto(),
                        image.origSrcPort(),
                        image.origDstPort())
                .end();
    }

    /** All three, without which the kernel neither makes nor changes an expectation. */
    private void tuples(ExpEncoder encoder, DirectBuffer records, int offset) {
        tuple(encoder, records, offset);
        encoder.entry()
                .tuple(
                        ExpConst.CTA_EXPECT_MASK,
                        read.family(),
                        records,
                        offset + ExpectationDecoder.maskSrcEncodingOffset(),
                        ones,
                        0,
                        read.proto(),
                        read.maskSport(),
                        ALL_PORTS);
        encoder.entry()
                .tuple(
                        ExpConst.CTA_EXPECT_MASTER,
                        read.family(),
                        records,
                        offset + ExpectationDecoder.masterSrcEncodingOffset(),
                        records,
                        offset + ExpectationDecoder.masterDstEncodingOffset(),
                        read.masterProto(),
                        read.masterSport(),
                        read.masterDport());
    }

    private void tuple(ExpEncoder encoder, DirectBuffer records, int offset) {
        encoder.entry()
                .tuple(
                        ExpConst.CTA_EXPECT_TUPLE,
                        read.family(),
                        records,
                        offset + ExpectationDecoder.srcEncodingOffset(),
                        records,
                        offset + ExpectationDecoder.dstEncodingOffset(),
                        read.proto(),
                        read.sport(),
                        read.dport());
    }

    private static int text(DirectBuffer buffer, int offset, int bytesMax) {
        int length = 0;
        while (length < bytesMax && buffer.getByte(offset + length) != 0) {
            length++;
        }
        return length;
    }

    private static boolean is(byte[] wanted, DirectBuffer buffer, int offset, int length) {
        boolean same = length == wanted.length;
        for (int i = 0; same && i < length; i++) {
            same = buffer.getByte(offset + i) == wanted[i];
        }
        return same;
    }
}
