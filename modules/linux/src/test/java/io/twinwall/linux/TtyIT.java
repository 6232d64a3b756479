/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Serial lines against the kernel's pseudo-terminals. */
class TtyIT {
    private static final int NCC_ALL = 256;

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(128 << 10));

    @Test
    void shouldCarryEveryByteUnchangedBothWays() {
        try (Pty pty = new Pty()) {
            int line = Tty.openRaw(pty.device(), 115_200);
            assertTrue(line >= 0, () -> Errno.text(line));
            assertEquals(-Errno.EAGAIN, Posix.read(line, buffer, 0, 1));
            for (int i = 0; i < NCC_ALL; i++) {
                buffer.putByte(i, (byte) i);
            }
            carry(line, pty.fd());
            carry(pty.fd(), line);
            assertEquals(-Errno.EAGAIN, Posix.read(pty.fd(), buffer, 0, 1), "nothing is echoed");
            Posix.close(line);
        }
    }

    private void carry(int from, int to) {
        assertEquals(NCC_ALL, Posix.write(from, buffer, 0, NCC_ALL));
        int got = 0;
        while (got < NCC_ALL) {
            assertEquals(Const.POLLIN, Posix.poll(to, Const.POLLIN, 5_000) & Const.POLLIN);
            got += Posix.read(to, buffer, 512 + got, NCC_ALL);
        }
        assertEquals(NCC_ALL, got);
        for (int i = 0; i < NCC_ALL; i++) {
            assertEquals((byte) i, buffer.getByte(512 + i));
        }
    }

    @Test
    void shouldSetTheSpeedAskedForAlsoAnOddOne() {
        try (Pty pty = new Pty()) {
            int line = Tty.openRaw(pty.device(), 250_000);
            assertEquals(0, Posix.ioctl(line, Tty.TCGETS2, buffer, 0, Tty.TERMIOS2_BYTES));
            assertEquals(250_000, buffer.getInt(Tty.C_OSPEED_OFFSET));
            assertEquals(250_000, buffer.getInt(Tty.C_ISPEED_OFFSET));
            assertEquals(0, buffer.getInt(Tty.C_LFLAG_OFFSET));
            Posix.close(line);
        }
    }

    @Test
    void shouldWriteInPartAndNotBlockWhenTheLineIsFull() {
        try (Pty pty = new Pty()) {
            int line = Tty.openRaw(pty.device(), 115_200);
            int written = Posix.write(line, buffer, 0, 128 << 10);
            assertTrue(written > 0 && written < 128 << 10, "wrote " + written);
            int more = written;
            while (more > 0) {
                more = Posix.write(line, buffer, 0, 1 << 10);
            }
            assertEquals(-Errno.EAGAIN, more);
            assertEquals(0, Tty.discardOutput(line));
            assertTrue(Posix.write(line, buffer, 0, 1 << 10) > 0);
            Posix.close(line);
        }
    }

    @Test
    void shouldTellThatTheLineWasHungUp() {
        Pty pty = new Pty();
        int line = Tty.openRaw(pty.device(), 115_200);
        pty.close();
        assertEquals(Const.POLLHUP, Posix.poll(line, Const.POLLIN, 0) & Const.POLLHUP);
        assertEquals(-Errno.EIO, Posix.write(line, buffer, 0, 1));
        assertTrue(Posix.read(line, buffer, 0, 1) <= 0);
        Posix.close(line);
    }

    @Test
    void shouldRefuseWhatIsNoSerialLine() {
        assertEquals(-Errno.ENOTTY, Tty.openRaw("/dev/null", 9_600));
        assertEquals(-Errno.ENOENT, Tty.openRaw("/dev/tw-absent", 9_600));
    }
}
