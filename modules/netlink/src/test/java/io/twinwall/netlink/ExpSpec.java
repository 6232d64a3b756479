/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/** An expectation of FTP's, IPv4 or IPv6, as requests make it and as messages are to tell of it. */
final class ExpSpec {
    static final String FUNCTION = "nat-follow-master";
    static final int MASTER_PORT = 40_000;

    final int family;
    final int port;
    private final int bytes;
    private final UnsafeBuffer addresses = new UnsafeBuffer(new byte[80]);
    private final UnsafeBuffer names = new UnsafeBuffer((FUNCTION + "ftp").getBytes(StandardCharsets.US_ASCII));

    ExpSpec(boolean v4, int port) {
        family = v4 ? NlConst.AF_INET : NlConst.AF_INET6;
        bytes = v4 ? 4 : 16;
        this.port = port;
        String[] texts = v4 ? new String[] {"10.1.0.2", "192.0.2.2"} : new String[] {"fd01::2", "fd02::2"};
        for (int i = 0; i < 2; i++) {
            addresses.putBytes(16 * i, InetAddress.ofLiteral(texts[i]).getAddress());
        }
        addresses.setMemory(32, 16, (byte) 0xff);
    }

    /** The flow that expects, with FTP's helper or none. */
    CtEncoder master(CtEncoder encoder, int flags, int seq, boolean helped) {
        encoder.beginCreate(flags, seq, family);
        encoder.tuple(CtConst.CTA_TUPLE_ORIG, family, addresses, 0, addresses, 16, 6, MASTER_PORT, 21);
        encoder.tuple(CtConst.CTA_TUPLE_REPLY, family, addresses, 16, addresses, 0, 6, 21, MASTER_PORT);
        encoder.status(CtConst.IPS_CONFIRMED | CtConst.IPS_SEEN_REPLY | CtConst.IPS_ASSURED)
                .timeoutS(600);
        encoder.tcp(CtConst.TCP_CONNTRACK_ESTABLISHED, 7, 7, 0x0b, 0x0b);
        if (helped) {
            encoder.helper("ftp");
        }
        encoder.end();
        return encoder;
    }

    void deleteMaster(CtEncoder encoder, int flags, int seq) {
        encoder.beginDelete(flags, seq, family)
                .tuple(CtConst.CTA_TUPLE_ORIG, family, addresses, 0, addresses, 16, 6, MASTER_PORT, 21)
                .end();
    }

    void create(ExpEncoder encoder, int flags, int seq) {
        key(encoder.beginCreate(flags, seq, family));
        encoder.flags(ExpConst.NF_CT_EXPECT_INACTIVE).expectClass(0);
        encoder.nat(1, family, addresses, 0, addresses(48), 6, port + 1);
        encoder.function(names, 0, FUNCTION.length()).end();
    }

    void timeout(ExpEncoder encoder, int flags, int seq, int seconds) {
        key(encoder.beginUpdate(flags, seq, family)).timeoutS(seconds).end();
    }

    void delete(ExpEncoder encoder, int flags, int seq) {
        tuple(encoder.beginDelete(flags, seq, family)).end();
    }

    private ExpEncoder key(ExpEncoder encoder) {
        tuple(encoder);
        encoder.entry().tuple(ExpConst.CTA_EXPECT_MASK, family, addresses, 32, addresses, 32, 6, 0, 0xffff);
        encoder.entry().tuple(ExpConst.CTA_EXPECT_MASTER, family, addresses, 0, addresses, 16, 6, MASTER_PORT, 21);
        return encoder;
    }

    private ExpEncoder tuple(ExpEncoder encoder) {
        encoder.entry().tuple(ExpConst.CTA_EXPECT_TUPLE, family, addresses, 16, addresses, 0, 6, 0, port);
        return encoder;
    }

    private UnsafeBuffer addresses(int offset) {
        return new UnsafeBuffer(addresses, offset, 16);
    }

    /** All but what the kernel chooses. */
    void assertRead(ExpFlyweight read) {
        assertEquals(family, read.family());
        assertAddress(16, read, read.tuple().srcOffset());
        assertAddress(0, read, read.tuple().dstOffset());
        assertAddress(32, read, read.mask().srcOffset());
        assertAddress(0, read, read.master().srcOffset());
        assertAddress(16, read, read.master().dstOffset());
        assertEquals("6 0 " + port, key(read.tuple()));
        assertEquals("6 0 65535", key(read.mask()));
        assertEquals("6 " + MASTER_PORT + " 21", key(read.master()));
        assertEquals(1, read.natDir());
        assertAddress(0, read, read.natTuple().srcOffset());
        assertEquals(port + 1, read.natTuple().a());
        assertEquals(ExpConst.NF_CT_EXPECT_INACTIVE, read.expectFlags());
        assertEquals(0, read.expectClass());
        assertEquals(FUNCTION, text(read, read.functionOffset(), read.functionBytes()));
        assertEquals(0, read.unknownAttributes());
    }

    private void assertAddress(int at, ExpFlyweight read, int offset) {
        for (int i = 0; i < bytes; i++) {
            assertEquals(addresses.getByte(at + i), read.buffer().getByte(offset + i), "byte " + i);
        }
    }

    private static String key(CtTuple tuple) {
        return tuple.proto() + " " + tuple.a() + " " + tuple.b();
    }

    static String text(ExpFlyweight read, int offset, int length) {
        return read.buffer().getStringWithoutLengthAscii(offset, length);
    }
}
