/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

import io.twinwall.base.Check;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Network namespaces. A namespace is a property of a thread: sockets and processes made by a thread belong to the
 * namespace it is in at that moment, and stay there. Threads it starts inherit it. Only platform threads may move: a
 * virtual one would take its carrier, and whatever runs on that next, along.
 */
public final class NetNs {
    private static final String NAMED = "/run/netns/";

    private NetNs() {}

    /** The path of a namespace made by {@code ip netns add name}; a path is returned as it is. */
    public static String path(String nameOrPath) {
        return nameOrPath.indexOf('/') >= 0 ? nameOrPath : NAMED + nameOrPath;
    }

    /**
     * Moves the calling platform thread into a namespace, given by name or path. There is no way back but entering the
     * old one.
     */
    public static void enter(String nameOrPath) {
        checkPlatformThread();
        String path = path(nameOrPath);
        int fd = Posix.open(path, Const.O_RDONLY | Const.O_CLOEXEC);
        if (fd < 0) {
            throw Errno.fatal("open " + path, fd, "CAP_SYS_ADMIN");
        }
        int result = Posix.setns(fd, Const.CLONE_NEWNET);
        Posix.close(fd);
        if (result < 0) {
            throw Errno.fatal("setns " + path, result, "CAP_SYS_ADMIN");
        }
    }

    /** Gives the calling platform thread a new, empty namespace, which ends with its last thread and socket. */
    public static void enterNew() {
        checkPlatformThread();
        int result = Posix.unshare(Const.CLONE_NEWNET);
        if (result < 0) {
            throw Errno.fatal("unshare(CLONE_NEWNET)", result, "CAP_SYS_ADMIN");
        }
    }

    /** Runs {@code work} on a new platform thread inside a namespace, given by name or path, and waits for it. */
    public static <T> T call(String nameOrPath, Callable<T> work) throws Exception {
        return onThread("netns " + nameOrPath, () -> {
            enter(nameOrPath);
            return work.call();
        });
    }

    /** Runs {@code work} on a new platform thread inside a namespace made for it, and waits for it. */
    public static <T> T callInNew(Callable<T> work) throws Exception {
        return onThread("netns (new)", () -> {
            enterNew();
            return work.call();
        });
    }

    private static <T> T onThread(String name, Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().name(name).daemon().start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Exception exception -> throw exception;
                case Error error -> throw error;
                case Throwable other -> throw Native.bug(other);
            }
        }
    }

    private static void checkPlatformThread() {
        Check.that(!Thread.currentThread().isVirtual(), "a virtual thread cannot enter a network namespace");
    }
}
