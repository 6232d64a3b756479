/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A pseudo-terminal (pty(7)): {@link #device} is the serial line under test, {@link #fd} its far end. */
final class Pty implements AutoCloseable {
    // <asm-generic/ioctls.h>: _IOW('T', 0x31, int), _IOR('T', 0x30, unsigned int)
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTN = 0x80045430;

    private final int fd;
    private final String device;

    Pty() {
        UnsafeBuffer word = new UnsafeBuffer(ByteBuffer.allocateDirect(4));
        fd = Posix.open("/dev/ptmx", Const.O_RDWR | Const.O_NOCTTY | Const.O_NONBLOCK | Const.O_CLOEXEC);
        assertTrue(fd >= 0, () -> Errno.text(fd));
        assertEquals(0, Posix.ioctl(fd, TIOCSPTLCK, word, 0, 4));
        assertEquals(0, Posix.ioctl(fd, TIOCGPTN, word, 0, 4));
        device = "/dev/pts/" + word.getInt(0);
    }

    int fd() {
        return fd;
    }

    String device() {
        return device;
    }

    /** Hangs the line up. */
    @Override
    public void close() {
        Posix.close(fd);
    }
}
