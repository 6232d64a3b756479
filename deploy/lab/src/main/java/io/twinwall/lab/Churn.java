/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Short flows that come and go all the time on every path, half of them TCP, half UDP: one word, its echo, a life of some
 * seconds, the end. None of them must live through anything; they keep both tables moving. Two threads of its own, one for
 * each side, own all sockets.
 */
final class Churn implements AutoCloseable {
    /** Services, the path's number added; beside those of the flows that must live. */
    static final int PORT = LabPlan.PORT_FLOWS + 40;

    private static final int BURST_PORT_MIN = LabPlan.PORT_STREAMS + 10;
    private static final int BURST_PORT_MAX = LabPlan.PORT_PACKETS - 1;
    private static final int BURST_SOCKETS = 60;
    private static final long BURST_NS = 70_000_000;
    private static final int LIFE_MS_MAX = 5_000;
    private static final int OPEN_MAX = 1_000;
    private static final int TICKS_PER_SECOND = 100;
    private static final int BACKLOG = 256;
    private static final long VICTIM_MS = 2_000;

    private final EndpointLoop client;
    private final EndpointLoop server;
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();

    /** Opens {@code perSecond} flows a second from now on. */
    Churn(Lab lab, int perSecond, long seed) {
        client = new EndpointLoop(lab, Side.CLIENT);
        server = new EndpointLoop(lab, Side.SERVER);
        for (EndpointLoop loop : List.of(client, server)) {
            for (Path path : Path.values()) {
                if (path.initiator() != loop.side()) {
                    loop.call(() -> serve(loop, path));
                }
            }
        }
        for (EndpointLoop loop : List.of(client, server)) {
            Opener opener = new Opener(loop, perSecond, new SeededRandom(seed + (loop == client ? 0 : 1)));
            loop.execute(() -> loop.eachTick(opener::tick));
        }
    }

    /** Flows begun so far. */
    long opened() {
        return opened.get();
    }

    /** Those of them that were answered. */
    long answered() {
        return answered.get();
    }

    /**
     * Makes one UDP flow that both ends have used, and forgets it; the port of its opener. Nobody sends on it any more.
     */
    int victim() {
        DatagramChannel channel = client.call(() -> {
            DatagramChannel made = DatagramChannel.open(Path.ROUTED4.family());
            made.bind(Path.ROUTED4.source());
            made.configureBlocking(false);
            made.connect(Path.ROUTED4.target(PORT));
            return made;
        });
        ByteBuffer buffer = ByteBuffer.allocate(FlowMessage.BYTES);
        try (channel) {
            channel.write(FlowMessage.write(buffer, 0, 0));
            Waiting.until(VICTIM_MS, 1, () -> read(channel, buffer.clear()) > 0);
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens as many UDP flows as two threads can within {@value #BURST_NS} nanoseconds, which nobody answers, between
     * {@code begins} and {@code ends}; how many.
     */
    int burst(Runnable begins, Runnable ends) {
        return client.call(() -> {
            List<DatagramChannel> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < BURST_SOCKETS; i++) {
                    DatagramChannel socket = DatagramChannel.open(Path.ROUTED4.family());
                    sockets.add(socket);
                    socket.bind(i % 2 == 0 ? Path.ROUTED4.source() : Path.SNAT4.source());
                    socket.configureBlocking(false);
                }
                AtomicInteger nextPort = new AtomicInteger(BURST_PORT_MIN);
                AtomicInteger sent = new AtomicInteger();
                begins.run();
                long endNs = System.nanoTime() + BURST_NS;
                Thread other = Thread.ofPlatform()
                        .daemon()
                        .name("burst")
                        .start(() -> sent.addAndGet(burst(sockets, nextPort, endNs)));
                sent.addAndGet(burst(sockets, nextPort, endNs));
                other.join();
                return sent.get();
            } finally {
                ends.run();
                for (DatagramChannel socket : sockets) {
                    socket.close();
                }
            }
        });
    }

    private static int burst(List<DatagramChannel> sockets, AtomicInteger nextPort, long endNs) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(FlowMessage.BYTES);
        int sent = 0;
        int port = nextPort.getAndIncrement();
        while (port <= BURST_PORT_MAX && System.nanoTime() - endNs < 0) {
            SocketAddress target =
                    new InetSocketAddress(Path.ROUTED4.target(PORT).getAddress(), port);
            for (DatagramChannel socket : sockets) {
                sent += send(socket, FlowMessage.write(buffer, port, 0), target);
            }
            port = nextPort.getAndIncrement();
        }
        return sent;
    }

    private static int send(DatagramChannel socket, ByteBuffer message, SocketAddress target) {
        try {
            return socket.send(message, target) > 0 ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Void serve(EndpointLoop loop, Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(path.family());
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(path.service(PORT), BACKLOG);
        loop.register(listener, SelectionKey.OP_ACCEPT, key -> accept(loop, listener));
        DatagramChannel datagrams = DatagramChannel.open(path.family());
        datagrams.bind(path.service(PORT));
        ByteBuffer buffer = ByteBuffer.allocateDirect(FlowMessage.BYTES);
        loop.register(datagrams, SelectionKey.OP_READ, key -> echo(datagrams, buffer));
        return null;
    }

    private static void accept(EndpointLoop loop, ServerSocketChannel listener) {
        try {
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                SocketChannel accepted = channel;
                ByteBuffer buffer = ByteBuffer.allocate(FlowMessage.BYTES);
                loop.register(accepted, SelectionKey.OP_READ, key -> echo(accepted, buffer));
            }
        } catch (IOException e) {
            // Short flows may fail; what must live is watched elsewhere.
        }
    }

    private static void echo(SocketChannel channel, ByteBuffer buffer) {
        try {
            int read = channel.read(buffer.clear());
            if (read > 0) {
                channel.write(buffer.flip());
            } else if (read < 0) {
                channel.close();
            }
        } catch (IOException e) {
            close(channel);
        }
    }

    private static void echo(DatagramChannel channel, ByteBuffer buffer) {
        try {
            for (SocketAddress from = channel.receive(buffer.clear());
                    from != null;
                    from = channel.receive(buffer.clear())) {
                channel.send(buffer.flip(), from);
            }
        } catch (IOException e) {
            // An ICMP error of an opener that is gone.
        }
    }

    private static int read(DatagramChannel channel, ByteBuffer buffer) {
        try {
            return channel.read(buffer);
        } catch (IOException e) {
            return 0;
        }
    }

    private static void close(java.nio.channels.Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone, which is what was wanted.
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }

    /** One open flow, until its end. */
    private record Life(long endNs, java.nio.channels.Channel channel) {}

    /** Opens and ends the flows of one side, in its loop's thread. */
    private final class Opener {
        private final EndpointLoop loop;
        private final SeededRandom random;
        private final int perSecond;
        private final List<Path> paths;
        private final PriorityQueue<Life> alive = new PriorityQueue<>(Comparator.comparingLong(Life::endNs));
        private int owed;
        private int turn;

        /** Of the four paths one begins at the server, so it opens a quarter of the flows. */
        Opener(EndpointLoop loop, int perSecond, SeededRandom random) {
            this.loop = loop;
            this.random = random;
            this.paths = List.of(Path.values()).stream()
                    .filter(path -> path.initiator() == loop.side())
                    .toList();
            this.perSecond = perSecond * paths.size() / Path.values().length;
        }

        void tick() {
            long nowNs = System.nanoTime();
            while (!alive.isEmpty() && alive.peek().endNs() - nowNs <= 0) {
                Churn.close(alive.remove().channel());
            }
            owed += perSecond;
            while (owed >= TICKS_PER_SECOND) {
                owed -= TICKS_PER_SECOND;
                if (alive.size() < OPEN_MAX) {
                    open(paths.get(turn++ % paths.size()), nowNs + random.nextInt(LIFE_MS_MAX) * 1_000_000L);
                }
            }
        }

        private void open(Path path, long endNs) {
            opened.incrementAndGet();
            try {
                if (random.chance(2)) {
                    DatagramChannel channel = DatagramChannel.open(path.family());
                    alive.add(new Life(endNs, channel));
                    datagrams(channel, path);
                } else {
                    SocketChannel channel = SocketChannel.open(path.family());
                    alive.add(new Life(endNs, channel));
                    connect(channel, path);
                }
            } catch (IOException e) {
                // No way there now: this one is not answered.
            }
        }

        private void datagrams(DatagramChannel channel, Path path) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(FlowMessage.BYTES);
            channel.bind(path.source());
            channel.connect(path.target(PORT));
            loop.register(channel, SelectionKey.OP_READ, key -> heard(Churn.read(channel, buffer.clear())));
            channel.write(FlowMessage.write(buffer, 0, 0));
        }

        private void connect(SocketChannel channel, Path path) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(FlowMessage.BYTES);
            channel.bind(path.source());
            channel.configureBlocking(false);
            channel.connect(path.target(PORT));
            loop.register(channel, SelectionKey.OP_CONNECT, key -> ready(key, channel, buffer));
        }

        private void ready(SelectionKey key, SocketChannel channel, ByteBuffer buffer) {
            try {
                if (key.isConnectable()) {
                    channel.finishConnect();
                    key.interestOps(SelectionKey.OP_READ);
                    channel.write(FlowMessage.write(buffer, 0, 0));
                } else {
                    int read = channel.read(buffer.clear());
                    heard(read);
                    if (read < 0) {
                        channel.close();
                    }
                }
            } catch (IOException e) {
                Churn.close(channel);
            }
        }

        private void heard(int read) {
            if (read > 0) {
                answered.incrementAndGet();
            }
        }
    }
}
