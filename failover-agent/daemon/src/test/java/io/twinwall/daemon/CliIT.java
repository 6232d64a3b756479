/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.base.Counters;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line against a real admin server with scripted answers. */
@Timeout(60)
class CliIT {
    @TempDir
    private Path directory;

    private final AtomicInteger asked = new AtomicInteger();
    private volatile List<String> statuses = List.of(CliSamples.STATUS);
    private volatile CliSwitchover.Answer answer = new CliSwitchover.Answer(true, null);
    private volatile boolean forced;
    private AdminServer server;
    private Path socket;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        socket = directory.resolve("admin.sock");
        Counters counters = new Counters();
        server = new AdminServer(AdminConfig.of(socket, null), new AdminMetrics(counters), counters)
                .route(
                        "GET",
                        "/v1/status",
                        request -> json(statuses.get(Math.min(asked.getAndIncrement(), statuses.size() - 1))))
                .route("GET", "/v1/flows", request -> json("{\"flows\":[]}"))
                .route("POST", "/v1/switchover", this::switchover);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldShowStatusFromTheSocketNamedOrConfigured() throws Exception {
        assertEquals(0, run("status", "--socket", socket.toString()), err);
        assertTrue(out.contains("role         MASTER           BACKUP\n"), out);
        Path config = Files.writeString(
                directory.resolve("t.toml"), ConfigSamples.SHORT + "[admin]\nsocket = \"" + socket + "\"\n");
        assertEquals(0, run("status", "--json", "--config", config.toString()), err);
        assertEquals(CliSamples.STATUS, out);
        assertEquals(0, run("flows", "--json", "--socket", socket.toString()), err);
        assertEquals("{\"flows\":[]}\n", out);
    }

    @Test
    void shouldWaitUntilTheRolesHaveMoved() {
        String before = CliSamples.status("MASTER", "BACKUP", 3);
        String between = CliSamples.status("BACKUP", "BACKUP", 4);
        statuses = List.of(before, before, between, CliSamples.status("BACKUP", "MASTER", 4));
        assertEquals(0, run("switchover", "--force", "--socket", socket.toString()), err);
        assertTrue(out.matches("fw-b is active now, term 4, after \\d+ ms\n"), out);
        assertTrue(forced);
        assertEquals(4, asked.get());
    }

    @Test
    void shouldSayWhyASwitchoverIsRefused() {
        answer = new CliSwitchover.Answer(false, "peer is SYNCING");
        assertEquals(1, run("switchover", "--socket", socket.toString()), err);
        assertEquals("no switchover: peer is SYNCING\nfw-a stays active\n", out);
        assertEquals(1, run("switchover", "--json", "--socket", socket.toString()), err);
        assertTrue(
                out.startsWith("{\"switched\":false,\"reason\":\"peer is SYNCING\",\"active\":\"fw-a\",\"term\":3,"),
                out);
    }

    @Test
    void shouldGiveUpWhenTheRolesDoNotMove() {
        assertEquals(1, run("switchover", "--timeout-ms", "60", "--socket", socket.toString()), err);
        assertTrue(out.contains("the roles have not moved within 60 ms\nfw-a stays active\n"), out);
    }

    @Test
    void shouldRefuseAnAnswerItDoesNotUnderstand() {
        statuses = List.of("[1]");
        assertEquals(65, run("status", "--socket", socket.toString()));
        assertTrue(err.contains("of one version?"), err);
    }

    private AdminResponse switchover(AdminRequest request) {
        forced = request.json(CliSwitchover.Request.class).force();
        return AdminResponse.ok(answer);
    }

    private static AdminResponse json(String json) {
        return new AdminResponse(200, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    private int run(String... args) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = new Main(
                        () -> {
                            throw new AssertionError();
                        },
                        () -> {
                            throw new AssertionError();
                        })
                .run(
                        args,
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
