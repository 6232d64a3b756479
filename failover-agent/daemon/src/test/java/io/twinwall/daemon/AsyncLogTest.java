/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A log whose reader stands still, and goes on. */
@Timeout(30)
class AsyncLogTest {
    private final Counters counters = new Counters();
    private final Reader reader = new Reader();
    private final AsyncLog log = new AsyncLog(List.of(reader), counters);

    @Test
    void shouldHoldNobodyWhileTheLogIsNotReadAndTellAfterwardsWhatWasDropped() {
        log.publish(line("first"));
        Await.until("the first is being written", Duration.ofSeconds(10), () -> reader.began.getCount() == 0);
        for (int i = 0; i < AsyncLog.RECORDS_MAX + 7; i++) {
            log.publish(line("line " + i));
        }
        assertEquals(7, counters.value("log_records_dropped_total"));
        reader.goesOn.countDown();
        log.flush();
        assertEquals("first", reader.lines.getFirst());
        assertEquals("7 log lines were dropped: nobody read standard error", reader.lines.get(1));
        assertEquals("line " + (AsyncLog.RECORDS_MAX - 1), reader.lines.getLast());
        assertEquals(AsyncLog.RECORDS_MAX + 2, reader.lines.size());
    }

    @Test
    void shouldSayWhatHeldWhenItWasLogged() {
        StringBuilder state = new StringBuilder("before");
        LogRecord message = line("it is {0}");
        message.setParameters(new Object[] {state});
        log.publish(message);
        state.replace(0, state.length(), "after");
        reader.goesOn.countDown();
        log.flush();
        assertEquals(List.of("it is before"), reader.lines);
    }

    @Test
    void shouldNotWaitForeverAtTheEndForAReaderThatStandsStill() {
        log.publish(line("never read"));
        log.close();
        assertEquals(List.of(), reader.lines);
        reader.goesOn.countDown();
    }

    private static LogRecord line(String text) {
        LogRecord line = new LogRecord(Level.INFO, text);
        line.setLoggerName("twinwall.test");
        return line;
    }

    /** Stands still at the first line until it is told to go on. */
    private static final class Reader extends Handler {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private final CountDownLatch began = new CountDownLatch(1);
        private final CountDownLatch goesOn = new CountDownLatch(1);

        @Override
        public void publish(LogRecord line) {
            began.countDown();
            try {
                goesOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
