/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.trackers;

import static io.twinwall.linux.Const.POLLIN;

import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import io.twinwall.linux.CommandTree;
import io.twinwall.linux.EventFd;
import io.twinwall.linux.PollSet;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Judges what this node depends on, on one daemon thread that sleeps in poll(2) until something answers or is due. A state
 * starts unknown and counts as up until it is first judged, so that a start takes nobody out. Nothing here is ever in the way of
 * heartbeats: a slow script delays other trackers at most by its own start.
 *
 * <p>The listener is called from that thread, when a verdict changed or the list did. {@link #health} may be asked from
 * any thread. Sockets and scripts belong to the network namespace of the thread that called {@link #open}.
 */
public final class Trackers implements AutoCloseable {
    /** More in one configuration are refused. */
    public static final int TRACKERS_MAX = 128;

    private static final long NS_PER_MS = 1_000_000;
    private static final long RETRY_NS = 1_000 * NS_PER_MS;
    private static final long WAIT_NS_MAX = 3_600_000 * NS_PER_MS;
    private static final long KILL_MS_MAX = 2_000;
    private static final int WAKE = 0;
    private static final int LINKS = 1;
    private static final int ADDRESSES = 2;
    private static final int FIXED_FDS = 3;

    /** Hears of each change. */
    @FunctionalInterface
    public interface Listener {
        void onHealth(Health health);

        /** After {@link Trackers#ask}: a test address answered at {@code answeredNs} what it was asked at {@code begunNs}. */
        default void onAnswer(long begunNs, long answeredNs) {}
    }

    private final NanoClock clock;
    private final NetView net;
    private final Bench bench;
    private final EventFd wake = new EventFd();
    private final PollSet poll = new PollSet(FIXED_FDS + TRACKERS_MAX);
    private final AtomicReference<List<TrackSpec>> wanted = new AtomicReference<>();
    private final Thread thread;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile boolean closing;

    private Trackers(
            List<TrackSpec> specs,
            Collection<InetAddress> virtual,
            Listener listener,
            NanoClock clock,
            Counters counters) {
        this.clock = clock;
        TrackerCounters told = new TrackerCounters(counters);
        this.net = NetView.open(virtual, told.linkEventsLost());
        this.bench = new Bench(new KernelTrackers(net), listener, told);
        bench.replace(specs, clock.nanoTime());
        this.thread = Thread.ofPlatform().name("twinwall-trackers").daemon().unstarted(this::run);
    }

    /**
     * Starts tracking.
     *
     * @throws IllegalArgumentException when two specs have the same name
     * @throws io.twinwall.base.Fatal when the kernel refuses a socket
     */
    public static Trackers open(List<TrackSpec> specs, Listener listener, NanoClock clock, Counters counters) {
        return open(specs, List.of(), listener, clock, counters);
    }

    /** As above; nothing is ever asked from one of the pair's addresses, {@code virtual}. */
    public static Trackers open(
            List<TrackSpec> specs,
            Collection<InetAddress> virtual,
            Listener listener,
            NanoClock clock,
            Counters counters) {
        TrackSpec.checkUnique(specs);
        Trackers trackers = new Trackers(specs, virtual, listener, clock, counters);
        trackers.thread.start();
        return trackers;
    }

    /** What is known at this moment, from any thread. */
    public Health health() {
        return bench.health();
    }

    /**
     * Tracks {@code specs} from now on. A spec that is equal to one before keeps its state; any other starts unknown. Returns at
     * once; the listener hears of it. Throws IllegalArgumentException, and changes nothing, when two have the same name.
     */
    public void replace(List<TrackSpec> specs) {
        TrackSpec.checkUnique(specs);
        wanted.set(List.copyOf(specs));
        wake.signal();
    }

    /**
     * Asks every test address at once, without waiting for its turn; the listener hears of an answer, if one comes. It changes no verdict.
     * Returns at once; from any thread.
     */
    public void ask() {
        if (!asked.getAndSet(true)) {
            wake.signal();
        }
    }

    /** Ends the thread and kills what runs. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        wake.signal();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        wake.close();
        boolean ignored = CommandTree.awaitKilled(KILL_MS_MAX);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing) {
                turn();
            }
        } finally {
            bench.close();
            net.close();
            poll.close();
        }
    }

    /** One round: what is new, what is due, then wait for the next. Answers are read before anything counts as late. */
    private void turn() {
        List<TrackSpec> specs = wanted.getAndSet(null);
        if (specs != null) {
            bench.replace(specs, clock.nanoTime());
        }
        bench.onTime(clock.nanoTime());
        if (asked.getAndSet(false)) {
            bench.ask(clock.nanoTime());
        }
        bench.report();
        fill();
        int ready = poll.await(waitNs(clock.nanoTime()));
        if (ready > 0) {
            dispatch(clock.nanoTime());
        }
        if (net.stale()) {
            net.refreshLinks();
            bench.onLinks(clock.nanoTime());
        }
    }

    private void fill() {
        poll.set(WAKE, wake.fd(), POLLIN);
        poll.set(LINKS, net.linkFd(), POLLIN);
        poll.set(ADDRESSES, net.addressFd(), POLLIN);
        List<Tracker> trackers = bench.trackers();
        for (int i = 0; i < TRACKERS_MAX; i++) {
            int fd = i < trackers.size() ? trackers.get(i).fd() : Tracker.NO_FD;
            if (fd == Tracker.NO_FD) {
                poll.clear(FIXED_FDS + i);
            } else {
                poll.set(FIXED_FDS + i, fd, trackers.get(i).events());
            }
        }
    }

    private long waitNs(long nowNs) {
        return Math.min(bench.waitNs(nowNs), net.stale() ? RETRY_NS : WAIT_NS_MAX);
    }

    private void dispatch(long nowNs) {
        if (poll.happened(WAKE) != 0) {
            wake.clear();
        }
        if (poll.happened(ADDRESSES) != 0) {
            net.onAddressEvents();
        }
        List<Tracker> trackers = bench.trackers();
        for (int i = 0; i < trackers.size(); i++) {
            if (poll.happened(FIXED_FDS + i) != 0) {
                trackers.get(i).onReady(nowNs);
            }
        }
        if (poll.happened(LINKS) != 0 && net.onLinkEvents()) {
            net.refreshLinks();
            bench.onLinks(nowNs);
        }
    }
}
