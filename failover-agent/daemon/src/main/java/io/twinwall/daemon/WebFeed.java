/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import io.twinwall.admin.AdminStream;
import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Tells the pages that are open how things stand, once a second: the one producer of their events. Without a page it only
 * keeps the numbers over time. On the housekeeping thread; a page's greeting is made on the admin thread.
 */
final class WebFeed implements Runnable {
    /** Pages at once: a wall board, and some people in a hurry. */
    static final int PAGES_MAX = 8;

    private static final Logger LOG = System.getLogger("twinwall");

    /** Data of the event {@code hello}: how it stands, and how it came to that. */
    record Hello(long nowMs, CliStatus status, WebHistory.Past past) {}

    /** Data of the event {@code status}. */
    record Now(long nowMs, CliStatus status, WebHistory.Sample sample) {}

    private final Supplier<CliStatus> status;
    private final NanoClock clock;
    private final WebHistory history = new WebHistory();
    private final AdminStream stream;

    WebFeed(Supplier<CliStatus> status, NanoClock clock, Counters counters) {
        this.status = status;
        this.clock = clock;
        stream = new AdminStream(PAGES_MAX, this::hello, counters);
    }

    AdminStream stream() {
        return stream;
    }

    private byte[] hello() {
        return Json.bytes(new Hello(nowMs(), status.get().withoutCounters(), history.past()));
    }

    private long nowMs() {
        return clock.nanoTime() / 1_000_000;
    }

    @Override
    public void run() {
        try {
            CliStatus now = status.get();
            long nowMs = nowMs();
            WebHistory.Sample sample = WebHistory.Sample.of(now, nowMs);
            history.add(sample);
            if (stream.watched()) {
                stream.send("status", Json.bytes(new Now(nowMs, now.withoutCounters(), sample)));
            }
        } catch (RuntimeException e) {
            // Else the executor would keep it to itself, and never call again.
            LOG.log(Level.WARNING, "a page could not be told of the status", e);
        }
    }

    /** Nobody is told any more. */
    void end() {
        stream.end();
        history.forget();
    }
}
