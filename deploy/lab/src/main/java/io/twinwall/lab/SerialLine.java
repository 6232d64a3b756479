/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.PollSet;
import io.twinwall.linux.Posix;
import io.twinwall.linux.Tty;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A null-modem cable between a lab's firewalls: a pseudo-terminal (pty(7)) for each, and a thread of its own that carries
 * what is written into one to the other. The device's names are in the lab's directory.
 */
public final class SerialLine implements AutoCloseable {
    // <asm-generic/ioctls.h>: _IOW('T', 0x31, int), _IOR('T', 0x30, unsigned int)
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTN = 0x80045430;
    private static final int BAUD = 115_200;
    private static final int READ_MAX = 4_096;
    private static final long LOOK_NS = 20_000_000;

    private final int[] masters = {-1, -1};
    /** Held open: a line that nobody has open hangs up. */
    private final int[] held = {-1, -1};

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(READ_MAX));
    private final Thread thread;
    private volatile boolean running = true;
    private final AtomicLong carried = new AtomicLong();

    /** Lays the cable; the agents may open it from now on. */
    public SerialLine(Lab lab) {
        try {
            int end = 0;
            for (FirewallNode node : FirewallNode.values()) {
                plug(end++, device(lab.directory(), node));
            }
        } catch (RuntimeException e) {
            closeAll();
            throw e;
        }
        thread = Thread.ofPlatform().daemon().name("serial-line").start(this::carry);
    }

    static Path device(Path labDirectory, FirewallNode node) {
        return labDirectory.resolve("wire-" + node.nodeName());
    }

    private void plug(int end, Path device) {
        int flags = Const.O_RDWR | Const.O_NOCTTY | Const.O_NONBLOCK | Const.O_CLOEXEC;
        UnsafeBuffer word = new UnsafeBuffer(ByteBuffer.allocateDirect(4));
        masters[end] = checked(Posix.open("/dev/ptmx", flags));
        checked(Posix.ioctl(masters[end], TIOCSPTLCK, word, 0, 4));
        checked(Posix.ioctl(masters[end], TIOCGPTN, word, 0, 4));
        Path pty = Path.of("/dev/pts/" + word.getInt(0));
        held[end] = checked(Tty.openRaw(pty.toString(), BAUD));
        try {
            Files.createSymbolicLink(device, pty);
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "no serial line at " + device + ": " + e.getMessage(), e);
        }
    }

    private void carry() {
        try (PollSet poll = new PollSet(2)) {
            poll.set(0, masters[0], Const.POLLIN);
            poll.set(1, masters[1], Const.POLLIN);
            while (running) {
                if (poll.await(LOOK_NS) > 0) {
                    carry(0, 1);
                    carry(1, 0);
                }
            }
        }
    }

    /** What a full line does not take is lost, as on a wire. */
    private void carry(int from, int to) {
        int read = Posix.read(masters[from], buffer, 0, READ_MAX);
        if (read > 0) {
            carried.addAndGet(Math.max(0, Posix.write(masters[to], buffer, 0, read)));
        }
    }

    /** Bytes that went through, in both directions. */
    public long carried() {
        return carried.get();
    }

    private static int checked(int result) {
        if (result < 0) {
            throw new Fatal(ExitCode.ENVIRONMENT, "no pseudo-terminal: " + Errno.text(result));
        }
        return result;
    }

    private void closeAll() {
        for (int[] ends : new int[][] {held, masters}) {
            for (int fd : ends) {
                if (fd >= 0) {
                    Posix.close(fd);
                }
            }
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeAll();
    }
}
