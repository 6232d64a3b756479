/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.Series;
import io.twinwall.linux.Const;
import io.twinwall.linux.PollSet;
import io.twinwall.linux.Posix;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One way to the peer: a descriptor that may be lost and is then opened again, with growing pauses, for as long as the program
 * runs. What cannot be opened is told once, not at every try. On the role agent's thread; nothing here blocks.
 */
abstract sealed class HeartbeatPort permits HeartbeatUdp, HeartbeatSerial {
    private static final Logger LOG = System.getLogger("twinwall.role");
    private static final long RETRY_NS_MIN = 50_000_000L;
    private static final long RETRY_NS_MAX = 1_000_000_000L;
    private static final int CLOSED = 0;
    private static final int FAILING = 1;
    private static final int WORKING = 2;

    private final String name;
    private final Counter state;
    private final Counter sent;
    private final Counter received;
    private int fd = -1;
    private long retryAtNs;
    private long retryNs = RETRY_NS_MIN;
    private volatile String told = "";
    private int failing;

    HeartbeatPort(int index, String name, String kind, Counters counters) {
        this.name = name;
        String path = "heartbeat_path_" + index;
        String of = " path \"" + name + "\" (" + kind + ").";
        state = counters.gauge(
                path + "_state",
                "0 closed, 1 open but does not send, 2 works:" + of,
                series(
                        "heartbeat_path_state",
                        "0: the heartbeat path is closed, 1: open but does not send, 2: it works."));
        sent = counters.counter(
                path + "_sent_total",
                "Heartbeats sent on" + of,
                series("heartbeat_path_sent_total", "Heartbeats sent, by path."));
        received = counters.counter(
                path + "_received_total",
                "Datagrams received, authentic or not, on" + of,
                series("heartbeat_path_received_total", "Datagrams received, authentic or not, by path."));
    }

    /** This path's member of a family. */
    final Series series(String family, String help) {
        return Series.of(family, help).with("path", name);
    }

    /** Opens the descriptor; returns it, or {@code -errno}. */
    abstract int open();

    /** What is wrong with this path when {@link #open} failed so, with the remedy. */
    abstract String explain(int errno);

    /** Sends, or keeps for later, {@code buffer[0..length)}; {@code length}, or {@code -errno}. */
    abstract int send(UnsafeBuffer buffer, int length, long nowNs);

    /** The next datagram into {@code buffer}: its length, or {@code -errno}; {@code -EAGAIN} when there is none. */
    abstract int receive(UnsafeBuffer buffer);

    /** True when sending failed in a way that only a new descriptor mends. */
    abstract boolean isLost(int errno);

    /** False when the line to the peer is known to be dead at this end. */
    abstract boolean hasCarrier();

    /** Whether there is room for more than heartbeats. */
    abstract boolean takesMore();

    /** Goes on with what could not be sent at once. */
    void flush(long nowNs) {}

    /** When {@link #flush} is to be called at the latest. */
    long flushAtNs() {
        return Long.MAX_VALUE;
    }

    /** True when {@link #flush} is to be called as soon as the descriptor takes more. */
    boolean waitsForRoom() {
        return false;
    }

    /** The descriptor is about to be closed. */
    void beforeClose() {}

    final int fd() {
        return fd;
    }

    final String name() {
        return name;
    }

    final boolean isOpen() {
        return fd >= 0;
    }

    /** What is wrong, for people; "" nothing. Any thread may read it a moment late. */
    final String problem() {
        return told;
    }

    final void watch(PollSet set, int place) {
        if (fd < 0) {
            set.clear(place);
        } else {
            set.set(place, fd, waitsForRoom() ? Const.POLLIN | Const.POLLOUT : Const.POLLIN);
        }
    }

    /** Opens when it is closed and the pause is over; 0, or {@code -errno} of a try that failed. */
    final int openIfDue(long nowNs) {
        if (fd >= 0 || (retryAtNs != 0 && nowNs - retryAtNs < 0)) {
            return 0;
        }
        int opened = open();
        if (opened < 0) {
            pause(nowNs);
            tell(explain(opened) + "; tried again until it works");
            state.set(CLOSED);
            return opened;
        }
        fd = opened;
        tell("");
        state.set(WORKING);
        return 0;
    }

    final void onSent() {
        sent.increment();
        retryNs = RETRY_NS_MIN;
        state.set(WORKING);
        if (failing != 0) {
            failing = 0;
            told = "";
        }
    }

    final void onReceived() {
        received.increment();
    }

    final void onSendError(int errno, long nowNs) {
        state.set(FAILING);
        if (isLost(errno)) {
            lose(errno, nowNs);
        } else if (errno != failing) {
            // Shown, but not logged: a filter that drops one heartbeat in three would fill the log.
            failing = errno;
            told = explain(errno);
        }
    }

    /** Gives the descriptor up; a first new try follows soon. */
    final void lose(int errno, long nowNs) {
        shut();
        failing = 0;
        pause(nowNs);
        tell(explain(errno) + "; tried again until it works");
    }

    private void pause(long nowNs) {
        retryAtNs = nowNs + retryNs;
        retryNs = Math.min(2 * retryNs, RETRY_NS_MAX);
    }

    final void shut() {
        if (fd >= 0) {
            beforeClose();
            Posix.close(fd);
            fd = -1;
            state.set(CLOSED);
        }
    }

    private void tell(String problem) {
        if (problem.equals(told)) {
            return;
        }
        if (problem.isEmpty()) {
            LOG.log(Level.INFO, "path \"{0}\" is open again", name);
        } else {
            LOG.log(Level.WARNING, "path \"{0}\": {1}", name, problem);
        }
        told = problem;
    }
}
