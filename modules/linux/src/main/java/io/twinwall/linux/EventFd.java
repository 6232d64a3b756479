/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

/** A descriptor that any thread can make readable (eventfd(2)): how others end a thread's sleep in {@link PollSet}. */
public final class EventFd implements AutoCloseable {
    private static final int EFD_NONBLOCK = 0x800;
    private static final int EFD_CLOEXEC = 0x80000;
    private static final long COUNTER_BYTES = 8;

    private final int fd;

    public EventFd() {
        ThreadMemory memory = ThreadMemory.current();
        try {
            fd = (int) Libc.EVENTFD.invokeExact(memory.errnoState(), 0, EFD_NONBLOCK | EFD_CLOEXEC);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
        if (fd < 0) {
            throw Errno.fatal("eventfd", memory.negativeErrno());
        }
    }

    public int fd() {
        return fd;
    }

    /** Makes it readable, until {@link #clear}. Any thread, also before anybody waits. Nothing is allocated. */
    public void signal() {
        ThreadMemory memory = ThreadMemory.current();
        memory.word(0, 1);
        memory.word(1, 0);
        try {
            // Fails only when it was signalled 2^64 times and never cleared; then it is readable anyway.
            long ignored = (long) Libc.WRITE.invokeExact(memory.errnoState(), fd, memory.wordAddress(0), COUNTER_BYTES);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Makes it unreadable; true when it was readable. */
    public boolean clear() {
        ThreadMemory memory = ThreadMemory.current();
        try {
            long read = (long) Libc.READ.invokeExact(memory.errnoState(), fd, memory.wordAddress(0), COUNTER_BYTES);
            return read == COUNTER_BYTES;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Nobody may signal any more. */
    @Override
    public void close() {
        Posix.close(fd);
    }
}
