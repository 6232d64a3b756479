/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminServer;
import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The page as a browser gets it: what it may do, what it consists of, and what it is told. */
@Timeout(60)
class WebPageIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href|from)\\s*=?\\s*[\"']([^\"']+)[\"']");

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private long nowNs = 1_000_000_000L;
    private volatile boolean enabled = true;
    private final WebFeed feed =
            new WebFeed(() -> Json.read(CliSamples.STATUS, CliStatus.class), () -> nowNs, counters);
    private AdminServer server;

    @BeforeEach
    void start() {
        AdminConfig config = AdminConfig.of(directory.resolve("s"), null);
        server = new WebPage(() -> enabled, feed.stream())
                .register(new AdminServer(config, new AdminMetrics(counters), counters));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldServeAPageThatMayDoNothingElse() throws Exception {
        for (String path : WebPage.ASSETS.keySet()) {
            String answer = get(path);
            assertTrue(answer.startsWith("HTTP/1.1 200 "), path);
            assertTrue(
                    answer.contains(
                            "\r\ncontent-type: " + WebPage.ASSETS.get(path).type()),
                    answer);
            assertTrue(answer.contains("\r\nContent-Security-Policy: default-src 'none'; script-src 'self';"), answer);
            assertTrue(answer.contains("\r\nX-Content-Type-Options: nosniff"), answer);
            assertTrue(answer.contains("\r\nX-Frame-Options: DENY"), answer);
        }
        for (String lax : new String[] {"unsafe", "*", "http:", "https:", "data:"}) {
            assertFalse(WebPage.POLICY.contains(lax), lax);
        }
    }

    @Test
    void shouldConsistOfWhatTheJarHoldsAndNothingElse() {
        Set<String> referred = new TreeSet<>();
        for (WebPage.Asset asset : WebPage.ASSETS.values()) {
            String text = new String(WebPage.bytes(asset.file()), StandardCharsets.UTF_8);
            String known = text.replace("http://www.w3.org/2000/svg", "");
            assertFalse(known.matches("(?s).*(https?:)?//[a-z].*"), asset.file() + " names another host");
            assertFalse(known.matches("(?s).*(innerHTML|insertAdjacentHTML|document\\.write|eval\\().*"), asset.file());
            Matcher matcher = REFERENCE.matcher(known);
            while (matcher.find()) {
                referred.add(matcher.group(1));
            }
        }
        referred.removeIf(one -> one.startsWith("#"));
        for (String one : referred) {
            String path = one.startsWith("./") ? "/web/" + one.substring(2) : one;
            assertTrue(WebPage.ASSETS.containsKey(path), one + " is not served");
        }
        assertTrue(referred.contains("/web/app.js") && referred.contains("./draw.js"), referred.toString());
    }

    @Test
    void shouldKeepScriptAndStyleOutOfThePage() {
        String page = new String(WebPage.bytes("index.html"), StandardCharsets.UTF_8);
        boolean inline = page.contains("<style") || page.matches("(?s).*<[^>]+ (style|on[a-z]+)=.*");
        assertFalse(inline, "by the policy it would not work");
        assertFalse(page.matches("(?s).*<script[^>]*>[^<\\s].*"), "a script of its own");
        assertTrue(page.contains("<html lang=") && page.contains("<noscript>") && page.contains("<main "));
        String style = new String(WebPage.bytes("style.css"), StandardCharsets.UTF_8);
        assertTrue(style.contains("prefers-color-scheme: dark") && style.contains("forced-colors: active"));
    }

    @Test
    void shouldTellAnOpenPageHowThingsStandAndHowTheyWere() throws Exception {
        for (int i = 0; i < 130; i++) {
            feed.run();
            nowNs += 1_000_000_000L;
        }
        try (SocketChannel page = asking("/v1/events")) {
            page.configureBlocking(false);
            StringBuilder heard = new StringBuilder();
            Await.until("a greeting", SOON, () -> heard(page, heard).contains("\n\n"));
            JsonNode hello = data(heard, "hello");
            assertEquals("fw-a", hello.at("/status/node").asString());
            assertEquals(0, hello.at("/status/counters").size(), "most of the status, and not for a page");
            assertEquals(130, hello.at("/past/seconds").size());
            assertEquals(2, hello.at("/past/minutes").size());
            assertEquals("[1000,1000,0,0.0,0,2400]", hello.at("/past/seconds/0").toString());
            feed.run();
            Await.until("an event", SOON, () -> heard(page, heard).contains("event: status\n"));
            JsonNode now = data(heard, "status");
            assertEquals(131_000, now.at("/nowMs").asLong());
            assertEquals(131_000, now.at("/sample/0").asLong());
            feed.end();
            Await.until("the end", SOON, () -> {
                heard(page, heard);
                return !feed.stream().watched();
            });
        }
    }

    @Test
    void shouldNotBeThereUnlessItIsWished() throws Exception {
        enabled = false;
        for (String path : new String[] {"/", "/web/app.js", "/v1/events"}) {
            assertTrue(get(path).startsWith("HTTP/1.1 404 "), path);
        }
        enabled = true;
        assertTrue(get("/").startsWith("HTTP/1.1 200 "));
        assertTrue(get("/web/nothing.js").startsWith("HTTP/1.1 404 "));
        assertTrue(get("/web/../index.html").startsWith("HTTP/1.1 404 "));
    }

    private static JsonNode data(StringBuilder heard, String event) {
        int at = heard.indexOf("event: " + event + "\ndata: ");
        assertTrue(at >= 0, heard.toString());
        int from = heard.indexOf("data: ", at) + 6;
        return Json.read(heard.substring(from, heard.indexOf("\n\n", from)), JsonNode.class);
    }

    private SocketChannel asking(String path) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("s")));
        channel.write(ByteBuffer.wrap(
                ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        return channel;
    }

    private String get(String path) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer chunk = ByteBuffer.allocate(16 * 1024);
        try (SocketChannel channel = asking(path)) {
            while (channel.read(chunk) >= 0) {
                all.write(chunk.array(), 0, chunk.position());
                chunk.clear();
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static String heard(SocketChannel page, StringBuilder heard) {
        ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
        try {
            while (page.read(chunk) > 0) {
                heard.append(StandardCharsets.UTF_8.decode(chunk.flip()));
                chunk.clear();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return heard.toString();
    }
}
