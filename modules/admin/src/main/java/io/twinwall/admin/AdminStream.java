/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One producer's events for several clients, as server-sent events (HTML, section 9.2): whoever joins is greeted with
 * the state so far, and then told each event. The producer waits for nobody: what a client does not read while its buffer
 * is full it misses, and one that goes on so is dropped. Events carry whole states, so that missing some does no harm.
 *
 * <p>Threads: {@link #send} and {@link #watched} are the producer's; all else is the admin thread's.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends in channelInactive, which leaves
public final class AdminStream {
    static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";

    /** Events in a row that a client may miss. */
    private static final int MISSED_MAX = 10;

    /** Events that may wait for the admin thread: it is busy, or hangs. */
    private static final int WAITING_MAX = 4;

    private static final class Client {
        private final ChannelHandlerContext ctx;
        private int missed;

        Client(ChannelHandlerContext ctx) {
            this.ctx = ctx;
        }
    }

    private final int clientsMax;
    private final Supplier<byte[]> greeting;
    private final Counter open;
    private final Counter dropped;
    private final List<Client> clients = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Of the one event loop that all clients share; null until the first has come. */
    private volatile ChannelHandlerContext loop;

    private volatile boolean watched;

    /**
     * Makes a stream that nobody listens to as yet.
     *
     * @param clientsMax clients at once; one more is answered 503
     * @param greeting the first event's data, JSON in one line; called on the admin thread
     */
    public AdminStream(int clientsMax, Supplier<byte[]> greeting, Counters counters) {
        this.clientsMax = clientsMax;
        this.greeting = greeting;
        open = counters.gauge("admin_streams", "Clients that are told events as they happen.");
        dropped = counters.counter(
                "admin_streams_dropped_total", "Clients dropped because they did not read the events they asked for.");
    }

    /** Whether anybody listens: else there is nothing to be produced. Any thread. */
    public boolean watched() {
        return watched;
    }

    /** Tells everybody. {@code data} is JSON in one line. One thread at a time; returns at once. */
    public void send(String event, byte[] data) {
        ChannelHandlerContext any = loop;
        if (!watched || any == null || waiting.get() >= WAITING_MAX) {
            return;
        }
        waiting.incrementAndGet();
        byte[] bytes = event(event, data);
        try {
            any.executor().execute(() -> {
                waiting.decrementAndGet();
                deliver(bytes);
            });
        } catch (RejectedExecutionException e) {
            // The server ends.
            waiting.decrementAndGet();
        }
    }

    /** Ends every client's stream; others may join. Any thread; returns at once. */
    public void end() {
        ChannelHandlerContext any = loop;
        if (any == null) {
            return;
        }
        try {
            any.executor().execute(() -> List.copyOf(clients).forEach(client -> client.ctx.close()));
        } catch (RejectedExecutionException e) {
            // The server ends, and they with it.
        }
    }

    private static byte[] event(String name, byte[] data) {
        byte[] head = ("event: " + name + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[head.length + data.length + 2];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(data, 0, bytes, head.length, data.length);
        bytes[bytes.length - 2] = '\n';
        bytes[bytes.length - 1] = '\n';
        return bytes;
    }

    /** Whether one more is welcome. */
    boolean hasRoom() {
        return clients.size() < clientsMax;
    }

    /** {@code ctx}, whose answer's head has been written, is a client from now on. */
    void join(ChannelHandlerContext ctx) {
        loop = ctx;
        clients.add(new Client(ctx));
        count();
        write(ctx, event("hello", greeting.get()));
    }

    /** {@code ctx} is gone. */
    void leave(ChannelHandlerContext ctx) {
        clients.removeIf(client -> client.ctx.equals(ctx));
        count();
    }

    private void count() {
        open.set(clients.size());
        watched = !clients.isEmpty();
    }

    private void deliver(byte[] bytes) {
        for (Client client : List.copyOf(clients)) {
            if (client.ctx.channel().isWritable()) {
                client.missed = 0;
                write(client.ctx, bytes);
            } else if (++client.missed > MISSED_MAX) {
                dropped.increment();
                client.ctx.close();
            }
        }
    }

    private static void write(ChannelHandlerContext ctx, byte[] bytes) {
        ctx.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes)));
    }
}
