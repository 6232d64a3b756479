/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.twinwall.alerts.AlertSpec.Security;
import io.twinwall.alerts.AlertSpec.Target;
import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.HttpAnswer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole way from a fact to receivers that work, refuse, hang and come back. */
@Timeout(120)
class AlertsIT {
    private static final long S = Samples.S;
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final AlertFact LATE = new AlertFact.Happened(AlertKind.LATE, "", "by 200 ms");

    /** What scripts were told. */
    private final List<Map<String, String>> scripts = new CopyOnWriteArrayList<>();

    private final Counters counters = new Counters();
    /** Time passes as it does, and faster where a test wants. */
    private final AtomicLong skippedNs = new AtomicLong();

    private final List<AlertFact.Raised> holding = new CopyOnWriteArrayList<>();
    private final AtomicInteger posts = new AtomicInteger();
    private final CountDownLatch hanging = new CountDownLatch(1);
    private volatile int httpStatus = 200;
    private volatile boolean scriptHangs;
    private HttpServer http;
    private SmtpReceiver smtp;
    private Alerts alerts;

    @BeforeEach
    void start() throws IOException {
        smtp = new SmtpReceiver(builder -> builder);
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            posts.incrementAndGet();
            HttpAnswer.send(exchange, httpStatus);
        });
        http.start();
        alerts = new Alerts(
                () -> Samples.ORIGIN,
                (command, environment) -> new Script(environment),
                () -> System.nanoTime() + skippedNs.get(),
                System::currentTimeMillis,
                counters);
        alerts.start(nowNs -> List.copyOf(holding));
    }

    @AfterEach
    void stop() {
        hanging.countDown();
        alerts.close();
        http.stop(0);
        smtp.close();
    }

    /** A script that notes what it was told, and hangs where a test wants. */
    private final class Script implements ScriptRun {
        private final Map<String, String> environment;

        Script(Map<String, String> environment) {
            this.environment = environment;
        }

        @Override
        public Outcome run(long limitNs) {
            scripts.add(environment);
            if (scriptHangs) {
                try {
                    hanging.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return Outcome.delivered("exit status 0");
        }

        @Override
        public void kill() {
            // One that cannot be killed: that must keep nobody else.
        }
    }

    @Test
    void shouldTellEveryReceiver() {
        alerts.configure(List.of(spec("ops", mail()), spec("chat", webhook()), spec("pager", script())));
        alerts.tell(LATE);
        until("all are told", () -> smtp.mails().size() == 1 && posts.get() == 1 && scripts.size() == 1);
        assertEquals("late", scripts.getFirst().get("TWINWALL_ALERT_KIND"));
        assertEquals("fw-a", scripts.getFirst().get("TWINWALL_NODE"));
        until(
                "it is counted",
                () -> counters.value("alerts_mail_sent_total") == 1
                        && counters.value("alerts_webhook_sent_total") == 1
                        && counters.value("alerts_script_sent_total") == 1);
        assertEquals(
                List.of("ops", "chat", "pager"),
                alerts.status().stream().map(AlertStatus::name).toList());
    }

    @Test
    void shouldTellOfAConditionAndItsEnd() {
        alerts.configure(List.of(spec("pager", script())));
        holding.add(new AlertFact.Raised(AlertKind.PEER_LOST, "", "fw-b is not heard"));
        until("it is opened", () -> scripts.size() == 1);
        until("it is counted", () -> counters.value("alerts_open") == 1);
        holding.clear();
        until("it is seen that it is over", () -> counters.value("alerts_open") == 0);
        skip(31);
        until("its end is told", () -> scripts.size() == 2);
        assertEquals("recovered", scripts.getLast().get("TWINWALL_ALERT_STATE"));
    }

    @Test
    void shouldLetNobodyWaitForAReceiverThatHangs() throws IOException {
        try (BadServer silent = new BadServer("220-still here\r\n")) {
            alerts.configure(List.of(
                    spec("hangs", mail(silent.port())), spec("hangs-too", script("/hang")), spec("chat", webhook())));
            scriptHangs = true;
            alerts.tell(LATE);
            until("the other is told", () -> posts.get() == 1);
            until("both hang", () -> silent.connections() == 1 && scripts.size() == 1);
            // Past the deadline, and what an attempt is given to notice.
            skip(33);
            until(
                    "both are given up for now",
                    () -> status("hangs").failed() == 1 && status("hangs-too").failed() == 1);
            assertTrue(status("hangs").outcome().detail().startsWith("no end within 30 s"), status("hangs")::toString);
            assertEquals(1, counters.value("alerts_mail_failed_total"));
            skip(10);
            alerts.tell(new AlertFact.Happened(AlertKind.FORCED, "", "x"));
            until("the other is told more", () -> posts.get() == 2);
            assertEquals(1, scripts.size(), "there is no second attempt beside one that does not end");
            hanging.countDown();
            scriptHangs = false;
            until("it goes on once it has ended", () -> scripts.size() == 3);
        }
    }

    @Test
    void shouldTryAgainUntilAReceiverIsBack() {
        alerts.configure(List.of(spec("chat", webhook())));
        httpStatus = 500;
        alerts.tell(LATE);
        until("it is refused", () -> status("chat").failed() == 1);
        assertEquals("HTTP status 500 from " + url(), status("chat").outcome().detail());
        assertEquals(1, status("chat").waiting());
        skip(6);
        until("it is tried again", () -> status("chat").failed() == 2);
        httpStatus = 200;
        skip(11);
        until("it is delivered", () -> status("chat").sent() == 1);
        assertEquals(0, status("chat").waiting());
        assertEquals(3, posts.get());
    }

    @Test
    void shouldGiveUpWhatIsTooOldAndSaySo() {
        alerts.configure(List.of(spec("chat", webhook())));
        httpStatus = 503;
        alerts.tell(LATE);
        until("it is refused", () -> status("chat").failed() == 1);
        skip(1_900);
        until("it is given up", () -> status("chat").lost() == 1);
        assertEquals(1, counters.value("alerts_lost_total"));
        assertEquals(0, status("chat").waiting());
    }

    @Test
    void shouldTestEachReceiverWhateverItWantsToBeTold() {
        AlertPolicy nothing = new AlertPolicy(List.of(AlertKind.FORCED), Severity.CRITICAL, 0, 1);
        alerts.configure(List.of(
                new AlertSpec("ops", nothing, mail(), 30 * S, 1_800 * S),
                new AlertSpec("chat", nothing, webhook(), 30 * S, 1_800 * S)));
        httpStatus = 404;
        AlertTest test = alerts.test(null);
        until("both are through", test::done);
        List<AlertTest.Result> results = test.results();
        assertTrue(results.get(0).ok(), results::toString);
        assertFalse(results.get(1).ok(), results::toString);
        assertEquals("HTTP status 404 from " + url(), results.get(1).detail());
        assertTrue(smtp.mails().getFirst().text().contains("TEST test: a test of ops"));
        assertEquals(0, status("chat").waiting(), "a test is not tried again");
        assertEquals(1, alerts.test("ops").results().size());
        assertNull(alerts.test("nobody"));
    }

    @Test
    void shouldChangeReceiversWhileItRuns() {
        AlertSpec pager = spec("pager", script());
        alerts.configure(List.of(pager));
        holding.add(new AlertFact.Raised(AlertKind.ISOLATED, "", "nobody answers"));
        until("it is told", () -> scripts.size() == 1);
        alerts.configure(List.of(pager, spec("chat", webhook())));
        until("the new one is told of what holds", () -> posts.get() == 1);
        assertEquals(1, scripts.size(), "the other goes on where it was");
        alerts.configure(List.of());
        until("there is none", () -> alerts.status().isEmpty());
        assertNull(alerts.test(null));
    }

    @Test
    void shouldSendItsLastNoticesWhenItEnds() {
        alerts.configure(List.of(spec("pager", script())));
        alerts.tell(LATE);
        alerts.close();
        assertEquals(1, scripts.size());
    }

    private AlertStatus status(String name) {
        return alerts.status().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(new AlertStatus(name, "", "", 0, 0, 0, 0, 0, null, 0));
    }

    private void skip(long seconds) {
        skippedNs.addAndGet(seconds * S);
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, SOON, condition);
    }

    private static AlertSpec spec(String name, Target target) {
        return new AlertSpec(name, Samples.EVERYTHING, target, 30 * S, 1_800 * S);
    }

    private AlertSpec.Mail mail() {
        return mail(smtp.port());
    }

    private static AlertSpec.Mail mail(int port) {
        return new AlertSpec.Mail(
                "localhost",
                port,
                Security.PLAIN,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "fw@example.net",
                List.of("ops@example.net"));
    }

    private String url() {
        return "http://localhost:" + http.getAddress().getPort();
    }

    private AlertSpec.Webhook webhook() {
        return new AlertSpec.Webhook(URI.create(url() + "/hook"), Optional.empty(), Optional.empty());
    }

    private static AlertSpec.Script script() {
        return script("/bin/true");
    }

    private static AlertSpec.Script script(String program) {
        return new AlertSpec.Script(List.of(program));
    }
}
