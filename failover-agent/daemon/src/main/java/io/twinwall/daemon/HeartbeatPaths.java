/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.Const;
import io.twinwall.linux.Errno;
import io.twinwall.linux.EventFd;
import io.twinwall.linux.PollSet;
import io.twinwall.wire.HeartbeatCodec;
import io.twinwall.wire.SessionTracker;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The ways that heartbeats travel by, and the place where the role agent sleeps: one ppoll(2) over all of them. What is
 * received here is bytes; who made them is for {@link HeartbeatCodec} to say. A path that is not there, now or from the start,
 * ends nothing: the others go on, and it is tried again. Used by the role agent's thread, {@link #wakeUp} and {@link
 * #problem} by any; once the paths are open, nothing is allocated.
 */
final class HeartbeatPaths implements AutoCloseable {
    /** Hears what happens on the paths. */
    interface Receiver {
        /** The bytes of one datagram; the buffer is valid only within the call. */
        void onDatagram(int path, DirectBuffer buffer, int length);

        /** A hint, not authentic: the peer's host says that nobody listens there. Told at most ten times a second. */
        void onPeerGone(int path);

        /** The path's own end: a carrier came or went, or the path was opened or lost. All are up at first. */
        default void onPathChanged(int path, boolean up) {}
    }

    /** One path, as it is configured. */
    sealed interface PathSpec {
        String name();

        /** Both ends of one address family; {@code device} is the interface to be bound to, or "". */
        record Udp(String name, InetSocketAddress local, InetSocketAddress peer, String device) implements PathSpec {}

        /** A serial line, such as {@code /dev/ttyS0}. */
        record Serial(String name, String device, int baud) implements PathSpec {}
    }

    private static final int DATAGRAMS_MAX = 64;
    private static final int DATAGRAM_BYTES_MAX = 2048;
    /** What a wait told is true for so long. */
    private static final long STALE_NS = 1_000_000L;

    private static final long GONE_EVERY_NS = 100_000_000L;
    private static final long CARRIER_EVERY_NS = 10_000_000L;

    /** Woken so often at least, the role agent opens what was lost. */
    private static final long AWAIT_NS_MAX = 1_000_000_000L;

    private final HeartbeatPort[] ports;
    private final boolean[] up;
    private final boolean[] gone;
    private final long[] goneNotBeforeNs;
    private final PollSet poll;
    private final EventFd wake = new EventFd();
    private final UnsafeBuffer received = new UnsafeBuffer(ByteBuffer.allocateDirect(DATAGRAM_BYTES_MAX));
    private final UnsafeBuffer sent = new UnsafeBuffer(ByteBuffer.allocateDirect(HeartbeatCodec.BYTES_MAX));
    private final NanoClock clock;
    private final Counter sentCount;
    private final Counter receivedCount;
    private final Counter goneCount;
    private final HeartbeatErrors errors;
    private final int others;
    private final boolean[] more;
    private long carrierAtNs;
    private boolean polled;
    private long polledNs;

    HeartbeatPaths(List<? extends PathSpec> specs, Counters counters, NanoClock clock) {
        this(specs, new int[0], counters, clock);
    }

    /** {@code otherFds}: what else wakes the role agent when it is readable; to be read before the next {@link #await}. */
    HeartbeatPaths(List<? extends PathSpec> specs, int[] otherFds, Counters counters, NanoClock clock) {
        if (specs.size() > SessionTracker.PATHS_MAX) {
            throw new Fatal(ExitCode.CONFIG, "there are more than " + SessionTracker.PATHS_MAX + " heartbeat paths");
        }
        this.clock = clock;
        sentCount = counters.counter("heartbeats_sent_total", "Heartbeat datagrams sent, over all paths.");
        receivedCount = counters.counter(
                "heartbeats_received_total", "Datagrams received by the heartbeats' paths, authentic or not.");
        goneCount = counters.counter(
                "heartbeats_peer_gone_total", "Times the peer's host said that nobody listens for heartbeats.");
        errors = new HeartbeatErrors(counters);
        ports = new HeartbeatPort[specs.size()];
        up = new boolean[ports.length];
        gone = new boolean[ports.length];
        more = new boolean[ports.length];
        goneNotBeforeNs = new long[ports.length];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = port(i, specs.get(i), counters);
            up[i] = true;
        }
        others = otherFds.length;
        poll = new PollSet(1 + ports.length + others);
        poll.set(0, wake.fd(), Const.POLLIN);
        for (int i = 0; i < others; i++) {
            poll.set(1 + ports.length + i, otherFds[i], Const.POLLIN);
        }
        openAtStart();
    }

    private static HeartbeatPort port(int index, PathSpec spec, Counters counters) {
        return switch (spec) {
            case PathSpec.Udp udp -> new HeartbeatUdp(index, udp, counters);
            case PathSpec.Serial serial -> new HeartbeatSerial(index, serial, counters);
        };
    }

    private void openAtStart() {
        long nowNs = clock.nanoTime();
        for (HeartbeatPort port : ports) {
            if (port.openIfDue(nowNs) == -Errno.EADDRINUSE) {
                close();
                throw new Fatal(ExitCode.ENVIRONMENT, "path \"" + port.name() + "\": " + port.problem());
            }
        }
    }

    /**
     * Sleeps until something happened on a path, {@link #wakeUp} is called, or {@code timeoutNs} has passed; not for long in
     * any case, so that lost paths are opened again.
     */
    void await(long timeoutNs) {
        long nowNs = clock.nanoTime();
        long endNs = nowNs + Math.clamp(timeoutNs, 0, AWAIT_NS_MAX);
        boolean goOn = true;
        while (goOn) {
            long untilNs = watch(endNs);
            int ready = poll.await(untilNs - nowNs);
            if (ready < 0 && ready != -Errno.EINTR) {
                throw Errno.fatal("cannot wait for heartbeats", ready);
            }
            nowNs = clock.nanoTime();
            flush(nowNs);
            polled = ready >= 0;
            goOn = nowNs - endNs < 0 && (ready <= 0 || !somethingToReceive());
        }
        polledNs = nowNs;
        if (!polled || poll.happened(0) != 0) {
            wake.clear();
        }
    }

    /** Puts the open paths into the poll set; when to wake up. */
    private long watch(long endNs) {
        long untilNs = endNs;
        for (int i = 0; i < ports.length; i++) {
            ports[i].watch(poll, 1 + i);
            long flushAtNs = ports[i].flushAtNs();
            if (flushAtNs != Long.MAX_VALUE && flushAtNs - untilNs < 0) {
                untilNs = flushAtNs;
            }
        }
        return untilNs;
    }

    private boolean somethingToReceive() {
        if (poll.happened(0) != 0) {
            return true;
        }
        for (int i = 0; i < ports.length + others; i++) {
            if ((poll.happened(1 + i) & ~Const.POLLOUT) != 0) {
                return true;
            }
        }
        return false;
    }

    private void flush(long nowNs) {
        for (HeartbeatPort port : ports) {
            if (port.isOpen()) {
                port.flush(nowNs);
            }
        }
    }

    /** Ends the {@link #await} under way, or the next. From any thread. */
    void wakeUp() {
        wake.signal();
    }

    /** What the last wait told spares most system calls, unless this thread stood still since. */
    private boolean stale(long nowNs) {
        return !polled || nowNs - polledNs > STALE_NS;
    }

    /** Whether something else that was given to wake this is readable, or may be. */
    boolean othersReady() {
        boolean ready = stale(clock.nanoTime());
        for (int i = 0; i < others; i++) {
            ready |= poll.happened(1 + ports.length + i) != 0;
        }
        return ready;
    }

    /** Hands over what has arrived on all paths, a bounded number of datagrams each, and opens what was lost. */
    void receive(Receiver receiver) {
        long nowNs = clock.nanoTime();
        boolean stale = stale(nowNs);
        boolean carrierDue = nowNs - carrierAtNs >= 0;
        if (carrierDue) {
            carrierAtNs = nowNs + CARRIER_EVERY_NS;
        }
        for (int i = 0; i < ports.length; i++) {
            ports[i].openIfDue(nowNs);
            if (stale || more[i] || (poll.happened(1 + i) & ~Const.POLLOUT) != 0) {
                more[i] = receive(i, nowNs, receiver);
            }
            tellGone(i, nowNs, receiver);
            if (carrierDue || !ports[i].isOpen()) {
                tellChange(i, receiver);
            }
        }
    }

    /** True when the bound ended it: there may be more, and be it in this process. */
    private boolean receive(int path, long nowNs, Receiver receiver) {
        for (int n = 0; n < DATAGRAMS_MAX && ports[path].isOpen(); n++) {
            if (!receiveOne(path, nowNs, receiver)) {
                return false;
            }
        }
        return ports[path].isOpen();
    }

    /** True when there may be more. */
    private boolean receiveOne(int path, long nowNs, Receiver receiver) {
        int length = ports[path].receive(received);
        if (length >= 0) {
            receivedCount.increment();
            ports[path].onReceived();
            gone[path] = false;
            goneNotBeforeNs[path] = nowNs;
            receiver.onDatagram(path, received, length);
            return true;
        }
        return switch (-length) {
            case Errno.EAGAIN -> false;
            case Errno.EINTR -> true;
            case Errno.ECONNREFUSED -> {
                gone[path] = true;
                yield true;
            }
            default -> {
                if (ports[path].isLost(length)) {
                    ports[path].lose(length, nowNs);
                }
                yield true;
            }
        };
    }

    private void tellGone(int path, long nowNs, Receiver receiver) {
        if (gone[path] && nowNs - goneNotBeforeNs[path] >= 0) {
            gone[path] = false;
            goneNotBeforeNs[path] = nowNs + GONE_EVERY_NS;
            goneCount.increment();
            receiver.onPeerGone(path);
        }
    }

    private void tellChange(int path, Receiver receiver) {
        boolean now = ports[path].isOpen() && ports[path].hasCarrier();
        if (now != up[path]) {
            up[path] = now;
            receiver.onPathChanged(path, now);
        }
    }

    /** Where the next heartbeat is to be encoded. */
    UnsafeBuffer buffer() {
        return sent;
    }

    /** Sends the first {@code length} bytes of {@link #buffer} on every path. Never blocks. */
    void send(int length) {
        long nowNs = clock.nanoTime();
        for (int i = 0; i < ports.length; i++) {
            if (ports[i].isOpen()) {
                sendOn(i, length, nowNs);
            } else {
                errors.countClosed();
            }
        }
    }

    /** Whether a path is open that has room for more than heartbeats. */
    boolean takeMore() {
        for (HeartbeatPort port : ports) {
            if (port.isOpen() && port.takesMore()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Sends what is no heartbeat: not on serial lines, where the next heartbeat would wait for it. Whether it is sent says
     * nothing of a path.
     */
    void sendAside(int length, long nowNs) {
        for (int i = 0; i < ports.length; i++) {
            if (ports[i].isOpen()
                    && ports[i].takesMore()
                    && ports[i].send(sent, length, nowNs) == -Errno.ECONNREFUSED) {
                // What the peer's host answered to an earlier one.
                gone[i] = true;
            }
        }
    }

    private void sendOn(int path, int length, long nowNs) {
        int result = ports[path].send(sent, length, nowNs);
        if (result == -Errno.ECONNREFUSED) {
            // What the peer's host answered to an earlier one; this one was not sent.
            gone[path] = true;
            result = ports[path].send(sent, length, nowNs);
        }
        if (result == length) {
            sentCount.increment();
            ports[path].onSent();
        } else {
            // The other end notices by itself, and so do we by its silence.
            errors.count(result);
            ports[path].onSendError(result, nowNs);
        }
    }

    /** What is wrong with a path, for people; "" when it is open. From any thread. */
    String problem(int path) {
        return ports[path].problem();
    }

    @Override
    public void close() {
        for (HeartbeatPort port : ports) {
            port.shut();
        }
        wake.close();
        poll.close();
    }
}
