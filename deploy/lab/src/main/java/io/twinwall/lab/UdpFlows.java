/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * UDP flows: the opener asks once, and from then on only the responder sends, a small stream without end. Its packets
 * come against the direction of the rules, so that they pass only where the flow's state is known: a flow whose opener
 * went on sending would simply be made anew by the next firewall and prove nothing.
 */
final class UdpFlows extends SocketFlows<UdpFlows.UdpFlow> {
    private static final long ASK_AGAIN_MS = 200;
    private static final int STREAM_PERIOD_TICKS = 20;

    private final Map<Side, EndpointLoop> loops;
    private final Map<Side, List<Stream>> streams =
            Map.of(Side.CLIENT, new ArrayList<>(), Side.SERVER, new ArrayList<>());
    private volatile int epoch;

    /** Starts to listen on both sides. */
    UdpFlows(EndpointLoop client, EndpointLoop server) {
        this.loops = Map.of(Side.CLIENT, client, Side.SERVER, server);
        for (Path path : Path.values()) {
            EndpointLoop loop = loops.get(path.initiator().other());
            loop.call(() -> listen(loop, path));
        }
        for (EndpointLoop loop : loops.values()) {
            loop.execute(() -> {
                StreamTimer timer = new StreamTimer(streams.get(loop.side()));
                loop.eachTick(timer::tick);
            });
        }
    }

    /** Opens {@code count} flows, evenly over the paths; waits until the stream of each arrives. */
    void open(int count, long deadlineMs) {
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        List<UdpFlow> pending = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            UdpFlow flow = new UdpFlow(flows.size(), Path.inTurn(flows.size()));
            flows.add(flow);
            pending.add(flow);
        }
        long askNs = System.nanoTime();
        while (!pending.isEmpty()) {
            if (System.nanoTime() - askNs >= 0) {
                askNs = System.nanoTime() + ASK_AGAIN_MS * 1_000_000;
                pending.forEach(flow -> ask(loops.get(flow.path.initiator()), flow));
            }
            LockSupport.parkNanos(1_000_000);
            pending.removeIf(flow -> flow.openedNs != 0);
            if (System.nanoTime() - deadlineNs > 0) {
                throw new Fatal(
                        ExitCode.REFUSED,
                        pending.size() + " of " + count + " UDP flows did not open within " + deadlineMs + " ms");
            }
        }
    }

    @Override
    public void beginCheck(int newEpoch) {
        epoch = newEpoch;
    }

    private Void listen(EndpointLoop loop, Path path) throws IOException {
        DatagramChannel service = DatagramChannel.open(path.family());
        service.bind(path.service(LabPlan.PORT_FLOWS));
        Service state = new Service(service, path, streams.get(loop.side()));
        loop.register(service, SelectionKey.OP_READ, key -> state.read());
        return null;
    }

    private void ask(EndpointLoop loop, UdpFlow flow) {
        loop.execute(() -> {
            try {
                if (flow.channel == null) {
                    flow.channel = DatagramChannel.open(flow.path.family());
                    flow.channel.bind(flow.path.source());
                    flow.channel.connect(flow.path.target(LabPlan.PORT_FLOWS));
                    loop.register(flow.channel, SelectionKey.OP_READ, key -> flow.read());
                }
                flow.channel.write(FlowMessage.write(flow.buffer, flow.id, 0));
            } catch (IOException e) {
                // Asked again until the deadline, which says how many did not open.
            }
        });
    }

    /** The opener's end. Its loop's thread owns all but the volatile fields. */
    static final class UdpFlow implements SocketFlows.Flow {
        private final int id;
        private final Path path;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(FlowMessage.BYTES);
        private DatagramChannel channel;
        private volatile long openedNs;
        private volatile int freshEpoch = -1;

        UdpFlow(int id, Path path) {
            this.id = id;
            this.path = path;
        }

        @Override
        public String kind() {
            return "udp." + path.label();
        }

        @Override
        public boolean openAt(long beforeNs) {
            return openedNs != 0 && openedNs - beforeNs <= 0;
        }

        @Override
        public boolean survived(int epoch) {
            return freshEpoch >= epoch;
        }

        void read() {
            try {
                while (channel.read(buffer.clear()) > 0) {
                    if (buffer.position() == FlowMessage.BYTES && FlowMessage.flow(buffer, 0) == id) {
                        freshEpoch = Math.max(freshEpoch, FlowMessage.epoch(buffer, 0));
                        openedNs = openedNs == 0 ? System.nanoTime() : openedNs;
                    }
                }
            } catch (IOException e) {
                // An ICMP error of the gap; UDP goes on.
            }
        }
    }

    /** One stream a responder sends. */
    private record Stream(int flow, DatagramChannel from, SocketAddress to) {}

    /** A responder's socket, which begins a stream to whoever asks from where it should come. */
    private static final class Service {
        private final DatagramChannel channel;
        private final Path path;
        private final List<Stream> streams;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(FlowMessage.BYTES);

        Service(DatagramChannel channel, Path path, List<Stream> streams) {
            this.channel = channel;
            this.path = path;
            this.streams = streams;
        }

        void read() {
            try {
                for (SocketAddress from = channel.receive(buffer.clear());
                        from != null;
                        from = channel.receive(buffer.clear())) {
                    if (((InetSocketAddress) from).getAddress().equals(path.seenFrom())) {
                        Stream stream = new Stream(FlowMessage.flow(buffer, 0), channel, from);
                        if (!streams.contains(stream)) {
                            streams.add(stream);
                        }
                        channel.send(FlowMessage.write(buffer, stream.flow(), 0), from);
                    }
                }
            } catch (IOException e) {
                // The opener asks again.
            }
        }
    }

    /** Sends each stream once in {@value #STREAM_PERIOD_TICKS} ticks, a part of them in each tick. */
    private final class StreamTimer {
        private final List<Stream> mine;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(FlowMessage.BYTES);
        private int turn;

        StreamTimer(List<Stream> mine) {
            this.mine = mine;
        }

        void tick() {
            turn = (turn + 1) % STREAM_PERIOD_TICKS;
            for (int i = turn; i < mine.size(); i += STREAM_PERIOD_TICKS) {
                Stream stream = mine.get(i);
                try {
                    stream.from().send(FlowMessage.write(buffer, stream.flow(), epoch), stream.to());
                } catch (IOException e) {
                    // No neighbour yet, or an ICMP error of the gap: the next turn sends again.
                }
            }
        }
    }
}
