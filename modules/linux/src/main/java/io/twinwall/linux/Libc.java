/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import static io.twinwall.linux.Native.INT;
import static io.twinwall.linux.Native.LONG;
import static io.twinwall.linux.Native.POINTER;
import static io.twinwall.linux.Native.withErrno;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** The C library's functions, linked once; the calls are in {@link Posix}. */
final class Libc {
    static final MethodHandle SOCKET = withErrno("socket", INT, INT, INT, INT);
    static final MethodHandle CLOSE = withErrno("close", INT, INT);
    static final MethodHandle BIND = withErrno("bind", INT, INT, POINTER, INT);
    static final MethodHandle CONNECT = withErrno("connect", INT, INT, POINTER, INT);
    static final MethodHandle SETSOCKOPT = withErrno("setsockopt", INT, INT, INT, INT, POINTER, INT);
    static final MethodHandle GETSOCKOPT = withErrno("getsockopt", INT, INT, INT, INT, POINTER, POINTER);
    static final MethodHandle GETSOCKNAME = withErrno("getsockname", INT, INT, POINTER, POINTER);
    static final MethodHandle SEND = withErrno("send", LONG, INT, POINTER, LONG, INT);
    static final MethodHandle SENDTO = withErrno("sendto", LONG, INT, POINTER, LONG, INT, POINTER, INT);
    static final MethodHandle RECV = withErrno("recv", LONG, INT, POINTER, LONG, INT);
    static final MethodHandle RECVMMSG = withErrno("recvmmsg", INT, INT, POINTER, INT, INT, POINTER);
    static final MethodHandle SENDMMSG = withErrno("sendmmsg", INT, INT, POINTER, INT, INT);
    static final MethodHandle READ = withErrno("read", LONG, INT, POINTER, LONG);
    static final MethodHandle WRITE = withErrno("write", LONG, INT, POINTER, LONG);
    static final MethodHandle POLL = withErrno("poll", INT, POINTER, LONG, INT);
    static final MethodHandle PPOLL = withErrno("ppoll", INT, POINTER, LONG, POINTER, POINTER);
    static final MethodHandle EVENTFD = withErrno("eventfd", INT, INT, INT);
    static final MethodHandle PIPE2 = withErrno("pipe2", INT, POINTER, INT);
    static final MethodHandle IOCTL = Native.withErrnoVariadic("ioctl", 2, INT, INT, LONG, POINTER);
    static final MethodHandle IF_NAMETOINDEX = withErrno("if_nametoindex", INT, POINTER);
    static final MethodHandle SETNS = withErrno("setns", INT, INT, INT);
    static final MethodHandle UNSHARE = withErrno("unshare", INT, INT);
    static final MethodHandle OPEN = Native.withErrnoVariadic("open", 2, INT, POINTER, INT, INT);
    static final MethodHandle FALLOCATE = withErrno("fallocate", INT, INT, INT, LONG, LONG);
    static final MethodHandle MLOCKALL = withErrno("mlockall", INT, INT);
    static final MethodHandle MUNLOCKALL = withErrno("munlockall", INT);
    /** Null in a C library that has none (it is glibc's own). */
    static final MethodHandle MALLOC_TRIM =
            Native.libc().find("malloc_trim").isPresent() ? withErrno("malloc_trim", INT, LONG) : null;

    /** Null like that one. */
    static final MethodHandle MALLOPT =
            Native.libc().find("mallopt").isPresent() ? withErrno("mallopt", INT, INT, INT) : null;

    static final MethodHandle SCHED_SETSCHEDULER = withErrno("sched_setscheduler", INT, INT, INT, POINTER);
    static final MethodHandle SCHED_GETSCHEDULER = withErrno("sched_getscheduler", INT, INT);
    static final MethodHandle SETPRIORITY = withErrno("setpriority", INT, INT, INT, INT);
    static final MethodHandle PRCTL = Native.withErrnoVariadic("prctl", 1, INT, INT, LONG, LONG, LONG, LONG);
    static final MethodHandle GETRLIMIT = withErrno("getrlimit", INT, INT, POINTER);
    static final MethodHandle ADJTIMEX = withErrno("adjtimex", INT, POINTER);
    static final MethodHandle KILL = withErrno("kill", INT, INT, INT);
    static final MethodHandle MMAP = withErrno("mmap", POINTER, POINTER, LONG, INT, INT, INT, LONG);
    static final MethodHandle MUNMAP = withErrno("munmap", INT, POINTER, LONG);
    static final MethodHandle MADVISE = withErrno("madvise", INT, POINTER, LONG, INT);
    static final MethodHandle GETPID = Native.brief(Native.libc(), "getpid", FunctionDescriptor.of(INT));
    static final MethodHandle GETPAGESIZE = Native.brief(Native.libc(), "getpagesize", FunctionDescriptor.of(INT));

    private Libc() {}
}
