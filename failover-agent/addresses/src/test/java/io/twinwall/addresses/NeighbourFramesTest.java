/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NeighbourFramesTest {
    private static final byte[] MAC = {2, 0, 0, 0, 0, 7};

    @Test
    void shouldAnnounceIpv4AsRequestAndAsReply() throws Exception {
        List<byte[]> frames = NeighbourFrames.announcement(
                InetAddress.getByName("10.10.0.254").getAddress(), MAC);
        assertEquals(2, frames.size());
        String ethernet = "ffffffffffff" + "020000000007" + "0806" + "0001" + "0800" + "06" + "04";
        assertEquals(
                ethernet + "0001" + "020000000007" + "0a0a00fe" + "000000000000" + "0a0a00fe",
                HexFormat.of().formatHex(frames.get(0)));
        assertEquals(
                ethernet + "0002" + "020000000007" + "0a0a00fe" + "020000000007" + "0a0a00fe",
                HexFormat.of().formatHex(frames.get(1)));
    }

    @Test
    void shouldAnnounceIpv6ToAllNodesWithOverride() throws Exception {
        List<byte[]> frames =
                NeighbourFrames.announcement(InetAddress.getByName("fd00::254").getAddress(), MAC);
        assertEquals(1, frames.size());
        byte[] frame = frames.getFirst();
        assertEquals(86, frame.length);
        assertEquals(
                "333300000001" + "020000000007" + "86dd" + "60000000" + "0020" + "3a" + "ff",
                HexFormat.of().formatHex(frame, 0, 22));
        assertEquals("88" + "00", HexFormat.of().formatHex(frame, 54, 56));
        assertEquals("a0000000", HexFormat.of().formatHex(frame, 58, 62), "router and override");
        assertEquals("0201" + "020000000007", HexFormat.of().formatHex(frame, 78, 86));
        assertEquals(0xffff, sum(frame, 32), "checksum over pseudo header and message");
    }

    @Test
    void shouldAskFromNoAddress() throws Exception {
        assertEquals(
                "ffffffffffff" + "020000000007" + "0806" + "0001" + "0800" + "06" + "04" + "0001" + "020000000007"
                        + "00000000" + "000000000000" + "0a0a00fe",
                HexFormat.of()
                        .formatHex(NeighbourFrames.probe(
                                InetAddress.getByName("10.10.0.254").getAddress(), MAC)));
        byte[] frame =
                NeighbourFrames.probe(InetAddress.getByName("fd00::12:3456").getAddress(), MAC);
        assertEquals(78, frame.length);
        assertEquals(
                "3333ff123456" + "020000000007" + "86dd" + "60000000" + "0018" + "3a" + "ff" + "00".repeat(16)
                        + "ff0200000000000000000001ff123456" + "8700",
                HexFormat.of().formatHex(frame, 0, 56));
        assertEquals(
                "00000000" + "fd000000000000000000000000123456", HexFormat.of().formatHex(frame, 58, 78));
        assertEquals(0xffff, sum(frame, 24), "checksum over pseudo header and message");
    }

    /** With the right checksum in it, the sum over everything is all ones. */
    private static int sum(byte[] frame, int messageBytes) {
        long total = messageBytes + 58L;
        for (int i = 22; i < frame.length; i += 2) {
            total += (frame[i] & 0xff) << 8 | (frame[i + 1] & 0xff);
        }
        while (total >>> 16 != 0) {
            total = (total & 0xffff) + (total >>> 16);
        }
        return (int) total;
    }
}
