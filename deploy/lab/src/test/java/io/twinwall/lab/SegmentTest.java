/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class SegmentTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[256]);
    private final Segment segment = new Segment();

    @Test
    void shouldReadBackWhatItWroteInIpv4() {
        int flags = Segment.PSH | Segment.ACK;
        int length = Segment.writeV4(buffer, 8, 0x0a0b0001, 0x0a150001, 20_000 << 16 | 7_300, 11, 22, flags);
        Segment.finish(buffer, 8, length, flags, 77, 3);
        assertTrue(segment.wrap(buffer, 8, length, false));
        assertEquals(0x0a0b0001, segment.source4());
        assertEquals(0x0a150001, segment.destination4());
        assertEquals(20_000, segment.sourcePort());
        assertEquals(7_300, segment.destinationPort());
        assertEquals(11, segment.seq());
        assertEquals(22, segment.ack());
        assertEquals(flags, segment.flags());
        assertTrue(segment.hasMessage());
        assertEquals(77, segment.messageFlow());
        assertEquals(3, segment.messageEpoch());
        assertEquals(0xffff, checksum(8 + 12, 8, 8 + 20, length - 20));
    }

    @Test
    void shouldReadBackWhatItWroteInIpv6() {
        int length = Segment.writeV6(
                buffer,
                0,
                PacketPlan.CLIENT_NET_V6,
                5,
                PacketPlan.SERVER_NET_V6,
                1,
                20_001 << 16 | 7_301,
                -1,
                0,
                Segment.SYN);
        Segment.finish(buffer, 0, length, Segment.SYN, 0, 0);
        assertEquals(40 + 20 + 8, length);
        assertTrue(segment.wrap(buffer, 0, length, true));
        assertTrue(segment.fromV6(PacketPlan.CLIENT_NET_V6, 5));
        assertTrue(segment.toV6(PacketPlan.SERVER_NET_V6, 1));
        assertEquals(-1, segment.seq());
        assertFalse(segment.hasMessage());
        assertEquals(0xffff, checksum(8, 32, 40, length - 40));
    }

    @Test
    void shouldRefuseWhatIsCutOffOrNoTcp() {
        int length = Segment.writeV4(buffer, 0, 1, 2, 3, 4, 5, Segment.SYN);
        for (int cut = 0; cut < length; cut++) {
            assertFalse(segment.wrap(buffer, 0, cut, false));
        }
        buffer.putByte(9, (byte) 17);
        assertFalse(segment.wrap(buffer, 0, length, false));
    }

    /** The Internet checksum over the pseudo header and the segment; all ones when the one inside is right. */
    private int checksum(int addresses, int addressBytes, int tcp, int tcpBytes) {
        long sum = 6L + tcpBytes;
        for (int i = 0; i < addressBytes; i += 2) {
            sum += buffer.getShort(addresses + i, ByteOrder.BIG_ENDIAN) & 0xffff;
        }
        for (int i = 0; i < tcpBytes; i += 2) {
            sum += buffer.getShort(tcp + i, ByteOrder.BIG_ENDIAN) & 0xffff;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }
}
