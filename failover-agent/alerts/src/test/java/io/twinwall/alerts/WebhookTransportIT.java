/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.HttpAnswer;
import io.twinwall.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks to a real server: what it gets, how it is signed, and what becomes of one that refuses or hangs. */
@Timeout(60)
class WebhookTransportIT {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final Duration SOON = Duration.ofSeconds(20);

    private record Request(String method, String path, String type, String signature, String body) {}

    @TempDir
    private Path directory;

    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile int status = 202;
    private HttpServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void shouldPostTheNoticeAsJson() throws IOException {
        start();
        Outcome outcome = deliver(url("http", "localhost") + "/hook?room=7", Optional.empty(), Optional.empty());
        assertEquals(Outcome.delivered("HTTP status 202 from " + url("http", "localhost")), outcome);
        Request request = requests.getFirst();
        assertEquals("POST", request.method());
        assertEquals("/hook?room=7", request.path());
        assertEquals("application/json", request.type());
        assertNull(request.signature());
        assertEquals(AlertText.json(Samples.message()), request.body());
    }

    @Test
    void shouldSignTheBodyWithTheSecret() throws Exception {
        start();
        Path secret = Files.writeString(directory.resolve("secret"), "Jefe\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        assertTrue(deliver(url("http", "localhost"), Optional.of(secret), Optional.empty())
                .ok());
        Request request = requests.getFirst();
        byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
        assertEquals(WebhookTransport.signature("Jefe", body), request.signature());
        // RFC 4231, test case 2.
        assertEquals(
                "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                WebhookTransport.signature("Jefe", "what do ya want for nothing?".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void shouldTakeOnlyAStatusOfTheTwoHundredsForDelivered() throws IOException {
        start();
        for (int refused : new int[] {301, 400, 401, 404, 429, 500, 503}) {
            status = refused;
            Outcome outcome = deliver(url("http", "localhost"), Optional.empty(), Optional.empty());
            assertEquals(Outcome.failed("HTTP status " + refused + " from " + url("http", "localhost")), outcome);
        }
        assertEquals(7, requests.size(), "each was asked once, and no redirection was followed");
    }

    @Test
    void shouldTakeAnAnswerThatHasNoBodyForDelivered() throws IOException {
        try (BadServer curt = new BadServer("HTTP/1.1 204 \r\nConnection: close\r\n\r\n")) {
            String url = "http://localhost:" + curt.port();
            Outcome outcome = deliver(url, Optional.empty(), Optional.empty());
            assertEquals(Outcome.delivered("HTTP status 204 from " + url), outcome);
        }
    }

    @Test
    void shouldTrustNobodyButWhoeverIsMeant() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "server", "dns:localhost");
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(certificate.serving()));
        start(secure);
        assertTrue(deliver(url("https", "localhost"), Optional.empty(), Optional.of(certificate.certificate()))
                .ok());
        assertFalse(deliver(url("https", "localhost"), Optional.empty(), Optional.empty())
                .ok());
        assertFalse(deliver(url("https", "127.0.0.1"), Optional.empty(), Optional.of(certificate.certificate()))
                .ok());
        assertEquals(1, requests.size());
    }

    @Test
    void shouldGiveUpOnAServerThatSaysNothing() throws IOException {
        try (BadServer silent = new BadServer("")) {
            long beganNs = System.nanoTime();
            Outcome outcome = transport("http://localhost:" + silent.port(), Optional.empty(), Optional.empty())
                    .deliver(Samples.message(), TimeUnit.MILLISECONDS.toNanos(300));
            assertFalse(outcome.ok());
            assertTrue(System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(10), "it ends by itself");
        }
    }

    @Test
    void shouldEndWhenToldToHoweverMuchTheServerDrips() throws Exception {
        try (BadServer dripping = new BadServer("HTTP/1.1 200 OK\r\nX: and so on")) {
            WebhookTransport transport =
                    transport("http://localhost:" + dripping.port(), Optional.empty(), Optional.empty());
            CompletableFuture<Outcome> outcome =
                    CompletableFuture.supplyAsync(() -> transport.deliver(Samples.message(), LIMIT_NS));
            Await.until("it is connected", SOON, () -> dripping.connections() == 1);
            // It may be between two of its steps: whoever ends it says so until it has.
            Await.until("it ends", SOON, () -> {
                transport.abort();
                return outcome.isDone();
            });
            assertFalse(outcome.get(10, TimeUnit.SECONDS).ok());
        }
    }

    private void start() throws IOException {
        start(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    private void start(HttpServer made) {
        server = made;
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders().getFirst("Content-Type"),
                    exchange.getRequestHeaders().getFirst(WebhookTransport.SIGNATURE),
                    body));
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            HttpAnswer.send(exchange, status);
        });
        server.start();
    }

    private String url(String scheme, String host) {
        return scheme + "://" + host + ":" + server.getAddress().getPort();
    }

    private static WebhookTransport transport(String url, Optional<Path> secret, Optional<Path> ca) {
        return new WebhookTransport(new AlertSpec.Webhook(URI.create(url), secret, ca));
    }

    private static Outcome deliver(String url, Optional<Path> secret, Optional<Path> ca) {
        return transport(url, secret, ca).deliver(Samples.message(), LIMIT_NS);
    }
}
