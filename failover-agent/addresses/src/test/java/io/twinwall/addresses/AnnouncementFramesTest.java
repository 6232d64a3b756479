/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnnouncementFramesTest {
    private static final byte[] MAC = {2, 0, 0, 0, 0, 7};

    @Test
    void shouldAnnounceIpv4AsRequestAndAsReply() throws Exception {
        List<byte[]> frames =
                AnnouncementFrames.of(InetAddress.getByName("10.10.0.254").getAddress(), MAC);
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
                AnnouncementFrames.of(InetAddress.getByName("fd00::254").getAddress(), MAC);
        assertEquals(1, frames.size());
        byte[] frame = frames.getFirst();
        assertEquals(86, frame.length);
        assertEquals(
                "333300000001" + "020000000007" + "86dd" + "60000000" + "0020" + "3a" + "ff",
                HexFormat.of().formatHex(frame, 0, 22));
        assertEquals("88" + "00", HexFormat.of().formatHex(frame, 54, 56));
        assertEquals("a0000000", HexFormat.of().formatHex(frame, 58, 62), "router and override");
        assertEquals("0201" + "020000000007", HexFormat.of().formatHex(frame, 78, 86));
        assertEquals(0xffff, sum(frame), "checksum over pseudo header and message");
    }

    /** With the right checksum in it, the sum over everything is all ones. */
    private static int sum(byte[] frame) {
        long total = 32 + 58;
        for (int i = 22; i < frame.length; i += 2) {
            total += (frame[i] & 0xff) << 8 | (frame[i + 1] & 0xff);
        }
        while (total >>> 16 != 0) {
            total = (total & 0xffff) + (total >>> 16);
        }
        return (int) total;
    }
}
