/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static java.lang.ref.Reference.reachabilityFence;

import org.agrona.MutableDirectBuffer;

/**
 * A pipe (pipe2(2)) for what a child process prints: the child writes to the file {@link #path}, this process reads and never
 * waits, whoever else still holds the other end. One thread at a time.
 */
public final class Pipe implements AutoCloseable {
    private static final int NO_FD = -1;

    private final int readFd;
    private int writeFd;

    public Pipe() {
        ThreadMemory memory = ThreadMemory.current();
        int result;
        try {
            result = (int) Libc.PIPE2.invokeExact(
                    memory.errnoState(), memory.wordAddress(0), Const.O_NONBLOCK | Const.O_CLOEXEC);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
        if (result < 0) {
            throw Errno.fatal("pipe2", memory.negativeErrno());
        }
        readFd = memory.word(0);
        writeFd = memory.word(1);
    }

    /** The end to read from. */
    public int fd() {
        return readFd;
    }

    /** To be opened for writing by this process, until {@link #closeWriteEnd}; whoever opens it waits while it is full. */
    public String path() {
        return "/proc/self/fd/" + writeFd;
    }

    /** After the child was started: from then on {@link #read} tells when all writers are gone. */
    public void closeWriteEnd() {
        if (writeFd != NO_FD) {
            Posix.close(writeFd);
            writeFd = NO_FD;
        }
    }

    /** Returns how many bytes were there, 0 when all writers are gone, or {@code -EAGAIN} when there is nothing yet. */
    public int read(MutableDirectBuffer to, int offset, int length) {
        long pointer = Native.address(to, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            int read = (int) (long) Libc.READ.invokeExact(memory.errnoState(), readFd, pointer, (long) length);
            return read < 0 ? memory.negativeErrno() : read;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(to);
        }
    }

    @Override
    public void close() {
        closeWriteEnd();
        Posix.close(readFd);
    }
}
