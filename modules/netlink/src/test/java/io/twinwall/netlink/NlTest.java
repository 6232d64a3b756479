/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.netlink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class NlTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
    private final NlWriter writer = new NlWriter().wrap(buffer, 0, 256);
    private final NlReader reader = new NlReader();
    private final NlAttrs attrs = new NlAttrs();
    private final NlError error = new NlError();

    @Test
    void shouldWriteTheKernelsLayout() {
        buffer.setMemory(0, 256, (byte) 0xa5);
        writer.beginNf(0x0102, 0x0304, 0x05060708, NlConst.AF_INET, 0x090a);
        int nest = writer.nestBegin(1);
        writer.putU8(2, 0x7f).putU16be(3, 0x1234);
        writer.nestEnd(nest);
        assertEquals(16 + 4 + 4 + 8 + 8, writer.end());
        byte[] written = new byte[writer.length()];
        buffer.getBytes(0, written);
        String expected = "28000000" + "0201" + "0403" + "08070605" + "00000000" // struct nlmsghdr, little endian
                + "02" + "00" + "090a" // struct nfgenmsg
                + "1400" + "0180" // nest of 20 bytes, type 1 with NLA_F_NESTED
                + "0500" + "0200" + "7f000000"
                + "0600" + "0300" + "12340000";
        assertEquals(expected, HexFormat.of().formatHex(written));
    }

    @Test
    void shouldReadBackEveryKindOfValue() {
        writer.begin(20, 0, 1).header(3);
        writer.putU32be(1, 0x01020304).putU64be(2, -2).putU16(3, 3).putU32(4, -4);
        writer.putString(6, "words").putBytes(7, new byte[] {1, 2, 3}).putBytes(8, new byte[0]);
        writer.end();
        assertTrue(reader.wrap(buffer, 0, writer.length()).next());
        attrs.wrap(reader, 3);
        assertTrue(attrs.next());
        assertEquals(0x01020304, attrs.u32be());
        assertTrue(attrs.next());
        assertEquals(-2, attrs.u64be());
        assertTrue(attrs.next());
        assertEquals(3, attrs.u16());
        assertTrue(attrs.next());
        assertEquals(-4, attrs.u32());
        assertTrue(attrs.next());
        assertEquals("words", attrs.string());
        assertEquals(6, attrs.valueLength());
        assertTrue(attrs.next());
        assertArrayEquals(new byte[] {1, 2, 3}, attrs.bytes());
        assertEquals(NlAttrs.OK, attrs.error());
        assertEquals(0, attrs.u32be());
        assertEquals(NlAttrs.SHORT_VALUE, attrs.error());
        assertTrue(attrs.next());
        assertEquals(8, attrs.type());
        assertEquals(0, attrs.valueLength());
        assertFalse(attrs.next());
    }

    @Test
    void shouldRefuseToOverrunItsBuffer() {
        writer.wrap(buffer, 0, 24).begin(20, 0, 1);
        assertThrows(BugError.class, () -> writer.putU64be(1, 1));
        writer.putU32be(1, 1);
        assertEquals(0, writer.remaining());
        writer.abandon();
        assertEquals(0, writer.length());
        assertThrows(BugError.class, () -> writer.putU32be(1, 1));
        assertThrows(BugError.class, () -> writer.wrap(buffer, 200, 57));
    }

    @Test
    void shouldStopAtALyingMessage() {
        writer.begin(20, 0, 1).end();
        writer.begin(21, 0, 2).end();
        assertEquals(2, writer.messages());
        buffer.putInt(16, 15);
        reader.wrap(buffer, 0, 32);
        assertTrue(reader.next());
        assertFalse(reader.next());
        assertEquals(NlReader.SHORT_LENGTH, reader.error());
        buffer.putInt(16, 17);
        assertEquals(NlReader.LONG_LENGTH, errorAfterFirst(32));
        assertEquals(NlReader.TRUNCATED_HEADER, errorAfterFirst(31));
        assertFalse(reader.wrap(buffer, 250, 10).next());
        assertEquals(NlReader.LONG_LENGTH, reader.error());
    }

    @Test
    void shouldReadErrorsWithTheKernelsWords() {
        // struct nlmsgerr, capped, with NLMSGERR_ATTR_MSG and NLMSGERR_ATTR_OFFS
        writer.begin(NlConst.NLMSG_ERROR, NlConst.NLM_F_CAPPED | NlConst.NLM_F_ACK_TLVS, 7);
        int at = writer.header(20);
        buffer.putInt(at, -22);
        buffer.putInt(at + 4, 400);
        buffer.putShort(at + 8, (short) 20);
        writer.putString(NlConst.NLMSGERR_ATTR_MSG, "no such thing").putU32(NlConst.NLMSGERR_ATTR_OFFS, 36);
        writer.end();
        assertTrue(reader.wrap(buffer, 0, writer.length()).next());
        assertTrue(error.wrap(reader));
        assertEquals(new NlResult(22, "no such thing", 36), error.result());
        assertEquals(7, error.seq());
        assertEquals(20, error.requestType());
    }

    @Test
    void shouldReadErrorsThatEchoTheRequest() {
        writer.begin(NlConst.NLMSG_ERROR, NlConst.NLM_F_ACK_TLVS, 7);
        int at = writer.header(4 + 24);
        buffer.putInt(at, -17);
        buffer.putInt(at + 4, 22);
        writer.putString(NlConst.NLMSGERR_ATTR_MSG, "behind the echo");
        writer.end();
        assertTrue(reader.wrap(buffer, 0, writer.length()).next());
        assertTrue(error.wrap(reader));
        assertEquals(new NlResult(17, "behind the echo", NlError.NONE), error.result());
    }

    @Test
    void shouldReadTheEndOfADump() {
        writer.begin(NlConst.NLMSG_DONE, NlConst.NLM_F_MULTI, 7);
        buffer.putInt(writer.header(4), -4);
        writer.end();
        assertTrue(reader.wrap(buffer, 0, writer.length()).next());
        assertTrue(error.wrap(reader));
        assertEquals(4, error.errno());
        writer.reset().begin(20, 0, 7).end();
        assertTrue(reader.wrap(buffer, 0, writer.length()).next());
        assertFalse(error.wrap(reader), "neither an error nor an end");
    }

    private int errorAfterFirst(int length) {
        reader.wrap(buffer, 0, length);
        assertTrue(reader.next());
        assertFalse(reader.next());
        return reader.error();
    }
}
