/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.nftbridge;

import io.twinwall.linux.Const;
import io.twinwall.linux.NetNs;
import io.twinwall.linux.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One datagram each millisecond from the client through the firewall to the server, stamped when sent. The server notes
 * the newest stamp it saw; the sender notes its own longest pause, which is the machine's stall and bounds what any
 * measurement here can tell.
 */
final class Probe implements AutoCloseable {
    private final DatagramChannel receiver;
    private final DatagramChannel sender;
    private final ScheduledExecutorService ticker;
    private final Future<?> ticking;
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(2 * Long.BYTES);
    private long sent;
    private long newest = -1;
    private volatile long lastSentNs;
    private volatile boolean running = true;
    private volatile long lastArrivedSentNs = Long.MIN_VALUE;
    private final AtomicLong arrived = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private volatile long longestPauseNs;

    Probe(LeaseNet net) throws Exception {
        InetSocketAddress to = new InetSocketAddress(LeaseNet.ip(LeaseNet.SERVER), LeaseNet.SERVER_PORT);
        receiver = NetNs.call(net.server, () -> DatagramChannel.open().bind(to));
        sender = NetNs.call(net.client, () -> DatagramChannel.open().connect(to));
        Thread.ofPlatform().daemon().name("probe-receiver").start(this::receive);
        ticker = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("probe-sender").factory());
        ticker.submit(() -> Posix.schedSetscheduler(0, Const.SCHED_FIFO, 10)).get();
        lastSentNs = System.nanoTime();
        // What a stall of the machine held up is not made up for: thousands at once would overrun the receiver.
        ticking = ticker.scheduleWithFixedDelay(this::send, 0, 1, TimeUnit.MILLISECONDS);
    }

    /** {@code System.nanoTime()} at which the newest datagram that arrived had been sent. */
    long lastArrivedSentNs() {
        return lastArrivedSentNs;
    }

    long arrived() {
        return arrived.get();
    }

    /** Datagrams that did not arrive between two that did: the numbers are without a gap as long as none is lost. */
    long lost() {
        return lost.get();
    }

    /** The sender's longest pause since this was last asked, of which one may go on. */
    long takeLongestPauseNs() {
        long pause = Math.max(longestPauseNs, System.nanoTime() - lastSentNs);
        longestPauseNs = 0;
        return pause;
    }

    @Override
    public void close() throws IOException {
        running = false;
        ticking.cancel(false);
        ticker.shutdownNow();
        sender.close();
        receiver.close();
    }

    private void send() {
        long now = System.nanoTime();
        longestPauseNs = Math.max(longestPauseNs, now - lastSentNs);
        lastSentNs = now;
        try {
            sender.write(datagram.clear().putLong(now).putLong(sent++).flip());
        } catch (IOException e) {
            ended(e);
        }
    }

    private void receive() {
        ByteBuffer received = ByteBuffer.allocateDirect(2 * Long.BYTES);
        Posix.schedSetscheduler(0, Const.SCHED_FIFO, 10);
        try {
            while (running) {
                receiver.receive(received.clear());
                lastArrivedSentNs = received.flip().getLong();
                long number = received.getLong();
                if (newest >= 0) {
                    lost.addAndGet(number - newest - 1);
                }
                newest = number;
                arrived.incrementAndGet();
            }
        } catch (IOException e) {
            ended(e);
        }
    }

    private void ended(IOException e) {
        if (running && !(e instanceof ClosedChannelException)) {
            throw new UncheckedIOException(e);
        }
    }
}
