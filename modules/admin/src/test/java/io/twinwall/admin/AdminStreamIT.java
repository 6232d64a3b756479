/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.admin.AdminConfig.AdminSocket;
import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AdminStreamIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private final AdminStream stream = new AdminStream(2, () -> bytes("{\"state\":1}"), counters);
    private AdminServer server;

    @BeforeEach
    void start() {
        AdminLimits limits = new AdminLimits(64 * 1024, 300, 300, 16);
        AdminConfig config = new AdminConfig(AdminSocket.of(directory.resolve("s")), null, null, limits);
        server = new AdminServer(config, new AdminMetrics(counters), counters)
                .route("GET", "/v1/events", request -> AdminResponse.streaming(stream));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldGreetAClientAndTellItEachEvent() throws Exception {
        assertFalse(stream.watched());
        stream.send("status", bytes("{\"nobody\":1}"));
        try (Listener listener = new Listener()) {
            listener.await("event: hello\ndata: {\"state\":1}\n\n");
            String head = listener.heard();
            assertTrue(head.startsWith("HTTP/1.1 200 OK\r\n") && head.contains("text/event-stream"), head);
            assertFalse(head.contains("nobody"), head);
            assertTrue(stream.watched());
            stream.send("status", bytes("{\"n\":1}"));
            listener.await("event: status\ndata: {\"n\":1}\n\n");
            // Longer than any other answer may take.
            Await.until("it goes on", SOON, () -> {
                stream.send("status", bytes("{\"n\":2}"));
                return listener.heard().split("\"n\":2", -1).length > 20;
            });
        }
        Await.until("it has left", SOON, () -> !stream.watched() && counters.value("admin_streams") == 0);
        assertEquals(0, counters.value("admin_streams_dropped_total"));
    }

    @Test
    void shouldTellNoMoreClientsThanItMay() throws Exception {
        try (Listener one = new Listener();
                Listener two = new Listener()) {
            one.await("hello");
            two.await("hello");
            try (Listener three = new Listener()) {
                three.await("HTTP/1.1 503 ");
            }
            stream.send("status", bytes("{}"));
            one.await("event: status");
            two.await("event: status");
        }
        Await.until("both have left", SOON, () -> !stream.watched());
        try (Listener again = new Listener()) {
            again.await("hello");
        }
    }

    @Test
    void shouldDropAClientThatDoesNotReadWithoutHurtingTheOthers() throws Exception {
        byte[] large = bytes("{\"x\":\"" + "y".repeat(64 * 1024) + "\"}");
        try (SocketChannel deaf = asking();
                Listener good = new Listener()) {
            good.await("hello");
            Await.until("the deaf one is dropped", SOON, () -> {
                stream.send("status", large);
                good.drain();
                return counters.value("admin_streams_dropped_total") == 1;
            });
            assertTrue(deaf.isOpen());
            good.forget();
            stream.send("status", bytes("{\"still\":true}"));
            Await.until("the other is told", SOON, () -> {
                stream.send("status", bytes("{\"still\":true}"));
                return good.heard().contains("{\"still\":true}");
            });
        }
    }

    @Test
    void shouldEndWithItsServer() throws Exception {
        try (Listener listener = new Listener()) {
            listener.await("hello");
            server.close();
            Await.until("it is over", SOON, listener::over);
            stream.send("status", bytes("{}"));
        }
    }

    private SocketChannel asking() throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("s")));
        channel.write(ByteBuffer.wrap(bytes("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")));
        return channel;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what has come, when it is asked. */
    private final class Listener implements AutoCloseable {
        private final SocketChannel channel = asking();
        private final StringBuilder heard = new StringBuilder();
        private final ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
        private boolean over;

        Listener() throws IOException {
            channel.configureBlocking(false);
        }

        void await(String what) {
            Await.until(what, SOON, () -> heard().contains(what));
        }

        String heard() {
            drain();
            return heard.toString();
        }

        boolean over() {
            drain();
            return over;
        }

        void forget() {
            drain();
            heard.setLength(0);
        }

        void drain() {
            try {
                int count = channel.read(chunk);
                while (count > 0) {
                    heard.append(StandardCharsets.UTF_8.decode(chunk.flip()));
                    chunk.clear();
                    count = channel.read(chunk);
                }
                over |= count < 0;
            } catch (IOException e) {
                over = true;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
