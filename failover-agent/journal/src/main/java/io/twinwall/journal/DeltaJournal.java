/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import io.twinwall.base.Check;
import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * A journal of messages that come faster than records and are binary: what is in them is whoever's who writes and reads
 * them. One thread hands them over through a ring of bounded size and never waits; another writes them, many to a
 * document. When a write fails the journal is off for a while, what the ring does not take meanwhile is refused, and
 * the writer is told to begin anew.
 *
 * <p>Of a queue in which nothing rests there is no spool before it: an agent that keeps deltas has Chronicle's classes
 * anyway.
 */
public final class DeltaJournal implements AutoCloseable {
    private static final String DELTAS = "deltas";
    private static final String LOCK = "deltas.lock";
    private static final int RING_BYTES = 4 << 20;
    private static final int MESSAGES_MAX = 256;
    private static final int MESSAGE_TYPE = 1;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long RETAIN_EVERY_NS = TimeUnit.HOURS.toNanos(1);
    private static final long BYTES_EVERY_NS = TimeUnit.MINUTES.toNanos(1);
    private static final long CLOSE_MS = 1_000;

    private final JournalConfig config;
    private final Pages pages;
    private final JournalAgent.Listener listener;
    private final NanoClock clock;
    private final EpochClock hostClock;
    private final OneToOneRingBuffer ring = new OneToOneRingBuffer(
            new UnsafeBuffer(ByteBuffer.allocateDirect(RING_BYTES + RingBufferDescriptor.TRAILER_LENGTH)));
    private final AtomicBoolean restart = new AtomicBoolean();
    private final DeltaDocument document = new DeltaDocument();
    private final MessageHandler intoDocument = (type, buffer, offset, length) -> document.add(buffer, offset, length);
    private final Counter bytesGauge;
    private final Thread thread;
    private volatile boolean ending;

    // The journal's thread.
    private DirectoryLock lock;
    private RecordQueue queue;
    private boolean off;
    private long retryAtNs;
    private long retainAtNs;
    private long bytesAtNs;

    public DeltaJournal(
            JournalConfig config,
            Pages pages,
            JournalAgent.Listener listener,
            NanoClock clock,
            EpochClock hostClock,
            Counters counters) {
        this.config = config;
        this.pages = pages;
        this.listener = listener;
        this.clock = clock;
        this.hostClock = hostClock;
        retryAtNs = clock.nanoTime();
        bytesGauge = counters.gauge("journal_deltas_bytes", "Bytes that the journal of deltas takes on the disk.");
        thread = Thread.ofPlatform().name("twinwall-deltas").daemon().start(this::run);
    }

    /** Where a journal in {@code directory} has its deltas. */
    static Path deltas(Path directory) {
        return directory.resolve(DELTAS);
    }

    /** At most 2 KiB, from one thread; false when there is no room. */
    public boolean offer(DirectBuffer buffer, int length) {
        Check.that(length <= DeltaDocument.MESSAGE_BYTES_MAX, "a message that long", length);
        return ring.write(MESSAGE_TYPE, buffer, 0, length);
    }

    /** False while so much waits to be written that what is not urgent had better not come. */
    public boolean hasRoom() {
        return ring.size() < RING_BYTES / 2;
    }

    /** True once after messages that were taken may be lost. */
    public boolean takeRestart() {
        return restart.get() && restart.compareAndSet(true, false);
    }

    private void run() {
        while (!ending) {
            if (!step()) {
                LockSupport.parkNanos(this, LOOK_NS);
            }
        }
        // What is there still: bounded by the ring.
        boolean more = true;
        while (more && queue != null) {
            more = step();
        }
        closeQueue();
    }

    /** Whether there is more to do. */
    private boolean step() {
        try {
            if (!opened()) {
                return false;
            }
            boolean full = fill();
            if (!document.isEmpty()) {
                queue.append(document.take(), hostClock.time());
            }
            retain();
            return full;
        } catch (Throwable e) {
            // Nothing that a journal does may end a firewall: no bug in it, and no lack of memory either.
            fail(e);
            return false;
        }
    }

    /** True when the document has no room for more. */
    private boolean fill() {
        while (document.hasRoom()) {
            if (ring.read(intoDocument, Math.min(MESSAGES_MAX, document.messagesMax())) == 0) {
                return false;
            }
        }
        return true;
    }

    private boolean opened() throws IOException {
        if (queue == null && clock.nanoTime() - retryAtNs >= 0) {
            PrivateFiles.directory(config.directory());
            lock = DirectoryLock.take(config.directory().resolve(LOCK));
            queue = RecordQueue.open(
                    deltas(config.directory()), QueueShape.deltas(config.bytesMax()), config.bytesMax(), pages);
            retainAtNs = clock.nanoTime();
            bytesAtNs = retainAtNs;
            if (off) {
                queue.append(DeltaDocument.gap(), hostClock.time());
                off = false;
                restart.set(true);
                listener.on(0);
            }
        }
        return queue != null;
    }

    private void retain() throws IOException {
        long nowNs = clock.nanoTime();
        if (nowNs - retainAtNs >= 0) {
            retainAtNs = nowNs + RETAIN_EVERY_NS;
            queue.retain(hostClock.time() - config.ageMsMax());
        }
        if (nowNs - bytesAtNs >= 0) {
            bytesAtNs = nowNs + BYTES_EVERY_NS;
            bytesGauge.set(queue.bytes());
        }
    }

    private void fail(Throwable cause) {
        closeQueue();
        document.clear();
        retryAtNs = clock.nanoTime() + RETRY_NS;
        if (!off) {
            off = true;
            listener.off(cause.getMessage() == null ? cause.toString() : cause.getMessage());
        }
    }

    private void closeQueue() {
        try {
            if (queue != null) {
                queue.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (Throwable e) {
            // It has failed already, and is left.
        } finally {
            queue = null;
            lock = null;
        }
    }

    @Override
    public void close() {
        ending = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
