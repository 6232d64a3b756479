/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.admin.AdminConfig.AdminRemote;
import io.twinwall.admin.AdminConfig.AdminSocket;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Admin from elsewhere: by TLS, for a token, and not otherwise. */
@Timeout(60)
class AdminRemoteIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final String OTHER = "another-token-another-token-another";
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();

    @TempDir
    private static Path store;

    private static TestCertificate first;
    private static TestCertificate second;

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private TestCertificate certificate;
    private Path tokens;
    private AdminServer server;

    @BeforeAll
    static void certificates() throws Exception {
        first = TestCertificate.make(store, "first");
        second = TestCertificate.make(store, "second");
    }

    @BeforeEach
    void start() throws Exception {
        certificate = first.in(directory);
        tokens = tokens("tokens", TOKEN);
        server = new AdminServer(config(certificate, tokens, 0, null), new AdminMetrics(counters), counters)
                .route("GET", "/v1/echo", request -> AdminResponse.text(200, "echo"))
                .route("POST", "/v1/echo", request -> AdminResponse.text(200, "done"));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldServeWhoeverHasAToken() throws Exception {
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
        assertEquals("done", ask(certificate, "POST", "/v1/echo", TOKEN).body());
        assertTrue(ask(certificate, "GET", "/metrics", TOKEN).body().contains("twinwall_admin_requests_total"));
        assertEquals(0, counters.value("admin_unauthorized_total"));
        assertTrue(counters.value("admin_certificate_expires_seconds") > 1_700_000_000L);
    }

    @Test
    void shouldServeNothingWithoutAToken() throws Exception {
        for (String path : List.of("/v1/echo", "/metrics", "/healthz", "/nothing")) {
            HttpResponse<String> refused = ask(certificate, "GET", path, OTHER);
            assertEquals(401, refused.statusCode(), path);
            assertTrue(refused.headers().firstValue("WWW-Authenticate").isPresent());
        }
        assertEquals(401, ask(certificate, "POST", "/v1/echo", "").statusCode());
        assertEquals(5, counters.value("admin_unauthorized_total"));
    }

    @Test
    void shouldSpeakNothingButTls() throws Exception {
        try (Socket clear = new Socket(HERE, port())) {
            clear.getOutputStream()
                    .write(("GET /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(clear.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertTrue(!answer.contains("HTTP/1.1") && !answer.contains("echo"), answer);
        }
        Await.until("it is counted", SOON, () -> counters.value("admin_handshakes_failed_total") == 1);
        SSLParameters old = new SSLParameters(null, new String[] {"TLSv1.1"});
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(certificate.trusted())
                .sslParameters(old)
                .build()) {
            assertThrows(IOException.class, () -> client.send(request("GET", "/v1/echo", TOKEN), text()));
        }
        assertThrows(SSLException.class, () -> ask(second, "GET", "/v1/echo", TOKEN));
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
    }

    /** The certificate was replaced, its key not yet. */
    @Test
    void shouldGoOnWithTheOldPairWhileTheFilesDoNotBelongTogether() throws Exception {
        TestCertificate next = second.in(directory);
        Files.copy(next.certificate(), certificate.certificate(), StandardCopyOption.REPLACE_EXISTING);
        String problem = server.renew();
        assertTrue(problem.endsWith("the key is another certificate's"), problem);
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
        Files.copy(next.key(), certificate.key(), StandardCopyOption.REPLACE_EXISTING);
        assertEquals("", server.renew());
        assertEquals("echo", ask(next, "GET", "/v1/echo", TOKEN).body());
    }

    @Test
    void shouldDropWhoDoesNotComeToTheHandshake() throws Exception {
        try (Socket silent = new Socket(HERE, port())) {
            silent.setSoTimeout((int) SOON.toMillis());
            assertTrue(silent.getInputStream().readAllBytes().length < 100, "closed, with an alert at most");
        }
        Await.until(
                "it is counted",
                SOON,
                () -> counters.value("admin_slow_total") + counters.value("admin_handshakes_failed_total") > 0);
    }

    @Test
    void shouldHoldAsManyConnectionsAsItMay() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 24; i++) {
                idle.add(new Socket(HERE, port()));
            }
            Await.until("the limit is met", SOON, () -> counters.value("admin_crowded_total") > 0);
            assertEquals(
                    200,
                    new AdminClient(directory.resolve("s"), SOON)
                            .get("/v1/echo")
                            .status());
        } finally {
            for (Socket one : idle) {
                one.close();
            }
        }
    }

    @Test
    void shouldRefuseALongBodyFromElsewhere() throws Exception {
        try (HttpClient client = client(certificate)) {
            HttpRequest.Builder long1 = HttpRequest.newBuilder(uri("/v1/echo"))
                    .header("Authorization", "Bearer " + TOKEN)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[65 * 1024]));
            assertEquals(413, client.send(long1.build(), text()).statusCode());
        }
    }

    @Test
    void shouldTakeARenewedCertificateAndOtherTokensWithoutARestart() throws Exception {
        assertNull(server.renew(), "nothing has changed");
        TestCertificate next = second.in(directory);
        Files.copy(next.certificate(), certificate.certificate(), StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(certificate.key(), Files.readString(next.key()));
        Files.writeString(tokens, OTHER + "\n");
        assertEquals("", server.renew());
        assertEquals(200, ask(next, "GET", "/v1/echo", OTHER).statusCode());
        assertEquals(401, ask(next, "GET", "/v1/echo", TOKEN).statusCode());
        Files.writeString(tokens, "short\n");
        assertTrue(server.renew().contains("must hold"), "what is wrong is not taken");
        assertEquals(200, ask(next, "GET", "/v1/echo", OTHER).statusCode());
    }

    @Test
    void shouldMoveAndEndItsListenersWithoutARestart() throws Exception {
        int free = freePort();
        InetSocketAddress metrics = new InetSocketAddress(HERE, freePort());
        assertEquals("", server.reconfigure(config(certificate, tokens, free, metrics)));
        assertEquals(free, port());
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
        assertEquals(metrics, server.metricsAddress());
        try (ServerSocket taken = new ServerSocket(0, 1, HERE)) {
            String problem = server.reconfigure(config(certificate, tokens, taken.getLocalPort(), metrics));
            assertTrue(problem.contains("[admin.remote] listen"), problem);
            assertEquals(free, port(), "it is back where it was");
        }
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
        assertEquals("", server.reconfigure(AdminConfig.of(directory.resolve("s"), null)));
        assertNull(server.metricsAddress());
        assertNull(server.remoteAddress());
        assertEquals(0, counters.value("admin_certificate_expires_seconds"));
        assertEquals(
                200,
                new AdminClient(directory.resolve("s"), SOON).get("/v1/echo").status());
    }

    @Test
    void shouldKeepWhatServesWhenAnotherFileIsWrong() throws Exception {
        Path open = Files.writeString(directory.resolve("open"), OTHER + "\n");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        String problem = server.reconfigure(config(certificate, open, freePort(), null));
        assertTrue(problem.contains("is open to others; chmod 600"), problem);
        assertEquals("echo", ask(certificate, "GET", "/v1/echo", TOKEN).body());
    }

    @Test
    void shouldNotStartWithFilesThatAreNone() throws Exception {
        Path wrong = Files.writeString(directory.resolve("wrong"), "-----BEGIN NOTHING-----\n");
        Files.setPosixFilePermissions(wrong, PosixFilePermissions.fromString("rw-------"));
        InetSocketAddress listen = new InetSocketAddress(HERE, 0);
        Path absent = directory.resolve("absent");
        for (AdminRemote remote : List.of(
                new AdminRemote(listen, absent, certificate.key(), tokens),
                new AdminRemote(listen, wrong, certificate.key(), tokens),
                new AdminRemote(listen, certificate.certificate(), wrong, tokens),
                new AdminRemote(listen, certificate.certificate(), certificate.key(), absent))) {
            Counters own = new Counters();
            AdminConfig config =
                    new AdminConfig(AdminSocket.of(directory.resolve("t")), null, remote, AdminLimits.DEFAULT);
            AdminServer never = new AdminServer(config, new AdminMetrics(own), own);
            assertEquals(
                    ExitCode.CONFIG, assertThrows(Fatal.class, never::start).exitCode());
            assertTrue(Files.notExists(directory.resolve("t")), "nothing is left behind");
        }
    }

    private AdminConfig config(TestCertificate own, Path tokenFile, int port, InetSocketAddress metrics) {
        return new AdminConfig(
                AdminSocket.of(directory.resolve("s")),
                metrics,
                new AdminRemote(new InetSocketAddress(HERE, port), own.certificate(), own.key(), tokenFile),
                new AdminLimits(64 * 1024, 2_000, 2_000, 16));
    }

    private Path tokens(String name, String token) throws IOException {
        Path file = Files.writeString(directory.resolve(name), token + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private int port() {
        return server.remoteAddress().getPort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, HERE)) {
            return socket.getLocalPort();
        }
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + port() + path);
    }

    private HttpRequest request(String method, String path, String token) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path)).method(method, HttpRequest.BodyPublishers.noBody());
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    private static HttpClient client(TestCertificate trusted) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusted.trusted())
                .build();
    }

    private HttpResponse<String> ask(TestCertificate trusted, String method, String path, String token)
            throws Exception {
        try (HttpClient client = client(trusted)) {
            return client.send(request(method, path, token), text());
        }
    }

    private static HttpResponse.BodyHandler<String> text() {
        return HttpResponse.BodyHandlers.ofString();
    }
}
