/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.wire;

import io.twinwall.base.Check;
import io.twinwall.base.NanoClock;
import io.twinwall.base.SeededRandom;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Two ends of a link in memory, with the faults a network has, for tests and the simulator. Driven by the clock handed
 * in and by one seed: the same seed, clock and calls give the same {@link #traceHash}. One thread. Worse than the real
 * link, which repairs loss and order: what copes with this copes with that.
 */
public final class MemoryLink {
    /** What Aeron over a network of MTU 1408 has. */
    public static final int FRAME_BYTES_MAX = 1376;
    /** After this long of a partition the sender learns of it. */
    public static final long NOTICE_NS = 1_000_000_000L;

    /**
     * Chances in 1,000 of each frame to be lost, delivered twice, or held up so that later ones overtake it; the delay
     * of all frames, and what it varies by.
     */
    public record Faults(int lossPermille, int duplicatePermille, int reorderPermille, long delayNs, long jitterNs) {
        public static final Faults NONE = new Faults(0, 0, 0, 0, 0);
    }

    private static final class Frame {
        final ExpandableDirectByteBuffer buffer = new ExpandableDirectByteBuffer(FRAME_BYTES_MAX);
        final UnsafeBuffer view = new UnsafeBuffer(0, 0);
        int length;
        long deliverNs;
        long sequence;
    }

    private final NanoClock clock;
    private final SeededRandom random;
    private final int capacityFrames;
    private final End a = new End();
    private final End b = new End();
    private Faults faults;
    private long sequence;
    private long traceHash;

    /** @param capacityFrames frames under way in one direction before the sender is pressed back */
    public MemoryLink(NanoClock clock, SeededRandom random, Faults faults, int capacityFrames) {
        Check.inRange(capacityFrames, 1, 1 << 20, "capacityFrames");
        this.clock = clock;
        this.random = random;
        this.faults = faults;
        this.capacityFrames = capacityFrames;
    }

    public Link a() {
        return a;
    }

    public Link b() {
        return b;
    }

    /** Changes the faults of frames yet to be sent. */
    public void faults(Faults newFaults) {
        faults = newFaults;
    }

    /** Cuts either direction: frames sent that way vanish, until {@link #heal}. */
    public void partition(boolean fromA, boolean fromB) {
        a.cut(fromA);
        b.cut(fromB);
    }

    public void heal() {
        partition(false, false);
    }

    /** Digest of everything delivered so far: which end, when, which frame. */
    public long traceHash() {
        return traceHash;
    }

    private final class End implements Link {
        private final PriorityQueue<Frame> arriving = new PriorityQueue<>(
                64,
                (x, y) -> x.deliverNs != y.deliverNs
                        ? Long.compare(x.deliverNs, y.deliverNs)
                        : Long.compare(x.sequence, y.sequence));
        private final ArrayDeque<Frame> free = new ArrayDeque<>();
        private boolean cut;
        private long cutSinceNs;
        private boolean closed;
        private long position;

        private End peer() {
            return this == a ? b : a;
        }

        private void cut(boolean newCut) {
            if (newCut && !cut) {
                cutSinceNs = clock.nanoTime();
            }
            cut = newCut;
        }

        @Override
        public long offer(DirectBuffer frame, int offset, int length) {
            Check.inRange(length, 1, FRAME_BYTES_MAX, "frame length");
            if (closed) {
                return CLOSED;
            }
            if (!connected()) {
                return NOT_CONNECTED;
            }
            if (peer().arriving.size() >= capacityFrames) {
                return BACK_PRESSURED;
            }
            send(frame, offset, length);
            position += length;
            return position;
        }

        private void send(DirectBuffer frame, int offset, int length) {
            if (hit(faults.lossPermille) || cut) {
                return;
            }
            enqueue(frame, offset, length);
            if (hit(faults.duplicatePermille)) {
                enqueue(frame, offset, length);
            }
        }

        private void enqueue(DirectBuffer frame, int offset, int length) {
            Frame slot = peer().free.poll();
            if (slot == null) {
                slot = new Frame();
            }
            slot.buffer.putBytes(0, frame, offset, length);
            slot.length = length;
            slot.sequence = ++sequence;
            slot.deliverNs = clock.nanoTime() + faults.delayNs + jitter();
            peer().arriving.add(slot);
        }

        private long jitter() {
            long jitterNs = faults.jitterNs == 0 ? 0 : Math.floorMod(random.nextLong(), faults.jitterNs);
            return hit(faults.reorderPermille) ? jitterNs + 2 * (faults.delayNs + faults.jitterNs) + 1 : jitterNs;
        }

        private boolean hit(int permille) {
            return permille > 0 && random.nextInt(1000) < permille;
        }

        @Override
        public int poll(FrameHandler handler, int limit) {
            int polled = 0;
            long nowNs = clock.nanoTime();
            while (!closed && polled < limit) {
                Frame next = arriving.peek();
                if (next == null || next.deliverNs > nowNs) {
                    break;
                }
                arriving.remove();
                trace(next, nowNs);
                next.view.wrap(next.buffer, 0, next.length);
                handler.onFrame(next.view, 0, next.length);
                free.add(next);
                polled++;
            }
            return polled;
        }

        private void trace(Frame frame, long nowNs) {
            traceHash = SeededRandom.mix(traceHash ^ frame.sequence);
            traceHash = SeededRandom.mix(traceHash ^ nowNs ^ (this == a ? 1 : 0));
            traceHash = SeededRandom.mix(traceHash ^ frame.length);
        }

        @Override
        public boolean connected() {
            return !closed && !peer().closed && !(cut && clock.nanoTime() - cutSinceNs >= NOTICE_NS);
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
            closed = true;
        }
    }
}
