/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/** A pseudo-terminal (pty(7)) that plays a serial line: a name that stays while the line is unplugged and plugged in. */
final class SerialPty implements AutoCloseable {
    // <asm-generic/ioctls.h>: _IOW('T', 0x31, int), _IOR('T', 0x30, unsigned int)
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTN = 0x80045430;

    private final Path device;
    private int fd = -1;

    SerialPty(Path device) {
        this.device = device;
        plugIn();
    }

    void plugIn() {
        UnsafeBuffer word = new UnsafeBuffer(ByteBuffer.allocateDirect(4));
        fd = Posix.open("/dev/ptmx", Const.O_RDWR | Const.O_NOCTTY | Const.O_NONBLOCK | Const.O_CLOEXEC);
        assertTrue(fd >= 0, () -> Errno.text(fd));
        assertEquals(0, Posix.ioctl(fd, TIOCSPTLCK, word, 0, 4));
        assertEquals(0, Posix.ioctl(fd, TIOCGPTN, word, 0, 4));
        try {
            Files.createSymbolicLink(device, Path.of("/dev/pts/" + word.getInt(0)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void unplug() {
        try {
            Files.delete(device);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Posix.close(fd);
        fd = -1;
    }

    /** The far end. */
    int fd() {
        return fd;
    }

    String device() {
        return device.toString();
    }

    @Override
    public void close() {
        if (fd >= 0) {
            unplug();
        }
    }
}
