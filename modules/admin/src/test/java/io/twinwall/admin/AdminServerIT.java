/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.admin.AdminConfig.AdminSocket;
import io.twinwall.base.Counters;
import io.twinwall.base.SeededRandom;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdminServerIT {
    record Echo(String word, long number) {}

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private final CompletableFuture<AdminResponse> never = new CompletableFuture<>();
    private volatile List<String> ailments = List.of();
    private Path socket;
    private AdminServer server;
    private AdminClient client;

    @BeforeEach
    void start() {
        socket = directory.resolve("admin.sock");
        client = new AdminClient(socket, Duration.ofSeconds(20));
        AdminConfig config = new AdminConfig(
                AdminSocket.of(socket),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                new AdminLimits(64 * 1024, 500, 700, 16));
        server = new AdminServer(config, new AdminMetrics(counters), counters)
                .route(
                        "GET",
                        "/v1/echo",
                        request -> AdminResponse.ok(
                                new Echo(request.query().get("word"), request.number("number", 1, 0, 100))))
                .route("POST", "/v1/echo", request -> AdminResponse.ok(request.json(Echo.class)))
                .route("GET", "/v1/broken", request -> {
                    throw new IllegalStateException("on purpose");
                })
                .routeAsync(
                        "GET",
                        "/v1/later",
                        request -> CompletableFuture.supplyAsync(() ->
                                AdminResponse.text(200, Thread.currentThread().getName())))
                .routeAsync("GET", "/v1/never", request -> never)
                .route("GET", "/v1/each/*", request -> AdminResponse.ok(new Echo("any", request.lastSegment())))
                .route("GET", "/v1/each/first", request -> AdminResponse.ok(new Echo("first", 0)))
                .health(() -> ailments);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldAnswerInJson() {
        assertEquals(
                new AdminClient.Reply(200, "{\"word\":\"a b\",\"number\":7}"),
                client.get("/v1/echo?word=a%20b&number=7"));
        assertEquals(
                new AdminClient.Reply(200, "{\"word\":\"\u00e4\",\"number\":9}"),
                client.post("/v1/echo", "{\"number\":9,\"word\":\"\u00e4\",\"unknown\":[1]}"));
    }

    @Test
    void shouldAnswerForAnyLastSegment() throws Exception {
        assertEquals(
                "{\"word\":\"any\",\"number\":12}",
                client.get("/v1/each/12?x=1").body());
        assertEquals(
                "{\"word\":\"first\",\"number\":0}",
                client.get("/v1/each/first").body());
        assertEquals(
                "{\"error\":\"no such path: /v1/each/0\"}",
                client.get("/v1/each/0").body());
        for (String none : List.of("/v1/each", "/v1/each/", "/v1/each/1/2", "/v1/each/x", "/v1/each/-1", "/v1/x/1")) {
            assertEquals(404, client.get(none).status(), none);
        }
        try (RawClient raw = new RawClient(socket)) {
            assertTrue(raw.send("DELETE /v1/each/7 HTTP/1.1\r\nHost: x\r\n\r\n"));
            assertTrue(raw.readAll().toLowerCase(Locale.ROOT).contains("\r\nallow: get\r\n"));
        }
    }

    @Test
    void shouldAnswerFromAnotherThread() {
        AdminClient.Reply reply = client.get("/v1/later");
        assertEquals(200, reply.status());
        assertFalse(reply.body().contains("twinwall-admin"), reply.body());
    }

    @Test
    void shouldSayWhyARequestIsRefused() throws Exception {
        assertEquals(404, client.get("/v1/nothing").status());
        assertEquals(
                "{\"error\":\"no such path: /v1/nothing\"}",
                client.get("/v1/nothing").body());
        assertEquals(405, client.post("/metrics", "{}").status());
        try (RawClient raw = new RawClient(socket)) {
            assertTrue(raw.send("DELETE /v1/echo HTTP/1.1\r\nHost: x\r\n\r\n"));
            assertTrue(raw.readAll().toLowerCase(Locale.ROOT).contains("\r\nallow: get, post\r\n"));
        }
        assertEquals(
                new AdminClient.Reply(400, "{\"error\":\"number: expected 0..100, found '101'\"}"),
                client.get("/v1/echo?number=101"));
        assertEquals(400, client.post("/v1/echo", "{\"number\":").status());
        assertEquals(400, client.post("/v1/echo", "null").status());
        assertEquals(400, client.post("/v1/echo", "[1,2]").status());
        assertEquals(400, client.get("/v1/echo?word=%zz").status());
        assertEquals(500, client.get("/v1/broken").status());
        assertEquals(10, counters.value("admin_refused_total"));
    }

    @Test
    void shouldRefuseHundredMegabytesWhileServingAnother() throws Exception {
        byte[] chunk = new byte[1 << 20];
        try (RawClient large = new RawClient(socket);
                RawClient chunked = new RawClient(socket)) {
            large.send("POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n");
            chunked.send("POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 100; i++) {
                large.send(chunk);
                chunked.send("100000\r\n");
                chunked.send(chunk);
                chunked.send("\r\n");
                assertEquals(200, client.get("/v1/echo").status());
            }
            assertTrue(large.readAll().startsWith("HTTP/1.1 413 "));
            assertTrue(chunked.readAll().startsWith("HTTP/1.1 413 "));
        }
        assertEquals(2, counters.value("admin_malformed_total"));
    }

    @Test
    void shouldDropSlowClientWhileServingAnother() throws Exception {
        try (RawClient silent = new RawClient(socket);
                RawClient slow = new RawClient(socket)) {
            slow.send("POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"wor");
            assertEquals(200, client.get("/v1/echo").status());
            assertTrue(silent.readAll().startsWith("HTTP/1.1 408 "));
            assertTrue(slow.readAll().startsWith("HTTP/1.1 408 "));
        }
        assertEquals(2, counters.value("admin_slow_total"));
    }

    @Test
    void shouldGiveUpOnHandlerThatNeverAnswers() {
        assertEquals(new AdminClient.Reply(503, "{\"error\":\"no answer within 700 ms\"}"), client.get("/v1/never"));
        assertTrue(never.complete(AdminResponse.ok("too late")));
        assertEquals(200, client.get("/v1/echo").status());
    }

    @Test
    void shouldOutliveGarbage() throws Exception {
        SeededRandom random = new SeededRandom(Long.getLong("twinwall.seed", 20261121L));
        byte[] request = "POST /v1/echo?word=x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = request.clone();
            if (random.chance(4)) {
                bytes = new byte[1 + random.nextInt(20_000)];
                random.nextBytes(bytes);
            } else {
                for (int n = 1 + random.nextInt(4); n > 0; n--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
            try (RawClient raw = new RawClient(socket)) {
                raw.send(bytes);
                raw.finish();
                String answer = raw.readAll();
                assertTrue(
                        answer.isEmpty() || answer.matches("(?s)(HTTP/1\\.1|\n<).*"),
                        "seed " + random.seed() + " case " + i + ": " + answer);
            }
        }
        assertEquals(200, client.get("/v1/echo").status());
    }

    @Test
    void shouldRefuseConnectionsBeyondTheLimit() throws Exception {
        List<RawClient> idle = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            idle.add(new RawClient(socket));
        }
        assertEquals(503, client.get("/v1/echo").status());
        assertEquals(1, counters.value("admin_crowded_total"));
        assertEquals(200, metrics("/healthz").statusCode(), "the other listener has its own limit");
        List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            crowd.add(new RawClient(socket));
        }
        List<String> answers = crowd.stream().map(RawClient::readAll).toList();
        assertTrue(answers.contains(""), "closed without a word: " + answers);
        for (RawClient one : crowd) {
            one.close();
        }
        for (RawClient one : idle) {
            assertTrue(one.readAll().startsWith("HTTP/1.1 408 "));
            one.close();
        }
        // The server may see the next connection before it sees that the last one was closed.
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        int status = client.get("/v1/echo").status();
        while (status == 503 && System.nanoTime() < deadlineNs) {
            status = client.get("/v1/echo").status();
        }
        assertEquals(200, status);
    }

    @Test
    void shouldServeManyClientsOnOneThread() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 800; i++) {
                int number = i % 100;
                answers.add(clients.submit(() -> {
                    AdminClient.Reply reply = client.get("/v1/echo?word=w&number=" + number);
                    return reply.body().contains(":" + number + "}") ? reply.status() : -1;
                }));
            }
            for (Future<Integer> answer : answers) {
                assertEquals(200, answer.get());
            }
        }
        assertEquals(
                1,
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("twinwall-admin"))
                        .count());
    }

    @Test
    void shouldServeOnlyMetricsAndHealthOnTcp() throws Exception {
        assertEquals("ok\n", metrics("/healthz").body());
        HttpResponse<String> answer = metrics("/metrics");
        assertEquals(
                AdminMetrics.CONTENT_TYPE,
                answer.headers().firstValue("Content-Type").orElseThrow());
        assertTrue(answer.body().contains("# TYPE twinwall_admin_requests_total counter\n"), answer.body());
        assertEquals(404, metrics("/v1/echo").statusCode());
        assertTrue(client.get("/metrics").body().contains("twinwall_admin_requests_total"));
    }

    @Test
    void shouldSayWhatAilsTheProgram() throws Exception {
        assertEquals(200, metrics("/healthz").statusCode());
        ailments = List.of("the role agent has stopped", "role FAULT: no carrier on lan0");
        assertEquals(503, metrics("/healthz").statusCode());
        assertEquals(
                new AdminClient.Reply(503, "the role agent has stopped\nrole FAULT: no carrier on lan0\n"),
                client.get("/healthz"));
        ailments = List.of();
        assertEquals("ok\n", metrics("/healthz").body());
    }

    @Test
    void shouldNotServeAPageThatCameAnotherWay() throws Exception {
        try (RawClient page = new RawClient(socket)) {
            page.send("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n");
            assertTrue(page.readAll().startsWith("HTTP/1.1 403 "));
        }
        try (RawClient rebound = new RawClient(socket)) {
            rebound.send("GET /v1/echo HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n");
            assertTrue(rebound.readAll().startsWith("HTTP/1.1 421 "));
        }
    }

    private HttpResponse<String> metrics(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.metricsAddress().getPort() + path);
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
