/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.twinwall.base.BugError;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class LeaseFrameTest {
    @Test
    void shouldLayOutTheFrameAsItsDrawingSays() {
        byte[] secret = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[8 + LeaseFrame.BYTES + 8]);
        buffer.setMemory(0, buffer.capacity(), (byte) 0x5a);

        LeaseFrame.write(buffer, 8, 47998, secret);

        String expected = "020000000001" + "000000000000" + "0800"
                + "4500002c00000000" + "0111bbbf" + "7f000001" + "7f000001"
                + "bb7ebb7e00180000"
                + "000102030405060708090a0b0c0d0e0f";
        byte[] frame = new byte[LeaseFrame.BYTES];
        buffer.getBytes(8, frame);
        assertEquals(expected, HexFormat.of().formatHex(frame));
        assertEquals(0x5a, buffer.getByte(7));
        assertEquals(0x5a, buffer.getByte(8 + LeaseFrame.BYTES));
    }

    @Test
    void shouldSumToZeroOverItsOwnHeader() {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[LeaseFrame.BYTES]);
        LeaseFrame.write(buffer, 0, 1, new byte[LeaseSecrets.BYTES]);
        assertEquals(0, LeaseFrame.checksum(buffer, LeaseFrame.ETHERNET_BYTES));
        assertEquals(
                LeaseFrame.BYTES - LeaseFrame.ETHERNET_BYTES,
                buffer.getShort(LeaseFrame.ETHERNET_BYTES + 2, ByteOrder.BIG_ENDIAN));
    }

    @Test
    void shouldDrawDifferentSecretsAnewEachTime() {
        LeaseSecrets first = LeaseSecrets.random();
        LeaseSecrets second = LeaseSecrets.random();
        for (LeaseWord word : LeaseWord.values()) {
            for (LeaseWord other : LeaseWord.values()) {
                assertEquals(word.equals(other), Arrays.equals(first.of(word), first.of(other)));
                assertFalse(Arrays.equals(first.of(word), second.of(other)));
            }
        }
    }

    @Test
    void shouldRefuseAConfigurationThatCannotWork() throws Exception {
        List<InetAddress> vips = List.of(InetAddress.getByAddress(new byte[] {10, 0, 0, 1}));
        assertThrows(BugError.class, () -> LeaseConfig.of(List.of(), vips, 100));
        assertThrows(BugError.class, () -> LeaseConfig.of(List.of("lan0"), vips, 0));
        assertThrows(BugError.class, () -> new LeaseConfig("a b", List.of("lan0"), vips, 1, 100, 1000));
        assertThrows(BugError.class, () -> new LeaseConfig("a", List.of("lan0"), vips, 1, 100, 100));
        LeaseConfig twice = LeaseConfig.of(List.of("lan0", "lan0"), List.of(vips.getFirst(), vips.getFirst()), 100);
        assertArrayEquals(new String[] {"lan0"}, twice.devices().toArray());
        assertEquals(1, twice.vips().size());
    }
}
