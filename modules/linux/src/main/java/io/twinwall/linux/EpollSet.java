/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static io.twinwall.linux.Native.INT;
import static io.twinwall.linux.Native.POINTER;
import static io.twinwall.linux.Native.withErrno;

import java.lang.invoke.MethodHandle;

/**
 * Several descriptors behind one (epoll(7)): {@link #fd} is readable while any of them is, so that a loop which polls it
 * need not know how many sockets a part has. It only tells that; who is readable is found by reading.
 */
public final class EpollSet implements AutoCloseable {
    private static final MethodHandle EPOLL_CREATE1 = withErrno("epoll_create1", INT, INT);
    private static final MethodHandle EPOLL_CTL = withErrno("epoll_ctl", INT, INT, INT, INT, POINTER);
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;

    private final int fd;

    private EpollSet(int fd) {
        this.fd = fd;
    }

    public static EpollSet open() {
        int fd = create();
        if (fd < 0) {
            throw Errno.fatal("epoll_create1", fd);
        }
        return new EpollSet(fd);
    }

    private static int create() {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int fd = (int) EPOLL_CREATE1.invokeExact(memory.errnoState(), EPOLL_CLOEXEC);
            return fd < 0 ? memory.negativeErrno() : fd;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Adds {@code member}, which leaves by being closed. Returns 0 or {@code -errno}. */
    public int add(int member) {
        ThreadMemory memory = ThreadMemory.current();
        // struct epoll_event: events u32, then data, which nobody reads
        memory.word(0, Const.POLLIN);
        memory.word(1, 0);
        memory.word(2, 0);
        memory.word(3, 0);
        try {
            int result =
                    (int) EPOLL_CTL.invokeExact(memory.errnoState(), fd, EPOLL_CTL_ADD, member, memory.wordAddress(0));
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        Posix.close(fd);
    }
}
