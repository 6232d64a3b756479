/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask for much and read nothing. */
@Timeout(60)
class AdminOutboxIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int CLIENTS = 10;

    /** Beyond what a socket's buffer takes. */
    private static final int LONG_BYTES = (int) (AdminOutbox.BYTES_MAX / 2);

    @TempDir
    private Path directory;

    @Test
    void shouldHoldNoMoreThanItMayAndGoOnServing() throws Exception {
        Counters counters = new Counters();
        Path socket = directory.resolve("admin.sock");
        String longText = "x".repeat(LONG_BYTES);
        AdminClient client = new AdminClient(socket, SOON);
        try (AdminServer server = new AdminServer(AdminConfig.of(socket, null), new AdminMetrics(counters), counters)
                .route("GET", "/v1/long", request -> AdminResponse.text(200, longText))) {
            server.start();
            List<RawClient> readers = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    RawClient reader = new RawClient(socket);
                    readers.add(reader);
                    assertTrue(reader.send("GET /v1/long HTTP/1.1\r\nHost: x\r\n\r\n"));
                }
                Await.until("all are answered", SOON, () -> counters.value("admin_requests_total") == CLIENTS);
                assertEquals(CLIENTS - 2, counters.value("admin_refused_total"));
                assertEquals(503, client.get("/v1/long").status());
                assertEquals(200, client.get("/healthz").status());
            } finally {
                for (RawClient reader : readers) {
                    reader.close();
                }
            }
            Await.until(
                    "there is room again", SOON, () -> client.get("/v1/long").status() == 200);
            assertEquals(longText, client.get("/v1/long").body());
        }
    }
}
