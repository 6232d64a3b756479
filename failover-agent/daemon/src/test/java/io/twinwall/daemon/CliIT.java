/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminRequest;
import io.twinwall.admin.AdminResponse;
import io.twinwall.admin.AdminServer;
import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.protocol.Precheck;
import io.twinwall.protocol.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
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

    private final List<String> actions = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile List<String> statuses = List.of(CliSamples.STATUS);
    private volatile CliAction.Answer answer = new CliAction.Answer(true, null);
    private volatile Precheck precheck = new Precheck(true, List.of(), List.of());
    private volatile boolean forced;
    private volatile CliReload.Answer reloaded;
    private volatile CliAction.Answer vetoed;
    private volatile Function<String, CliVerify> verified;
    private final List<Long> pauses = new CopyOnWriteArrayList<>();
    private final CliScreen screen = new CliScreen() {
        @Override
        public boolean terminal() {
            return terminal;
        }

        @Override
        public boolean pause(long ms) {
            pauses.add(ms);
            return pauses.size() < looks;
        }
    };
    private boolean terminal;
    private int looks = 1;
    private final Map<String, String> flowsAsked = new ConcurrentHashMap<>();
    private volatile String flows = "{\"flows\":[]}";
    private AdminServer server;
    private Path socket;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        socket = directory.resolve("admin.sock");
        Counters counters = new Counters();
        server = new AdminServer(AdminConfig.of(socket, null), new AdminMetrics(counters), counters)
                .route("GET", StatusRoutes.STATUS, request -> json(status()))
                .route(
                        "GET",
                        StatusRoutes.SCREEN,
                        request -> StatusRoutes.screen(Json.read(status(), CliStatus.class), request))
                .route(
                        "GET",
                        "/v1/verify",
                        request ->
                                AdminResponse.ok(verified.apply(request.query().get("now"))))
                .route("GET", "/v1/flows", request -> {
                    flowsAsked.clear();
                    flowsAsked.putAll(request.query());
                    return json(flows);
                })
                .route("GET", "/v1/precheck", request -> {
                    actions.add(request.query().get("action"));
                    return AdminResponse.ok(precheck);
                })
                .route("POST", "/v1/reload", request -> AdminResponse.ok(reloaded))
                .route("POST", "/v1/veto", request -> AdminResponse.ok(vetoed))
                .route("POST", "/v1/promote", this::switchover)
                .route("POST", "/v1/maintenance", request -> {
                    actions.add(new String(request.body(), StandardCharsets.UTF_8));
                    return AdminResponse.ok(answer);
                })
                .route("POST", "/v1/switchover", this::switchover);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String status() {
        return statuses.get(Math.min(asked.getAndIncrement(), statuses.size() - 1));
    }

    @Test
    void shouldShowTheSameStatusWithAndWithoutTheParser() {
        assertEquals(0, run("status", "--socket", socket.toString()), err);
        String plain = out;
        assertEquals(0, run("status", "--socket=" + socket), err);
        assertEquals(plain, out);
        assertEquals(69, run("status", "--socket", socket + "2"));
        String nobody = err;
        assertEquals(69, run("status", "--socket=" + socket + "2"));
        assertEquals(nobody, err);
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
    void shouldAskForFlowsInTheWordsOfConntrack() {
        String at = "--socket=" + socket;
        assertEquals(0, run("flows", "-p", "tcp", "-s", "10.0.0.0/8", "--dport", "80-90", "-m", "0x10/0xf0", at), err);
        assertEquals(
                Map.of("protocol", "tcp", "src", "10.0.0.0/8", "dport", "80-90", "mark", "0x10/0xf0", "limit", "1000"),
                flowsAsked);
        assertEquals("", out);
        assertEquals("twinwall: 0 flows shown\n", err);
        assertEquals(0, run("flows", "--src-nat", "-g", "192.0.2.7", "-j", "-w", "5", "--limit", "7", at), err);
        assertEquals(
                Map.of("src-nat", "any", "dst-nat", "192.0.2.7", "any-nat", "any", "zone", "5", "limit", "7"),
                flowsAsked);
        flows = "{\"flows\":[],\"more\":true,\"count\":1234567}";
        assertEquals(0, run("flows", "--count", "--state", "established", at), err);
        assertEquals(Map.of("state", "established", "count", "true", "limit", "0"), flowsAsked);
        assertEquals("1234567\n", out);
        assertEquals(0, run("flows", "-o", "json", at), err);
        assertEquals(flows + "\n", out);
        assertEquals(0, run("flows", "-o", "extended", at), err);
        assertTrue(err.contains("there are more: --limit N"), err);
        assertEquals(64, run("flows", "-s", "10.0.0", at));
        assertTrue(err.contains("src: expected an address, or a net such as 10.0.0.0/8, found '10.0.0'"), err);
        assertEquals(64, run("flows", "-o", "xml", at));
    }

    @Test
    void shouldShowTheStatusAgainAndAgain() {
        statuses = List.of(CliSamples.status("BACKUP", "MASTER", 3), CliSamples.status("MASTER", "BACKUP", 4));
        looks = 3;
        assertEquals(0, run("status", "--watch", "--socket", socket.toString()), err);
        assertEquals(List.of(2_000L, 2_000L, 2_000L), pauses);
        assertTrue(out.startsWith("             fw-a (here)      fw-b\nrole         BACKUP           MASTER\n"), out);
        assertEquals(3, out.split("fw-a \\(here\\)", -1).length - 1);
        pauses.clear();
        terminal = true;
        assertEquals(0, run("status", "--watch", "0.5", "--socket", socket.toString()), err);
        assertEquals(List.of(500L, 500L, 500L), pauses);
        assertTrue(out.startsWith("\033[2J\033[H"), out);
        assertTrue(out.endsWith("\033[K\n\033[J"), out);
        assertEquals(3, out.split("\033\\[H", -1).length - 1);
    }

    @Test
    void shouldGoOnWatchingWhileTheDaemonIsAway() {
        looks = 2;
        server.close();
        assertEquals(0, run("status", "--watch", "1", "--socket", socket.toString()), err);
        assertEquals(2, out.split("twinwall: no daemon answers at ", -1).length - 1);
        assertEquals(64, run("status", "--watch", "0", "--socket", socket.toString()));
        assertTrue(err.contains("--watch: expected 0.2..3600, found 0"), err);
        assertEquals(64, run("status", "--watch", "never", "--socket", socket.toString()));
    }

    @Test
    void shouldSayByItsExitCodeWhetherAllIsEqual() {
        verified = now -> CliSamples.verify(true, "true".equals(now));
        assertEquals(0, run("verify", "--socket", socket.toString()), err);
        assertTrue(out.startsWith("equal for 12 s, 1,000 flows, 3 refused\n"), out);
        assertEquals(0, run("verify", "--now", "--socket", socket.toString()), err);
        assertEquals(0, run("verify", "--now", "--json", "--socket", socket.toString()), err);
        assertTrue(out.contains("\"complete\":true") && out.contains("\"name\":\"kernel-table\""), out);
        verified = now -> CliSamples.verify(false, true);
        assertEquals(1, run("verify", "--socket", socket.toString()), err);
        assertTrue(out.startsWith("not known to be equal, "), out);
        verified = now -> CliSamples.verify(true, false);
        assertEquals(1, run("verify", "--now", "--socket", socket.toString()), "not all was compared in time");
    }

    @Test
    void shouldWaitUntilTheRolesHaveMoved() {
        String before = CliSamples.status("MASTER", "BACKUP", 3);
        String between = CliSamples.status("BACKUP", "BACKUP", 4);
        statuses = List.of(before, before, between, CliSamples.status("BACKUP", "MASTER", 4));
        assertEquals(0, run("switchover", "--force", "--socket", socket.toString()), err);
        assertTrue(out.matches("nothing would be lost\nfw-b is active now, term 4, after \\d+ ms\n"), out);
        assertTrue(forced);
        assertEquals(4, asked.get());
    }

    @Test
    void shouldSayWhyASwitchoverIsRefused() {
        answer = new CliAction.Answer(false, "peer is SYNCING");
        assertEquals(1, run("switchover", "--socket", socket.toString()), err);
        assertEquals("nothing would be lost\nno switchover: peer is SYNCING\nfw-a stays active\n", out);
        assertEquals(1, run("switchover", "--json", "--socket", socket.toString()), err);
        assertTrue(
                out.startsWith(
                        "{\"done\":false,\"reason\":\"peer is SYNCING\",\"role\":\"MASTER\",\"active\":\"fw-a\",\"term\":3,"),
                out);
    }

    @Test
    void shouldGiveUpWhenTheRolesDoNotMove() {
        assertEquals(1, run("switchover", "--timeout-ms", "60", "--socket", socket.toString()), err);
        assertTrue(out.contains("the roles have not moved within 60 ms\nfw-a stays active\n"), out);
    }

    @Test
    void shouldNotPromiseOfForceWhatItCannotDo() {
        precheck = new Precheck(false, List.of(), List.of(Refusal.NO_PEER.text(), Refusal.NOT_READY.text()));
        assertEquals(1, run("switchover", "--socket", socket.toString()), err);
        assertTrue(!out.contains("--force"), out);
        precheck = new Precheck(false, List.of(), List.of(Refusal.IN_MAINTENANCE.text()));
        assertEquals(1, run("promote", "--socket", socket.toString()), err);
        assertTrue(!out.contains("--force"), out);
        precheck = new Precheck(false, List.of(), List.of(Refusal.NOT_READY.text()));
        assertEquals(1, run("maintenance", "on", "--socket", socket.toString()), err);
        assertTrue(!out.contains("--force"), out);
        assertEquals(1, run("switchover", "--socket", socket.toString()), err);
        assertTrue(out.contains("--force does it all the same\n"), out);
    }

    @Test
    void shouldSayWhatWouldBeLostAndAskOnlyWhenForced() {
        precheck = new Precheck(false, List.of("1,200 flows"), List.of(Refusal.NOT_READY.text()));
        answer = new CliAction.Answer(true, null);
        statuses = List.of(CliSamples.status("BACKUP", "MASTER", 3));
        assertEquals(1, run("promote", "--socket", socket.toString()), err);
        assertEquals("""
                would be lost: 1,200 flows
                objection: the other node is not ready: its copy of the flows is not complete
                no promotion: the other node is not ready: its copy of the flows is not complete
                --force does it all the same
                fw-b stays active
                """, out);
        assertEquals(1, run("promote", "--dry-run", "--force", "--socket", socket.toString()), err);
        assertEquals(List.of("promote", "promote"), actions);
        assertTrue(!forced, "nothing was asked");
        assertTrue(!out.contains("--force"), out);
        String before = CliSamples.status("BACKUP", "MASTER", 3);
        statuses = List.of(before, before, before, before, CliSamples.status("MASTER", "BACKUP", 4));
        asked.set(0);
        assertEquals(0, run("promote", "--force", "--json", "--socket", socket.toString()), err);
        assertTrue(forced);
        assertTrue(
                out.startsWith("{\"done\":true,\"reason\":null,\"role\":\"MASTER\",\"active\":\"fw-a\",\"term\":4,"),
                out);
        assertTrue(out.contains("\"precheck\":{\"allowed\":false,\"losses\":[\"1,200 flows\"]"), out);
    }

    @Test
    void shouldCheckOnlyWhenAskedTo() {
        assertEquals(0, run("switchover", "--dry-run", "--socket", socket.toString()), err);
        assertEquals("nothing would be lost\nit would be done; nothing was asked\n", out);
        assertEquals(1, asked.get());
    }

    @Test
    void shouldSwitchMaintenanceOnAndOff() {
        String master = CliSamples.status("MASTER", "BACKUP", 3);
        String out1 = CliSamples.status("MAINTENANCE", "MASTER", 4);
        statuses = List.of(master, master, out1);
        assertEquals(0, run("maintenance", "on", "--socket", socket.toString()), err);
        assertTrue(out.matches("(?s).*this node is MAINTENANCE now, fw-b is active, after \\d+ ms\n"), out);
        statuses = List.of(out1, CliSamples.status("BACKUP", "MASTER", 4));
        asked.set(0);
        assertEquals(0, run("maintenance", "off", "--socket", socket.toString()), err);
        assertTrue(out.startsWith("this node is BACKUP now, fw-b is active"), out);
        assertEquals(
                List.of("maintenance", "{\"on\":true,\"force\":false}", "{\"on\":false,\"force\":false}"), actions);
    }

    @Test
    void shouldTellWhatAReloadCameTo() {
        reloaded = new CliReload.Answer(true, List.of("hook", "track"), List.of(), List.of(), null);
        assertEquals(0, run("reload", "--socket", socket.toString()), err);
        assertEquals("in place: hook, track\n", out);
        reloaded = new CliReload.Answer(false, List.of(), List.of("t.toml:3: x"), List.of(), "the file is wrong");
        assertEquals(78, run("reload", "--socket", socket.toString()), err);
        assertEquals("nothing was changed: the file is wrong\n  t.toml:3: x\n", out);
        reloaded = new CliReload.Answer(false, List.of(), List.of(), List.of("peer: why"), "a restart is needed");
        assertEquals(1, run("reload", "--json", "--socket", socket.toString()), err);
        assertTrue(out.contains("\"refused\":[\"peer: why\"]"), out);
    }

    @Test
    void shouldExamineThisHostAndAskTheDaemonThatRuns() throws Exception {
        Path config = Files.writeString(
                directory.resolve("t.toml"), ConfigSamples.SHORT + "[admin]\nsocket = \"" + socket + "\"\n");
        statuses = List.of(CliSamples.STATUS.replace("\"ALIVE\"", "\"LOST\""));
        assertEquals(1, run("doctor", "--config", config.toString()), err);
        assertTrue(out.startsWith("fw-a: twinwall (not packaged), Linux "), out);
        assertTrue(out.contains("\nerror: peer-silent\n  fw-b is not heard.\n"), out);
        assertTrue(out.contains("\nwarning: alarm\n  The daemon alarms STEP_FAILED: VIPS: no wan0.\n"), out);
        assertTrue(out.contains("\nerror: vip-interface\n"), "this host has no lan0: " + out);
        assertEquals(1, run("doctor", "--json", "--config", config.toString()), err);
        assertTrue(out.contains("\"daemonRuns\":true") && out.contains("\"id\":\"peer-silent\""), out);
        String nobody = directory.resolve("nobody.sock").toString();
        assertEquals(1, run("doctor", "--json", "--config", config.toString(), "--socket", nobody), err);
        assertTrue(out.contains("\"daemonRuns\":false") && out.contains("\"id\":\"daemon-not-running\""), out);
        assertTrue(!out.contains("peer-silent"), out);
        statuses = List.of("[1]");
        assertEquals(1, run("doctor", "--config", config.toString()), err);
        assertTrue(
                out.contains("the daemon, the peer, replication, the event buffer. The daemon does not answer: "), out);
        assertEquals(78, run("doctor", "--config", directory.resolve("none").toString()));
    }

    @Test
    void shouldTellWhatAVetoCameTo() {
        vetoed = new CliAction.Answer(true, "fw-b does not take over by itself");
        assertEquals(0, run("veto", "--socket", socket.toString()), err);
        assertEquals("fw-b does not take over by itself\n", out);
        vetoed = new CliAction.Answer(false, "no takeover waits at fw-b");
        assertEquals(1, run("veto", "--socket", socket.toString()), err);
        assertEquals("no veto: no takeover waits at fw-b\n", out);
        assertEquals(1, run("veto", "--json", "--socket", socket.toString()), err);
        assertEquals("{\"accepted\":false,\"reason\":\"no takeover waits at fw-b\"}\n", out);
    }

    @Test
    void shouldRefuseAnAnswerItDoesNotUnderstand() {
        flows = "[1]";
        assertEquals(65, run("flows", "--socket", socket.toString()));
        assertTrue(err.contains("of one version?"), err);
    }

    private AdminResponse switchover(AdminRequest request) {
        forced = request.json(CliAction.Request.class).force();
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
                        },
                        screen)
                .run(
                        args,
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
