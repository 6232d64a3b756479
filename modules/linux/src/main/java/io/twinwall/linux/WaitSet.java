/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.linux;

/**
 * Where one thread sleeps: until a descriptor of the set is readable, until another thread wakes it, or for a time.
 * {@link #wake} is for any thread, all else for the one that sleeps; nothing is allocated by sleeping and waking.
 */
public final class WaitSet implements AutoCloseable {
    private static final int READABLE = 0;
    private static final int WOKEN = 1;

    private final EpollSet sockets = EpollSet.open();
    private final EventFd woken = new EventFd();
    private final PollSet poll = new PollSet(2);

    public WaitSet() {
        poll.set(WOKEN, woken.fd(), Const.POLLIN);
    }

    /** Sleeps no longer than {@code fd} is readable, until that is closed. */
    public void add(int fd) {
        int result = sockets.add(fd);
        if (result < 0) {
            throw Errno.fatal("epoll_ctl", result);
        }
    }

    /** Ends the sleep under way, or the next. */
    public void wake() {
        woken.signal();
    }

    /** Sleeps at most {@code timeoutNs}; true when a descriptor is readable. */
    public boolean await(long timeoutNs) {
        poll.set(READABLE, sockets.fd(), Const.POLLIN);
        return sleep(timeoutNs) && poll.happened(READABLE) != 0;
    }

    /** Sleeps as long, whatever becomes readable. */
    public void rest(long timeoutNs) {
        poll.clear(READABLE);
        sleep(timeoutNs);
    }

    private boolean sleep(long timeoutNs) {
        int happened = poll.await(timeoutNs);
        if (happened > 0 && poll.happened(WOKEN) != 0) {
            woken.clear();
        }
        return happened > 0;
    }

    /** Nobody may wake any more. */
    @Override
    public void close() {
        poll.close();
        woken.close();
        sockets.close();
    }
}
