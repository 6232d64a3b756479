/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A serial line as a plain way for bytes. The kernel's own interface is used, not the C library's: {@code struct termios2}
 * takes any speed as a number, and is the same whichever C library and version there is.
 *
 * <pre>
 *   0         4         8         12        16       17         36        40        44
 *   | c_iflag | c_oflag | c_cflag | c_lflag | c_line | c_cc[19] | c_ispeed| c_ospeed|
 * </pre>
 */
public final class Tty {
    static final int TERMIOS2_BYTES = 44;
    static final int C_CFLAG_OFFSET = 8;
    static final int C_LFLAG_OFFSET = 12;
    static final int C_CC_OFFSET = 17;
    static final int C_ISPEED_OFFSET = 36;
    static final int C_OSPEED_OFFSET = 40;

    // <asm-generic/ioctls.h>: _IOR('T', 0x2a, struct termios2) and _IOW('T', 0x2b, struct termios2), whose size is in
    // them
    static final int TCGETS2 = 0x802c542a;
    static final int TCSETS2 = 0x402c542b;

    private static final int TCFLSH = 0x540b;

    // <asm-generic/termbits.h>
    private static final long TCOFLUSH = 1;
    private static final int BOTHER = 0x1000;
    private static final int CS8 = 0x30;
    private static final int CREAD = 0x80;
    private static final int CLOCAL = 0x800;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    private Tty() {}

    /**
     * Opens {@code device} raw: 8 bits, no parity, no flow control, no echo, no characters of meaning (cfmakeraw(3)), no regard for
     * modem lines, never blocking, never the controlling terminal. Allocates.
     *
     * @return a descriptor, or {@code -errno}: {@code -ENOTTY} for what is no terminal
     */
    public static int openRaw(String device, int baud) {
        int fd = Posix.open(device, Const.O_RDWR | Const.O_NOCTTY | Const.O_NONBLOCK | Const.O_CLOEXEC);
        if (fd < 0) {
            return fd;
        }
        int result = makeRaw(fd, baud);
        if (result < 0) {
            Posix.close(fd);
            return result;
        }
        return fd;
    }

    /** Forgets what was written and is not on the line yet: else close(2) may wait for it half a minute. */
    public static int discardOutput(int fd) {
        return Posix.ioctl(fd, TCFLSH, TCOFLUSH);
    }

    private static int makeRaw(int fd, int baud) {
        UnsafeBuffer termios = new UnsafeBuffer(ByteBuffer.allocateDirect(TERMIOS2_BYTES));
        int result = Posix.ioctl(fd, TCGETS2, termios, 0, TERMIOS2_BYTES);
        if (result < 0) {
            return result;
        }
        termios.setMemory(0, TERMIOS2_BYTES, (byte) 0);
        termios.putInt(C_CFLAG_OFFSET, BOTHER | CS8 | CREAD | CLOCAL);
        termios.putByte(C_CC_OFFSET + VMIN, (byte) 1);
        termios.putByte(C_CC_OFFSET + VTIME, (byte) 0);
        termios.putInt(C_ISPEED_OFFSET, baud);
        termios.putInt(C_OSPEED_OFFSET, baud);
        return Posix.ioctl(fd, TCSETS2, termios, 0, TERMIOS2_BYTES);
    }
}
