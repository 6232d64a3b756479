/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.journal;

import io.twinwall.base.Counter;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * The journal beside a program that must never wait for a disk. Records go into a queue of bounded length, from any
 * thread; a thread of its own, which begins with the first of them, writes them. What finds no room in the queue is
 * dropped and counted.
 *
 * <p>When a write fails, whatever the reason, the journal is closed and the program goes on without it; the queue keeps
 * what it has, and after a while the journal is opened again, with a record of the gap. Questions are answered on the
 * same thread, between two records.
 */
public final class JournalAgent implements AutoCloseable {
    /** Records that wait at most. */
    public static final int RECORDS_MAX = 1024;

    /** How long the end of the program waits for its last records. */
    public static final long CLOSE_MS = 1_500;

    private static final int QUESTIONS_MAX = 16;
    private static final int BATCH = RECORDS_MAX;
    private static final int TRIES_MAX = 3;
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int RETRY_DOUBLINGS = 6;
    private static final long RETAIN_EVERY_NS = TimeUnit.HOURS.toNanos(1);

    /** Hears how it goes, on the journal's thread. */
    public interface Listener {
        /** {@code record} is kept as number {@code number}. */
        default void kept(long number, JournalRecord record) {}

        /** The journal is off. */
        void off(String reason);

        /** It goes on, after {@code dropped} records that are not in it. */
        void on(long dropped);
    }

    /** A question to the journal. */
    @FunctionalInterface
    public interface Question<T> {
        T ask(Journal journal) throws IOException;
    }

    private record Dated(long atMs, JournalRecord record) {}

    /** Somebody waits for the answer. */
    private record Asked<T>(Question<T> question, CompletableFuture<T> answer) {
        void answer(Journal journal) throws IOException {
            answer.complete(question.ask(journal));
        }
    }

    private final JournalConfig config;
    private final Pages pages;
    private final Listener listener;
    private final NanoClock clock;
    private final EpochClock hostClock;
    private final ManyToOneConcurrentArrayQueue<Dated> waiting = new ManyToOneConcurrentArrayQueue<>(RECORDS_MAX);
    private final ManyToOneConcurrentArrayQueue<Asked<?>> questions =
            new ManyToOneConcurrentArrayQueue<>(QUESTIONS_MAX);
    private final AtomicLong dropped = new AtomicLong();
    private final Counter keptCounter;
    private final Counter droppedCounter;
    private final Counter failedGauge;
    private final Counter bytesGauge;

    private volatile Thread thread;
    private volatile boolean ending;

    // The journal's thread.
    private Journal journal;
    private Dated next;
    private int tries;
    private boolean atFault;
    private String reason = "";
    private long offSinceNs;
    private long droppedBefore;
    private long lostTold;
    private boolean gapTold;
    private boolean gapGrew;
    private String lost = "";
    private long retryAtNs;
    private int failures;
    private long retainAtNs;

    public JournalAgent(
            JournalConfig config,
            Pages pages,
            Listener listener,
            NanoClock clock,
            EpochClock hostClock,
            Counters counters) {
        this.config = config;
        this.pages = pages;
        this.listener = listener;
        this.clock = clock;
        this.hostClock = hostClock;
        keptCounter = counters.counter("journal_records_total", "Records written to the journal.");
        droppedCounter = counters.counter(
                "journal_dropped_total", "Records that are not in the journal: it was off, or came too slowly.");
        failedGauge = counters.gauge("journal_failed", "1: the journal cannot be written, and is tried again.");
        bytesGauge = counters.gauge("journal_bytes", "Bytes that the journal takes on the disk.");
    }

    /** Hands a record over, from any thread; never waits. */
    public void append(JournalRecord record) {
        if (ending || !waiting.offer(new Dated(hostClock.time(), record))) {
            drop();
        } else {
            wake();
        }
    }

    /**
     * Has {@code question} answered by the journal's thread. The answer fails with what the question throws, and with
     * an IOException while the journal is off, closed or asked too much.
     */
    public <T> CompletableFuture<T> ask(Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (ending || !questions.offer(new Asked<>(question, answer))) {
            answer.completeExceptionally(new IOException(ending ? "the program ends" : "too many questions at once"));
        } else {
            wake();
        }
        return answer;
    }

    private void wake() {
        Thread running = thread;
        LockSupport.unpark(running == null ? begin() : running);
    }

    private synchronized Thread begin() {
        if (thread == null && !ending) {
            thread = Thread.ofPlatform().name("twinwall-journal").daemon().start(this::run);
        }
        return thread;
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

    private void run() {
        while (!ending || (offSinceNs == 0 && pending())) {
            try {
                work();
            } catch (Throwable e) {
                // A fault of the disk under a mapping is an InternalError, told a little later than where it happened.
                fail(e);
            }
        }
        closeJournal();
        refuse("the program ends");
    }

    private void work() {
        int work = records() + answers();
        retain();
        if (offSinceNs != 0) {
            opened();
        }
        if (work == 0 && !ending) {
            LockSupport.parkNanos(this, Math.max(1, restNs()));
        }
    }

    private boolean pending() {
        return next != null || !waiting.isEmpty();
    }

    /** Until something is due by itself; whoever has work wakes this thread before. */
    private long restNs() {
        long nowNs = clock.nanoTime();
        if (offSinceNs != 0) {
            return retryAtNs - nowNs;
        }
        return journal == null ? RETAIN_EVERY_NS : retainAtNs - nowNs;
    }

    private int records() {
        int written = 0;
        while (written < BATCH && pending() && opened()) {
            next = next == null ? waiting.poll() : next;
            if (!write(next)) {
                forgetAfterTries();
                break;
            }
            next = null;
            tries = 0;
            written++;
            if (offSinceNs != 0 && !attempt(this::goesOn)) {
                break;
            }
        }
        if (written > 0 && journal != null) {
            attempt(() -> bytesGauge.set(journal.bytes()));
        }
        return written;
    }

    /** A record that is at fault itself must not stand in the way of those behind it. */
    private void forgetAfterTries() {
        if (atFault && ++tries >= TRIES_MAX) {
            next = null;
            tries = 0;
            drop();
        }
    }

    private boolean write(Dated dated) {
        return attempt(() -> {
            if (offSinceNs != 0 && !gapTold) {
                gap();
            }
            long number = journal.append(dated.atMs(), dated.record());
            keptCounter.increment();
            listener.kept(number, dated.record());
        });
    }

    private int answers() {
        int answered = 0;
        Asked<?> asked = questions.poll();
        while (asked != null) {
            answered++;
            answer(asked);
            asked = questions.poll();
        }
        return answered;
    }

    private void answer(Asked<?> asked) {
        if (!opened() || !attempt(() -> asked.answer(journal))) {
            asked.answer().completeExceptionally(new IOException("the journal is off: " + reason));
        }
    }

    private void refuse(String why) {
        Asked<?> asked = questions.poll();
        while (asked != null) {
            asked.answer().completeExceptionally(new IOException(why));
            asked = questions.poll();
        }
    }

    private void retain() {
        if (journal != null && clock.nanoTime() - retainAtNs >= 0) {
            attempt(this::retainNow);
        }
    }

    private void retainNow() throws IOException {
        retainAtNs = clock.nanoTime() + RETAIN_EVERY_NS;
        journal.retain(hostClock.time());
        bytesGauge.set(journal.bytes());
    }

    /** Whether the journal is open; opens it when it is not and may be tried. */
    private boolean opened() {
        if (journal == null && (offSinceNs == 0 || clock.nanoTime() - retryAtNs >= 0)) {
            attempt(this::open);
        }
        return journal != null;
    }

    private void open() throws IOException {
        journal = Journal.open(config, pages);
        lost = journal.lost().isEmpty() ? lost : journal.lost();
        if (!lost.isEmpty()) {
            gap(0, 0, lost);
            lost = "";
        }
        retainNow();
        if (offSinceNs != 0 && !pending()) {
            goesOn();
        }
    }

    /** The time without a journal is over: what waited is written, and not the word of the gap alone. */
    private void goesOn() throws IOException {
        if (gapGrew) {
            gap();
        }
        offSinceNs = 0;
        failures = 0;
        failedGauge.set(0);
        listener.on(lostTold);
    }

    /** Tells of the time without a journal; a second time of what came after the first. */
    private void gap() throws IOException {
        long all = dropped.get() - droppedBefore;
        gap(clock.nanoTime() - offSinceNs, all - lostTold, reason);
        lostTold = all;
        gapGrew = false;
        gapTold = true;
    }

    private void gap(long lengthNs, long lost, String why) throws IOException {
        journal.append(hostClock.time(), new JournalRecord.Gap(lengthNs, lost, why));
        keptCounter.increment();
    }

    /** Something of the journal's. */
    private interface Work {
        void run() throws IOException;
    }

    /** True when {@code work} went well; else the journal is off. */
    private boolean attempt(Work work) {
        try {
            work.run();
            return true;
        } catch (Throwable e) {
            // Nothing that a journal does may end a firewall: no bug in it, and no lack of memory either.
            fail(e);
            return false;
        }
    }

    private void fail(Throwable cause) {
        long nowNs = clock.nanoTime();
        closeJournal();
        atFault = !(cause instanceof IOException || cause instanceof VirtualMachineError);
        retryAtNs = nowNs + (RETRY_NS << Math.min(failures, RETRY_DOUBLINGS));
        failures++;
        String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        boolean first = offSinceNs == 0;
        reason = said;
        failedGauge.set(1);
        gapGrew = true;
        if (first) {
            offSinceNs = nowNs == 0 ? 1 : nowNs;
            droppedBefore = dropped.get();
            lostTold = 0;
            gapTold = false;
            listener.off(said);
        }
    }

    private void closeJournal() {
        Journal closing = journal;
        journal = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (Throwable e) {
                reason = String.valueOf(e.getMessage());
            }
        }
    }

    /** Writes what waits, for a bounded time, and ends. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            ending = true;
            running = thread;
        }
        if (running == null) {
            return;
        }
        LockSupport.unpark(running);
        try {
            running.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
