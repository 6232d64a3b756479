/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static java.lang.ref.Reference.reachabilityFence;

import java.lang.foreign.Arena;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * System calls under their C names. Each returns what the C function returns, or {@code -errno}; none throws for what
 * the kernel says, and those that take buffers allocate nothing. Buffers must be off-heap; one that is not, or an offset
 * outside of it, is a bug. Any thread may call; a call belongs to the thread that makes it.
 */
public final class Posix {
    private Posix() {}

    /** Returns a file descriptor. Pass {@link Const#SOCK_CLOEXEC} with the type: nothing here is meant for children. */
    public static int socket(int domain, int type, int protocol) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int fd = (int) Libc.SOCKET.invokeExact(memory.errnoState(), domain, type, protocol);
            return fd < 0 ? memory.negativeErrno() : fd;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    public static int close(int fd) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.CLOSE.invokeExact(memory.errnoState(), fd);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** {@code address} holds a struct sockaddr; see {@link SockAddr}. */
    public static int bind(int fd, DirectBuffer address, int offset, int length) {
        long pointer = Native.address(address, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.BIND.invokeExact(memory.errnoState(), fd, pointer, length);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(address);
        }
    }

    public static int connect(int fd, DirectBuffer address, int offset, int length) {
        long pointer = Native.address(address, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.CONNECT.invokeExact(memory.errnoState(), fd, pointer, length);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(address);
        }
    }

    /** Sets an option whose value is a C int. */
    public static int setsockoptInt(int fd, int level, int name, int value) {
        ThreadMemory memory = ThreadMemory.current();
        memory.word(0, value);
        return setsockopt(memory, fd, level, name, memory.wordAddress(0), Integer.BYTES);
    }

    /** Sets an option whose value is a string, such as {@link Const#SO_BINDTODEVICE}. Allocates. */
    public static int setsockoptString(int fd, int level, int name, String value) {
        try (Arena arena = Arena.ofConfined()) {
            var string = arena.allocateFrom(value);
            return setsockopt(ThreadMemory.current(), fd, level, name, string.address(), (int) string.byteSize());
        }
    }

    /** Sets an option whose value is a struct. */
    public static int setsockopt(int fd, int level, int name, DirectBuffer value, int offset, int length) {
        long pointer = Native.address(value, offset, length);
        try {
            return setsockopt(ThreadMemory.current(), fd, level, name, pointer, length);
        } finally {
            reachabilityFence(value);
        }
    }

    private static int setsockopt(ThreadMemory memory, int fd, int level, int name, long pointer, int length) {
        try {
            int result = (int) Libc.SETSOCKOPT.invokeExact(memory.errnoState(), fd, level, name, pointer, length);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** The value of an option that is a C int and never negative (all that {@link Const} names are). */
    public static int getsockoptInt(int fd, int level, int name) {
        ThreadMemory memory = ThreadMemory.current();
        memory.word(0, 0);
        memory.word(1, Integer.BYTES);
        try {
            int result = (int) Libc.GETSOCKOPT.invokeExact(
                    memory.errnoState(), fd, level, name, memory.wordAddress(0), memory.wordAddress(1));
            return result < 0 ? memory.negativeErrno() : memory.word(0);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Writes the socket's own address; returns its length, which may exceed {@code length} when it was cut. */
    public static int getsockname(int fd, MutableDirectBuffer address, int offset, int length) {
        long pointer = Native.address(address, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        memory.word(0, length);
        try {
            int result = (int) Libc.GETSOCKNAME.invokeExact(memory.errnoState(), fd, pointer, memory.wordAddress(0));
            return result < 0 ? memory.negativeErrno() : memory.word(0);
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(address);
        }
    }

    /** Returns the bytes sent. */
    public static int send(int fd, DirectBuffer buffer, int offset, int length, int flags) {
        long pointer = Native.address(buffer, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            long sent = (long) Libc.SEND.invokeExact(memory.errnoState(), fd, pointer, (long) length, flags);
            return sent < 0 ? memory.negativeErrno() : (int) sent;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(buffer);
        }
    }

    /** Returns the bytes sent to the struct sockaddr at {@code address[addressOffset]}. */
    public static int sendto(
            int fd,
            DirectBuffer buffer,
            int offset,
            int length,
            int flags,
            DirectBuffer address,
            int addressOffset,
            int addressLength) {
        long pointer = Native.address(buffer, offset, length);
        long to = Native.address(address, addressOffset, addressLength);
        ThreadMemory memory = ThreadMemory.current();
        try {
            long sent = (long)
                    Libc.SENDTO.invokeExact(memory.errnoState(), fd, pointer, (long) length, flags, to, addressLength);
            return sent < 0 ? memory.negativeErrno() : (int) sent;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(buffer);
            reachabilityFence(address);
        }
    }

    /** Returns the bytes received; with {@link Const#MSG_TRUNC}, the datagram's true length, which may be more. */
    public static int recv(int fd, MutableDirectBuffer buffer, int offset, int length, int flags) {
        long pointer = Native.address(buffer, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            long received = (long) Libc.RECV.invokeExact(memory.errnoState(), fd, pointer, (long) length, flags);
            return received < 0 ? memory.negativeErrno() : (int) received;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(buffer);
        }
    }

    /** Returns the bytes read; 0 is the end of the file, or a terminal that was hung up. */
    public static int read(int fd, MutableDirectBuffer buffer, int offset, int length) {
        long pointer = Native.address(buffer, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            long read = (long) Libc.READ.invokeExact(memory.errnoState(), fd, pointer, (long) length);
            return read < 0 ? memory.negativeErrno() : (int) read;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(buffer);
        }
    }

    /** Returns the bytes written, which may be fewer than {@code length}. */
    public static int write(int fd, DirectBuffer buffer, int offset, int length) {
        long pointer = Native.address(buffer, offset, length);
        ThreadMemory memory = ThreadMemory.current();
        try {
            long written = (long) Libc.WRITE.invokeExact(memory.errnoState(), fd, pointer, (long) length);
            return written < 0 ? memory.negativeErrno() : (int) written;
        } catch (Throwable t) {
            throw Native.bug(t);
        } finally {
            reachabilityFence(buffer);
        }
    }

    /** A request whose argument is a struct of {@code length} bytes, read or written. */
    public static int ioctl(int fd, int request, DirectBuffer argument, int offset, int length) {
        try {
            return ioctl(fd, request, Native.address(argument, offset, length));
        } finally {
            reachabilityFence(argument);
        }
    }

    /** A request whose argument is a number. */
    static int ioctl(int fd, int request, long argument) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result =
                    (int) Libc.IOCTL.invokeExact(memory.errnoState(), fd, Integer.toUnsignedLong(request), argument);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    static int recvmmsg(int fd, long messages, int count, int flags) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int received = (int) Libc.RECVMMSG.invokeExact(memory.errnoState(), fd, messages, count, flags, 0L);
            return received < 0 ? memory.negativeErrno() : received;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    static int sendmmsg(int fd, long messages, int count, int flags) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int sent = (int) Libc.SENDMMSG.invokeExact(memory.errnoState(), fd, messages, count, flags);
            return sent < 0 ? memory.negativeErrno() : sent;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Waits for one descriptor; returns what happened to it ({@code POLL*}), or 0 when {@code timeoutMs} passed. */
    public static int poll(int fd, int events, int timeoutMs) {
        ThreadMemory memory = ThreadMemory.current();
        // struct pollfd { int fd; short events; short revents; }, little endian
        memory.word(0, fd);
        memory.word(1, events & 0xffff);
        try {
            int ready = (int) Libc.POLL.invokeExact(memory.errnoState(), memory.wordAddress(0), 1L, timeoutMs);
            return ready < 0 ? memory.negativeErrno() : ready == 0 ? 0 : memory.word(1) >>> 16;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** The index of the interface {@code name} in the calling thread's network namespace. Allocates. */
    public static int ifNameToIndex(String name) {
        ThreadMemory memory = ThreadMemory.current();
        try (Arena arena = Arena.ofConfined()) {
            int index = (int) Libc.IF_NAMETOINDEX.invokeExact(
                    memory.errnoState(), arena.allocateFrom(name).address());
            return index == 0 ? memory.negativeErrno() : index;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Opens an existing file; returns its descriptor. Allocates. */
    public static int open(String path, int flags) {
        ThreadMemory memory = ThreadMemory.current();
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) Libc.OPEN.invokeExact(
                    memory.errnoState(), arena.allocateFrom(path).address(), flags, 0);
            return fd < 0 ? memory.negativeErrno() : fd;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Moves the calling thread, which must be a platform thread, into the namespace of {@code fd}. */
    public static int setns(int fd, int namespaceType) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.SETNS.invokeExact(memory.errnoState(), fd, namespaceType);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Gives the calling thread, which must be a platform thread, new namespaces ({@code CLONE_NEW*}) of its own. */
    public static int unshare(int flags) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.UNSHARE.invokeExact(memory.errnoState(), flags);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /**
     * Gives the memory, or the blocks, of a part of a file back: it reads as zeros from now on (fallocate(2)). Returns 0 or
     * {@code -errno}: {@code -EOPNOTSUPP} where the file system cannot.
     */
    public static int punchHole(int fd, long offset, long length) {
        ThreadMemory memory = ThreadMemory.current();
        int mode = Const.FALLOC_FL_KEEP_SIZE | Const.FALLOC_FL_PUNCH_HOLE;
        try {
            int result = (int) Libc.FALLOCATE.invokeExact(memory.errnoState(), fd, mode, offset, length);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Keeps the process's memory resident ({@code MCL_*}), so that no takeover waits for a page. */
    public static int mlockall(int flags) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.MLOCKALL.invokeExact(memory.errnoState(), flags);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /**
     * Makes the pages of a mapping present and writable, as a write to each would (madvise(2), from Linux 5.14).
     * Returns 0 or {@code -errno}: {@code -EFAULT} where that write would have been a SIGBUS, {@code -EINVAL} on older
     * kernels.
     */
    public static int populateWrite(long address, long length) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            long pageBytes = (int) Libc.GETPAGESIZE.invokeExact();
            long from = address & -pageBytes;
            int result = (int) Libc.MADVISE.invokeExact(
                    memory.errnoState(), from, address + length - from, Const.MADV_POPULATE_WRITE);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    public static int munlockall() {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.MUNLOCKALL.invokeExact(memory.errnoState());
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Gives free memory of malloc(3) back to the kernel, but for what is locked; 1 when there was some, else 0. */
    public static int mallocTrim() {
        if (Libc.MALLOC_TRIM == null) {
            return 0;
        }
        try {
            return (int) Libc.MALLOC_TRIM.invokeExact(ThreadMemory.current().errnoState(), 0L);
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** From this many bytes on, what malloc(3) hands out goes back to the kernel when it is freed. False when it cannot. */
    public static boolean mallocMmapThreshold(int bytes) {
        if (Libc.MALLOPT == null) {
            return false;
        }
        try {
            return (int) Libc.MALLOPT.invokeExact(ThreadMemory.current().errnoState(), Const.M_MMAP_THRESHOLD, bytes)
                    == 1;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** Sets the scheduling policy of thread {@code tid}; 0 is the calling thread. {@code priority} 1..99 or 0. */
    public static int schedSetscheduler(int tid, int policy, int priority) {
        ThreadMemory memory = ThreadMemory.current();
        memory.word(0, priority);
        try {
            int result =
                    (int) Libc.SCHED_SETSCHEDULER.invokeExact(memory.errnoState(), tid, policy, memory.wordAddress(0));
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    /** The soft limit of {@code RLIMIT_*}; {@link Long#MAX_VALUE} when there is none. */
    public static long getrlimit(int resource) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            // struct rlimit { rlim_t rlim_cur, rlim_max; }, 8 bytes each
            int result = (int) Libc.GETRLIMIT.invokeExact(memory.errnoState(), resource, memory.wordAddress(0));
            if (result < 0) {
                return memory.negativeErrno();
            }
            long limit = Integer.toUnsignedLong(memory.word(0)) | (long) memory.word(1) << 32;
            return limit == -1 ? Long.MAX_VALUE : limit;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    public static int kill(int pid, int signal) {
        ThreadMemory memory = ThreadMemory.current();
        try {
            int result = (int) Libc.KILL.invokeExact(memory.errnoState(), pid, signal);
            return result < 0 ? memory.negativeErrno() : result;
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }

    public static int getpid() {
        try {
            return (int) Libc.GETPID.invokeExact();
        } catch (Throwable t) {
            throw Native.bug(t);
        }
    }
}
