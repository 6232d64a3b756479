/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Keeps whoever logs from waiting for whoever reads the log: standard error is often a pipe, and when its reader stands still, a
 * write waits for it, under a lock that every thread which logs wants. The role thread would then send no heartbeats. So records go
 * into a queue, and a thread of its own hands them to the handlers there were. What does not fit is dropped, counted, and told of in
 * one line once the reader goes on.
 */
final class AsyncLog extends Handler {
    /** Records that wait at most. */
    static final int RECORDS_MAX = 4096;

    /** How long an end of the program waits for its last lines to be read. */
    static final long FLUSH_MS = 1_000;

    private static final long LOOK_NS = 1_000_000;

    private final ManyToOneConcurrentArrayQueue<LogRecord> waiting = new ManyToOneConcurrentArrayQueue<>(RECORDS_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final Formatter formatter = new SimpleFormatter();
    private final List<Handler> handlers;
    private final Counter droppedCounter;
    private final Thread writer;
    private volatile boolean writing;
    private long told;

    /** {@code handlers}: write the records; only one thread calls them. */
    AsyncLog(List<Handler> handlers, Counters counters) {
        this.handlers = List.copyOf(handlers);
        droppedCounter = counters.counter(
                "log_records_dropped_total", "Log lines thrown away because nobody read standard error.");
        writer = Thread.ofPlatform().name("twinwall-log").daemon().start(this::write);
    }

    /** From now on everything that is logged in this program goes this way. */
    static AsyncLog install(Counters counters) {
        Logger root = Logger.getLogger("");
        List<Handler> present = List.of(root.getHandlers());
        AsyncLog log = new AsyncLog(present, counters);
        root.addHandler(log);
        present.forEach(root::removeHandler);
        return log;
    }

    /** Never waits. */
    @Override
    public void publish(LogRecord message) {
        // What it speaks of may change before it is written.
        message.setMessage(formatter.formatMessage(message));
        message.setParameters(null);
        message.setSourceClassName(message.getLoggerName());
        if (waiting.offer(message)) {
            LockSupport.unpark(writer);
        } else {
            drop();
        }
    }

    /** The counter has many writers here: whoever sees that it was late says the number again. */
    private void drop() {
        long now = dropped.incrementAndGet();
        droppedCounter.set(now);
        while (dropped.get() != now) {
            now = dropped.get();
            droppedCounter.set(now);
        }
    }

    private void write() {
        while (true) {
            writing = true;
            LogRecord next = waiting.poll();
            if (next != null) {
                handlers.forEach(handler -> handler.publish(next));
                tellDropped();
            } else {
                writing = false;
                LockSupport.park(this);
            }
        }
    }

    private void tellDropped() {
        long now = dropped.get();
        if (now != told) {
            LogRecord line =
                    new LogRecord(Level.WARNING, now - told + " log lines were dropped: nobody read standard error");
            line.setLoggerName("twinwall");
            line.setSourceClassName("twinwall");
            told = now;
            handlers.forEach(handler -> handler.publish(line));
        }
    }

    /** Waits until everything logged so far is written, but not for long. */
    @Override
    public void flush() {
        long sinceNs = System.nanoTime();
        while ((writing || !waiting.isEmpty())
                && System.nanoTime() - sinceNs < TimeUnit.MILLISECONDS.toNanos(FLUSH_MS)) {
            LockSupport.parkNanos(this, LOOK_NS);
        }
    }

    /** The handlers behind stay open: they keep nothing back, and to close one waits for the write it is stuck in. */
    @Override
    public void close() {
        flush();
    }
}
