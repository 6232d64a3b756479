/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import io.twinwall.wire.FrameHandler;
import io.twinwall.wire.Link;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The path of the state stream between two agents: in order, bounded, with faults for each direction. Worse than the real
 * link, which repairs losses: here a lost frame is a gap. It outlives the agents; frames to a dead one are gone.
 */
final class SyncWire {
    private static final int FRAME_BYTES_MAX = 1376;
    private static final int CAPACITY_FRAMES = 64;
    /** Where a frame's clear header has the sender's term. */
    private static final int TERM_OFFSET = 8;
    /** After this long of a cut the sender learns of it. */
    private static final long NOTICE_NS = 1_000 * World.MS;

    /** {@code term}: what its header says; {@code toldTerm}: the highest that its sender knew. */
    private record Frame(UnsafeBuffer buffer, int length, long term, long toldTerm) {}

    private final World world;
    private final End[] ends = {new End(1), new End(2)};
    private final ArrayDeque<UnsafeBuffer> free = new ArrayDeque<>();

    SyncWire(World world) {
        this.world = world;
    }

    Link end(int node) {
        return ends[node - 1];
    }

    /** What {@code node} sends. */
    Direction direction(int node) {
        return ends[node - 1].way;
    }

    void set(int node, boolean cut, int lossPermille) {
        End end = ends[node - 1];
        if (cut && !end.way.cut) {
            end.cutSinceNs = world.now();
        }
        end.way.set(world.now(), cut, lossPermille);
    }

    void heal() {
        set(1, false, 0);
        set(2, false, 0);
    }

    /** Frames that have reached {@code node} and were not read. */
    int unread(int node) {
        return ends[node - 1].arrived.size();
    }

    /** The agent of {@code node} is gone, and what was for it. */
    void forget(int node) {
        End end = ends[node - 1];
        end.generation++;
        end.arrived.forEach(frame -> free.add(frame.buffer()));
        end.arrived.clear();
        end.coming = 0;
    }

    private final class End implements Link {
        private final int node;
        private final Direction way = new Direction();
        private final ArrayDeque<Frame> arrived = new ArrayDeque<>();
        private long cutSinceNs;
        private long lastArrivalNs;
        private long position;
        private int coming;
        private int generation;

        private End(int node) {
            this.node = node;
        }

        private End peer() {
            return ends[2 - node];
        }

        @Override
        public long offer(DirectBuffer frame, int offset, int length) {
            if (!connected()) {
                return NOT_CONNECTED;
            }
            End to = peer();
            if (to.coming + to.arrived.size() >= CAPACITY_FRAMES) {
                return BACK_PRESSURED;
            }
            position += length;
            world.trace.mix(world.now(), node, 90, length);
            boolean dead = world.bug == Bug.STREAM_DEAD && node == 2;
            if (!dead && !way.cut && !(way.lossPermille > 0 && world.random.nextInt(1000) < way.lossPermille)) {
                send(to, frame, offset, length);
            }
            return position;
        }

        private void send(End to, DirectBuffer frame, int offset, int length) {
            UnsafeBuffer copy = free.poll();
            if (copy == null) {
                copy = new UnsafeBuffer(new byte[FRAME_BYTES_MAX]);
            }
            copy.putBytes(0, frame, offset, length);
            long term = copy.getLong(TERM_OFFSET, ByteOrder.LITTLE_ENDIAN);
            Frame sent = new Frame(copy, length, term, world.node(node).termTold);
            to.lastArrivalNs = Math.max(to.lastArrivalNs, world.now() + way.delayNs + world.between(0, way.jitterNs));
            to.coming++;
            int forGeneration = to.generation;
            world.at(to.lastArrivalNs, () -> to.arrive(sent, forGeneration));
        }

        private void arrive(Frame frame, int forGeneration) {
            if (generation == forGeneration) {
                coming--;
                arrived.add(frame);
                world.node(node).frameArrived();
            } else {
                free.add(frame.buffer());
            }
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            int polled = 0;
            while (polled < limit && !arrived.isEmpty()) {
                Frame frame = arrived.poll();
                long before = world.node(node).sync.framesOpened();
                handler.onFrame(frame.buffer(), 0, frame.length());
                if (world.node(node).sync.framesOpened() > before) {
                    world.checks.terms.accepted(world.node(node), frame.term(), frame.toldTerm());
                }
                free.add(frame.buffer());
                polled++;
            }
            return polled;
        }

        @Override
        public boolean connected() {
            return world.node(3 - node).running() && !(way.cut && world.now() - cutSinceNs >= NOTICE_NS);
        }

        @Override
        public int doWork() {
            return 0;
        }

        @Override
        public int frameBytesMax() {
            return FRAME_BYTES_MAX;
        }

        @Override
        public void close() {
            // The next agent goes on with it.
        }
    }
}
