/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.testkit.Fuzz;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a client sends, it gets an HTTP answer or a closed connection, never the server's fault, and the next one is served. */
class AdminFuzzIT {
    record Asked(boolean on, long number, String word) {}

    @TempDir
    private Path directory;

    @Test
    void shouldAnswerWhateverAClientSendsAndServeTheNext() {
        Path socket = directory.resolve("s");
        Counters counters = new Counters();
        AdminConfig config = AdminConfig.of(socket, null);
        try (AdminServer server = new AdminServer(config, new AdminMetrics(counters), counters)
                .route("GET", "/v1/echo", request -> AdminResponse.ok(request.number("number", 1, 0, 100)))
                .route("POST", "/v1/echo", request -> AdminResponse.ok(request.json(Asked.class)))) {
            server.start();
            AdminClient good = new AdminClient(socket, Duration.ofSeconds(20));
            int[] cases = {0};
            Fuzz.of("admin-http", requests())
                    .words(
                            " ",
                            "\r\n",
                            "?",
                            "&",
                            "=",
                            "%",
                            "%ff",
                            "%00",
                            ":",
                            "{",
                            "}",
                            "[",
                            "\"",
                            "Content-Length: ",
                            "chunked")
                    .run(4_000, bytes -> {
                        if (++cases[0] % 16 == 0) {
                            assertEquals(200, good.get("/v1/echo").status(), "the next request");
                        }
                        return ask(socket, bytes);
                    });
        }
    }

    private static long ask(Path socket, byte[] bytes) throws Exception {
        try (RawClient client = new RawClient(socket)) {
            client.send(bytes);
            client.finish();
            String answer = client.readAll();
            assertFalse(answer.startsWith("HTTP/1.1 500"), answer);
            assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 ") || answer.startsWith("\n<"), answer);
            return answer.length() < 12
                    ? answer.length()
                    : 1_000 * answer.length() + Integer.parseInt(answer.substring(9, 12));
        }
    }

    private static List<byte[]> requests() {
        String body = "{\"on\":true,\"number\":5,\"word\":\"x\"}";
        return List.of(
                bytes("GET /v1/echo?number=7&word=a%20b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                bytes("POST /v1/echo HTTP/1.1\r\nHost: l\r\nContent-Length: " + body.length() + "\r\n\r\n" + body),
                bytes("POST /v1/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
