/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.base.SeededRandom;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * TCP flows with the kernel's own sockets at both ends: every one of the kernel's habits (windows, retransmission,
 * resets) takes part in the proof. A flow is open when its opener got an answer from its responder.
 *
 * <p>The caller's thread makes flows and reads results; each end belongs to its side's {@link EndpointLoop}.
 */
final class TcpFlows extends SocketFlows<TcpFlow> {
    /** Flows that kernel sockets can stand for; more would meet the limit of open files. */
    static final int FLOWS_MAX = 2_000;

    private static final int PENDING_MAX = 128;
    private static final int BACKLOG = 1_024;
    private static final int BUSY_PERIOD_TICKS = 10;
    private static final int EPOCH_OPEN = 0;

    private final Map<Side, EndpointLoop> loops;
    private final Map<Side, List<TcpEnd>> busy = Map.of(Side.CLIENT, new ArrayList<>(), Side.SERVER, new ArrayList<>());
    private final SeededRandom random;
    private volatile int epoch = EPOCH_OPEN;

    /** Starts to listen on both sides. */
    TcpFlows(EndpointLoop client, EndpointLoop server, SeededRandom random) {
        this.loops = Map.of(Side.CLIENT, client, Side.SERVER, server);
        this.random = random;
        for (Path path : Path.values()) {
            EndpointLoop loop = loops.get(path.initiator().other());
            loop.call(() -> listen(loop, path));
        }
        for (EndpointLoop loop : loops.values()) {
            loop.execute(() -> {
                BusyTimer timer = new BusyTimer(busy.get(loop.side()));
                loop.eachTick(timer::tick);
            });
        }
    }

    /** Opens {@code count} flows, evenly over the paths, some busy, some half-closed; waits until all are open. */
    void open(int count, long deadlineMs) {
        open(count, deadlineMs, this::drawMode);
    }

    /** As above, each flow doing what {@code mode} says. */
    void open(int count, long deadlineMs, Supplier<TcpFlow.Mode> mode) {
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        int wanted = flows.size() + count;
        List<TcpFlow> pending = new ArrayList<>();
        while (flows.size() < wanted || !pending.isEmpty()) {
            while (flows.size() < wanted && pending.size() < PENDING_MAX) {
                pending.add(openOne(mode.get()));
            }
            pending.removeIf(TcpFlow::open);
            if (System.nanoTime() - deadlineNs > 0) {
                throw new Fatal(
                        ExitCode.REFUSED,
                        pending.size() + " of " + count + " TCP flows did not open within " + deadlineMs
                                + " ms, the first of kind " + pending.getFirst().kind() + ": "
                                + reason(pending.getFirst()));
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Begins to open one more flow, and does not wait. */
    TcpFlow openOne(TcpFlow.Mode mode) {
        TcpFlow flow = new TcpFlow(flows.size(), Path.inTurn(flows.size()), mode);
        flows.add(flow);
        EndpointLoop loop = loops.get(flow.path().initiator());
        loop.execute(() -> connect(loop, flow));
        return flow;
    }

    @Override
    public void beginCheck(int newEpoch) {
        epoch = newEpoch;
        for (EndpointLoop loop : loops.values()) {
            loop.execute(() -> {
                for (TcpFlow flow : flows) {
                    TcpEnd end = flow.path().initiator() == loop.side() ? flow.opener : flow.responder;
                    if (end != null && !(end == flow.opener && flow.mode() == TcpFlow.Mode.HALF_CLOSED)) {
                        end.send(newEpoch);
                    }
                }
            });
        }
    }

    /** Why flows were lost, and how many for each reason. */
    Map<String, Integer> reasons(int checkEpoch, long beforeNs) {
        Map<String, Integer> reasons = new HashMap<>();
        for (TcpFlow flow : flows) {
            if (flow.openAt(beforeNs) && !flow.survived(checkEpoch)) {
                reasons.merge(reason(flow), 1, Integer::sum);
            }
        }
        return reasons;
    }

    private static String reason(TcpFlow flow) {
        for (TcpEnd end : new TcpEnd[] {flow.opener, flow.responder}) {
            if (end != null && end.broken() != null) {
                return end.broken();
            }
        }
        return "silence";
    }

    /** One flow in ten is half-closed and one in ten busy; the seed says which. */
    private TcpFlow.Mode drawMode() {
        return switch (random.nextInt(10)) {
            case 0 -> TcpFlow.Mode.HALF_CLOSED;
            case 1 -> TcpFlow.Mode.BUSY;
            default -> TcpFlow.Mode.IDLE;
        };
    }

    private Void listen(EndpointLoop loop, Path path) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(path.family());
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        listener.bind(path.service(LabPlan.PORT_FLOWS), BACKLOG);
        loop.register(listener, SelectionKey.OP_ACCEPT, key -> accept(loop, listener, path));
        return null;
    }

    private void accept(EndpointLoop loop, ServerSocketChannel listener, Path path) {
        try {
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                TcpEnd end = new TcpEnd(channel, -1);
                if (!((InetSocketAddress) channel.getRemoteAddress())
                        .getAddress()
                        .equals(path.seenFrom())) {
                    end.fail("came from " + channel.getRemoteAddress() + " instead of " + path.seenFrom());
                }
                loop.register(channel, SelectionKey.OP_READ, key -> responderReady(key, end));
            }
        } catch (IOException e) {
            System.getLogger(TcpFlows.class.getName()).log(System.Logger.Level.WARNING, "accept: " + e.getMessage());
        }
    }

    private void responderReady(SelectionKey key, TcpEnd end) {
        boolean named = end.flow() >= 0;
        end.read(key);
        if (!named && end.flow() >= 0 && end.flow() < flows.size()) {
            TcpFlow flow = flows.get(end.flow());
            flow.responder = end;
            end.send(EPOCH_OPEN);
            if (flow.mode() == TcpFlow.Mode.BUSY) {
                busy.get(flow.path().initiator().other()).add(end);
            }
        }
    }

    private void connect(EndpointLoop loop, TcpFlow flow) {
        try {
            SocketChannel channel = SocketChannel.open(flow.path().family());
            TcpEnd end = new TcpEnd(channel, flow.id());
            flow.opener = end;
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.bind(flow.path().source());
            channel.configureBlocking(false);
            channel.connect(flow.path().target(LabPlan.PORT_FLOWS));
            loop.register(channel, SelectionKey.OP_CONNECT, key -> openerReady(key, flow, end));
        } catch (IOException e) {
            System.getLogger(TcpFlows.class.getName()).log(System.Logger.Level.WARNING, "connect: " + e.getMessage());
        }
    }

    private void openerReady(SelectionKey key, TcpFlow flow, TcpEnd end) {
        if (key.isConnectable()) {
            try {
                end.channel().finishConnect();
                key.interestOps(SelectionKey.OP_READ);
                end.send(EPOCH_OPEN);
            } catch (IOException e) {
                end.fail(e.getMessage());
                key.cancel();
            }
            return;
        }
        end.read(key);
        if (flow.openedNs == 0 && end.freshEpoch() >= EPOCH_OPEN) {
            flow.openedNs = System.nanoTime();
            switch (flow.mode()) {
                case HALF_CLOSED -> end.endSending();
                case BUSY -> busy.get(flow.path().initiator()).add(end);
                case IDLE, YOUNG -> {}
            }
        }
    }

    /** Lets each busy end send once in {@value #BUSY_PERIOD_TICKS} ticks, a tenth of them in each tick. */
    private final class BusyTimer {
        private final List<TcpEnd> ends;
        private int turn;

        BusyTimer(List<TcpEnd> ends) {
            this.ends = ends;
        }

        void tick() {
            turn = (turn + 1) % BUSY_PERIOD_TICKS;
            for (int i = turn; i < ends.size(); i += BUSY_PERIOD_TICKS) {
                ends.get(i).send(epoch);
            }
        }
    }
}
