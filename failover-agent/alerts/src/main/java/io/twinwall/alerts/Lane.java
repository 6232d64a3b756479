/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One receiver: what it is told ({@link AlertBook}), what waits for it ({@link Outbox}), and the attempt under way,
 * at most one, in a thread of its own, so that a server that hangs keeps nobody else waiting. A thread lives as long
 * as its attempt; one that outlives its deadline is left to end by itself, and there is no other before it did. Used
 * by the alerts' thread, but {@link #status}.
 */
final class Lane {
    private static final Logger LOG = System.getLogger("twinwall.alerts");

    /** What an attempt that was aborted takes to notice. */
    static final long GRACE_NS = 2_000_000_000L;

    private static final AtomicLong NEXT_ID = new AtomicLong();

    /** {@code test}: null for what comes from the outbox. */
    private static final class Attempt {
        private final Message message;
        private final AlertTest test;
        private final long begunNs;
        private boolean aborted;
        private boolean givenUp;
        private volatile Outcome outcome;

        Attempt(Message message, AlertTest test, long begunNs) {
            this.message = message;
            this.test = test;
            this.begunNs = begunNs;
        }
    }

    private final AlertSpec spec;
    private final AlertBook book;
    private final Outbox outbox;
    private final ScriptRun.Maker scripts;
    private final AlertCounters counters;
    private final Runnable wake;
    private final ArrayDeque<AlertTest> tests = new ArrayDeque<>();
    private volatile Transport transport;
    private volatile AlertStatus status;
    private Attempt attempt;
    private Outcome last;
    private long lastNs;
    private long sent;
    private long failed;
    private long lostTold;
    private long heldBackTold;

    /** @param wake has {@link #work} called soon; for any thread */
    Lane(AlertSpec spec, ScriptRun.Maker scripts, AlertCounters counters, Runnable wake) {
        this.spec = spec;
        this.scripts = scripts;
        this.counters = counters;
        this.wake = wake;
        book = new AlertBook(spec.policy());
        outbox = new Outbox(spec.retryNs());
        publish();
    }

    AlertSpec spec() {
        return spec;
    }

    /** As of the last work. Any thread. */
    AlertStatus status() {
        return status;
    }

    void take(AlertFact fact, long nowNs) {
        book.take(fact, nowNs);
    }

    void holding(List<AlertFact.Raised> all, long nowNs) {
        book.holding(all, nowNs);
    }

    /** One notice is to go out as soon as no attempt is under way, whatever the policy and whatever waits. */
    void test(AlertTest test) {
        tests.addLast(test);
    }

    int open() {
        return book.open();
    }

    int waiting() {
        return outbox.size();
    }

    /** Nothing is under way, and nothing can be done now. */
    boolean resting(long nowNs) {
        return attempt == null && tests.isEmpty() && outbox.resting(nowNs);
    }

    /** Sees to the attempt under way, and begins the next. */
    void work(Origin origin, long timeMs, long nowNs) {
        for (Notice notice : book.due(nowNs)) {
            outbox.offer(message(notice, origin, timeMs), nowNs);
        }
        if (attempt != null) {
            watch(nowNs);
        }
        if (attempt == null) {
            begin(origin, timeMs, nowNs);
        }
        counters.lost(outbox.lost() - lostTold);
        lostTold = outbox.lost();
        counters.heldBack(book.heldBackInAll() - heldBackTold);
        heldBackTold = book.heldBackInAll();
        publish();
    }

    private static Message message(Notice notice, Origin origin, long timeMs) {
        String id = origin.node() + "-" + timeMs + "-" + NEXT_ID.incrementAndGet();
        return new Message(id, timeMs, origin, notice);
    }

    private void watch(long nowNs) {
        Attempt now = attempt;
        if (now.outcome != null) {
            attempt = null;
            if (!now.givenUp) {
                ended(now, now.outcome, nowNs);
            }
            return;
        }
        long overdueNs = nowNs - now.begunNs - spec.timeoutNs();
        if (overdueNs >= 0) {
            // Over and over: it may be between two of its steps, where there is nothing to end.
            now.aborted = true;
            abort();
        }
        if (overdueNs >= GRACE_NS && !now.givenUp) {
            now.givenUp = true;
            ended(now, Outcome.failed("it does not end"), nowNs);
        }
    }

    private void begin(Origin origin, long timeMs, long nowNs) {
        AlertTest test = tests.pollFirst();
        Message message = test == null
                ? outbox.next(nowNs)
                : message(
                        new Notice(Notice.State.TEST, AlertKind.TEST, "", "a test of " + spec.name(), 1, 0),
                        origin,
                        timeMs);
        if (message == null) {
            return;
        }
        Attempt next = new Attempt(message, test, nowNs);
        attempt = next;
        try {
            Thread.ofPlatform().name("twinwall-alert-" + spec.name()).daemon().start(() -> deliver(next));
        } catch (OutOfMemoryError e) {
            // No thread to be had.
            next.outcome = Outcome.failed(e);
            wake.run();
        }
    }

    /** In its own thread. Whatever goes wrong there costs this attempt, and not the firewall. */
    private void deliver(Attempt now) {
        try {
            now.outcome = transport().deliver(now.message, spec.timeoutNs());
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "alert " + spec.name() + ": a bug in its delivery", e);
            now.outcome = Outcome.failed(e);
        } finally {
            wake.run();
        }
    }

    private Transport transport() {
        if (transport == null) {
            transport = switch (spec.target()) {
                case AlertSpec.Mail mail -> new MailTransport(mail);
                case AlertSpec.Webhook webhook -> new WebhookTransport(webhook);
                case AlertSpec.Script script -> new ScriptTransport(script, scripts);
            };
        }
        return transport;
    }

    private void ended(Attempt over, Outcome outcome, long nowNs) {
        Outcome shown = over.aborted && !outcome.ok()
                ? Outcome.failed("no end within " + AlertText.duration(spec.timeoutNs()) + ": " + outcome.detail())
                : outcome;
        log(over, shown);
        last = shown;
        lastNs = nowNs;
        sent += shown.ok() ? 1 : 0;
        failed += shown.ok() ? 0 : 1;
        counters.ended(spec.target().way(), shown.ok());
        if (over.test != null) {
            over.test.ended(spec, shown, nowNs - over.begunNs);
        } else {
            outbox.ended(shown.ok(), nowNs);
        }
    }

    /** A failure that goes on is logged once. */
    private void log(Attempt over, Outcome outcome) {
        Notice notice = over.message.notice();
        String what = notice.state().word() + " " + notice.kind().word();
        if (outcome.ok()) {
            LOG.log(Level.INFO, "alert {0}: {1} is told: {2}", spec.name(), what, outcome.detail());
        } else if (!outcome.equals(last)) {
            LOG.log(Level.WARNING, "alert {0}: {1} could not be told: {2}", spec.name(), what, outcome.detail());
        }
    }

    /** Ends the attempt under way, if any. */
    void abort() {
        Transport now = transport;
        if (attempt != null && now != null) {
            now.abort();
        }
    }

    /** It is not configured any more, or the program ends: who asked for a test is not to wait. */
    void forget() {
        abort();
        tests.forEach(test -> test.gone(spec.name()));
        if (attempt != null && attempt.test != null) {
            attempt.test.gone(spec.name());
        }
    }

    private void publish() {
        status = new AlertStatus(
                spec.name(),
                Words.of(spec.target().way()),
                spec.target().where(),
                book.open(),
                outbox.size(),
                sent,
                failed,
                outbox.lost(),
                last,
                lastNs);
    }
}
