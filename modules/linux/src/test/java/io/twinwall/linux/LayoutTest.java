/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.BugError;
import io.twinwall.base.ExitCode;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * Struct layouts against what gcc prints for {@code sizeof} and {@code offsetof} on x86_64, which is the generic layout of
 * every little-endian 64-bit Linux.
 */
class LayoutTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(64));

    private void assertBytes(String hex, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(0, bytes);
        assertEquals(hex.replace(" ", ""), HexFormat.of().formatHex(bytes));
    }

    @Test
    void shouldLayOutMmsghdrAsTheCompilerDoes() {
        assertEquals(64, MessageVector.MMSGHDR_BYTES);
        assertEquals(0, MessageVector.MSG_NAME_OFFSET);
        assertEquals(8, MessageVector.MSG_NAMELEN_OFFSET);
        assertEquals(16, MessageVector.MSG_IOV_OFFSET);
        assertEquals(24, MessageVector.MSG_IOVLEN_OFFSET);
        assertEquals(48, MessageVector.MSG_FLAGS_OFFSET);
        assertEquals(56, MessageVector.MSG_LEN_OFFSET);
        assertEquals(16, MessageVector.IOVEC_BYTES);
        assertEquals(8, MessageVector.IOV_LEN_OFFSET);
    }

    @Test
    void shouldLayOutSocketAddressesAsTheCompilerDoes() {
        buffer.setMemory(0, 64, (byte) 0xee);
        assertEquals(12, SockAddr.netlink(buffer, 0, 0x01020304, 0x0a0b0c0d));
        assertBytes("1000 0000 04030201 0d0c0b0a ee", 13);
        assertEquals(0x01020304, SockAddr.netlinkPortId(buffer, 0));

        assertEquals(16, SockAddr.inet(buffer, 0, new byte[] {10, 1, 2, 3}, 47900));
        assertBytes("0200 bb1c 0a010203 0000000000000000", 16);
        assertEquals(47900, SockAddr.port(buffer, 0));

        byte[] v6 = HexFormat.of().parseHex("fe800000000000000000000000000001");
        assertEquals(28, SockAddr.inet(buffer, 0, v6, 53, 7));
        assertBytes("0a00 0035 00000000 fe800000000000000000000000000001 07000000", 28);

        UnsafeBuffer mac = new UnsafeBuffer(new byte[] {2, 3, 4, 5, 6, 7});
        assertEquals(20, SockAddr.linkLayerTo(buffer, 0, Const.ETH_P_ARP, 9, mac, 0));
        assertBytes("1100 0806 09000000 0000 00 06 020304050607 0000", 20);
    }

    @Test
    void shouldLayOutPollfdTimespecAndTermios2AsTheCompilerDoes() {
        assertEquals(8, PollSet.POLLFD_BYTES);
        assertEquals(4, PollSet.EVENTS_OFFSET);
        assertEquals(6, PollSet.REVENTS_OFFSET);
        assertEquals(16, PollSet.TIMESPEC_BYTES);
        assertEquals(8, PollSet.TV_NSEC_OFFSET);
        assertEquals(44, Tty.TERMIOS2_BYTES);
        assertEquals(8, Tty.C_CFLAG_OFFSET);
        assertEquals(12, Tty.C_LFLAG_OFFSET);
        assertEquals(17, Tty.C_CC_OFFSET);
        assertEquals(36, Tty.C_ISPEED_OFFSET);
        assertEquals(40, Tty.C_OSPEED_OFFSET);
        // An ioctl's number holds the size of its struct in bits 16 to 29.
        assertEquals(Tty.TERMIOS2_BYTES, Tty.TCGETS2 >>> 16 & 0x3fff);
        assertEquals(Tty.TERMIOS2_BYTES, Tty.TCSETS2 >>> 16 & 0x3fff);
    }

    @Test
    void shouldLayOutTimexAsTheCompilerDoesAndReadWhetherTheClockIsKept() {
        assertEquals(208, KernelClock.TIMEX_BYTES);
        assertEquals(40, KernelClock.STATUS_OFFSET);
        int status = KernelClock.adjtimexStatus();
        assertEquals(0, status & ~0xffff, "STA_* are 16 bits, and asking needs no privilege");
    }

    @Test
    void shouldNameErrnoOfEitherSign() {
        assertEquals("EAGAIN", Errno.name(-Errno.EAGAIN));
        assertEquals("ENOBUFS", Errno.name(Errno.ENOBUFS));
        assertEquals("ENOTSUPP", Errno.name(-524));
        assertEquals("errno 41", Errno.name(41)); // a hole in the kernel's numbers
        assertEquals("No buffer space available", Errno.text(-Errno.ENOBUFS));
        assertEquals("errno 4095", Errno.name(-4095));
    }

    @Test
    void shouldNumberEveryErrnoAsTheTableDoes() throws IllegalAccessException {
        for (var field : Errno.class.getFields()) {
            assertEquals(field.getName(), Errno.name(field.getInt(null)));
        }
    }

    @Test
    void shouldTurnMissingPermissionIntoCapabilityToAdd() {
        var fatal = Errno.fatal("open netlink socket", -Errno.EPERM);
        assertEquals(ExitCode.NO_PERMISSION, fatal.exitCode());
        assertTrue(fatal.getMessage().startsWith("open netlink socket: EPERM"), fatal.getMessage());
        assertTrue(fatal.getMessage().contains("CAP_NET_ADMIN"), fatal.getMessage());
        assertEquals(ExitCode.ENVIRONMENT, Errno.fatal("bind", Errno.EADDRINUSE).exitCode());
        assertThrows(BugError.class, () -> Errno.fatal("bind", 0));
    }

    @Test
    void shouldKeepMessagesApartAndAligned() {
        try (RecvBatch batch = new RecvBatch(3, 100)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(0, (batch.buffer().addressOffset() + batch.offset(i)) % 64);
            }
            assertEquals(128, batch.offset(1) - batch.offset(0));
            assertTrue(batch.offset(2) + 100 <= batch.buffer().capacity());
            assertThrows(BugError.class, () -> batch.addressOffset(0));
        }
        assertThrows(BugError.class, () -> new RecvBatch(1025, 100));
    }

    @Test
    void shouldMapZeroedMemoryOfTheSizeAskedFor() {
        try (AnonymousMapping mapping = new AnonymousMapping()) {
            UnsafeBuffer small = mapping.map(1);
            assertEquals(1, small.capacity());
            assertEquals(0, small.addressOffset() % 4096);
            UnsafeBuffer large = mapping.map(Integer.MAX_VALUE);
            assertEquals(0, large.getByte(Integer.MAX_VALUE - 1));
            large.putLong(1 << 30, 42);
            assertEquals(42, large.getLong(1 << 30));
            assertThrows(BugError.class, () -> mapping.map(0));
            assertThrows(BugError.class, () -> mapping.map(1L << 31));
        }
    }

    @Test
    void shouldReadAndWriteWordsOfScratchSpace() {
        ThreadMemory memory = ThreadMemory.current();
        int words = (ThreadMemory.BYTES - ThreadMemory.SCRATCH_OFFSET) / 4;
        int[] written = new int[words];
        for (int i = 0; i < words; i++) {
            written[i] = i * 31;
            memory.word(i, written[i]);
        }
        int[] read = new int[words];
        for (int i = 0; i < words; i++) {
            read[i] = memory.word(i);
        }
        assertArrayEquals(written, read);
    }
}
