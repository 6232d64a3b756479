/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.wire.HeartbeatCodec;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sockets that heartbeats travel by, one a path, and the selector the role agent sleeps on. What is received here is
 * bytes; who made them is for {@link HeartbeatCodec} to say. Used by the role agent's thread; only {@link #wakeUp} is for
 * others.
 */
final class HeartbeatPaths implements AutoCloseable {
    /** Gets the bytes of one datagram; the buffer is valid only within the call. */
    interface Receiver {
        void onDatagram(int path, UnsafeBuffer buffer, int length);
    }

    private record Path(DatagramChannel channel, SocketAddress peer) {}

    private static final int DATAGRAMS_MAX = 64;

    private final List<Path> paths = new ArrayList<>();
    private final Selector selector;
    private final ByteBuffer received = ByteBuffer.allocateDirect(2048);
    private final UnsafeBuffer receivedBuffer = new UnsafeBuffer(received);
    private final ByteBuffer sent = ByteBuffer.allocateDirect(HeartbeatCodec.BYTES_MAX);
    private final UnsafeBuffer sentBuffer = new UnsafeBuffer(sent);
    private final Counter sentCount;
    private final Counter sendErrors;
    private final Counter receivedCount;

    HeartbeatPaths(List<Config.HeartbeatPath> configured, Counters counters) {
        sentCount = counters.counter("heartbeats_sent_total", "Heartbeat datagrams sent, over all paths.");
        sendErrors = counters.counter(
                "heartbeat_send_errors_total", "Heartbeats the kernel would not send: link down, no route.");
        receivedCount =
                counters.counter("heartbeats_received_total", "Heartbeat datagrams received, authentic or not.");
        try {
            selector = Selector.open();
            for (Config.HeartbeatPath path : configured) {
                paths.add(open(path));
            }
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot open a selector: " + e.getMessage(), e);
        }
    }

    /** Sleeps until a datagram is there, {@link #wakeUp} is called, or {@code timeoutNs} has passed. */
    void await(long timeoutNs) {
        try {
            if (timeoutNs <= 0) {
                selector.selectNow();
            } else {
                selector.select(Math.max(1, timeoutNs / 1_000_000));
            }
            selector.selectedKeys().clear();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot wait for heartbeats: " + e.getMessage(), e);
        }
    }

    /** Ends the {@link #await} under way, or the next. From any thread. */
    void wakeUp() {
        selector.wakeup();
    }

    /** Hands over what has arrived on all paths, a bounded number of datagrams each. */
    void receive(Receiver receiver) {
        for (int i = 0; i < paths.size(); i++) {
            for (int n = 0; n < DATAGRAMS_MAX && receiveOne(i, receiver); n++) {
                receivedCount.increment();
            }
        }
    }

    /** Where the next heartbeat is to be encoded. */
    UnsafeBuffer buffer() {
        return sentBuffer;
    }

    /** Sends the first {@code length} bytes of {@link #buffer} on every path. */
    void send(int length) {
        for (Path path : paths) {
            sent.clear().limit(length);
            try {
                if (path.channel().send(sent, path.peer()) == length) {
                    sentCount.increment();
                } else {
                    sendErrors.increment();
                }
            } catch (IOException e) {
                // The path is down; the other end notices by itself, and so do we by its silence.
                sendErrors.increment();
            }
        }
    }

    @Override
    public void close() {
        try {
            for (Path path : paths) {
                path.channel().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new Fatal(ExitCode.ENVIRONMENT, "cannot close heartbeat sockets: " + e.getMessage(), e);
        }
    }

    private boolean receiveOne(int path, Receiver receiver) {
        received.clear();
        try {
            if (paths.get(path).channel().receive(received) == null) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
        receiver.onDatagram(path, receivedBuffer, received.position());
        return true;
    }

    private Path open(Config.HeartbeatPath path) {
        try {
            DatagramChannel channel = DatagramChannel.open();
            channel.configureBlocking(false);
            channel.bind(path.local());
            channel.register(selector, SelectionKey.OP_READ);
            return new Path(channel, path.peer());
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.ENVIRONMENT,
                    "path \"" + path.name() + "\": cannot bind " + path.local() + ": " + e.getMessage()
                            + ". Is the address on this host, and no other agent running?",
                    e);
        }
    }
}
