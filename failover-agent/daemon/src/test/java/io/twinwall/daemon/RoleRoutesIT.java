/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminServer;
import io.twinwall.base.Counters;
import io.twinwall.protocol.Action;
import io.twinwall.protocol.Precheck;
import io.twinwall.protocol.RoleEffect;
import io.twinwall.protocol.RoleEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator's routes over a real socket, with a role agent that answers what the test says. */
@Timeout(60)
class RoleRoutesIT {
    @TempDir
    private Path directory;

    private final List<RoleEvent> posted = new ArrayList<>();
    private final List<Action> checked = new ArrayList<>();
    private final Counters counters = new Counters();
    private final RoleJournal journal =
            new RoleJournal(counters, () -> 0, occasion -> {}, new Told(), Optional.empty());
    private Precheck precheck = new Precheck(true, List.of("3 flows"), List.of());
    private boolean answering = true;
    private AdminServer server;
    private AdminClient client;

    @BeforeEach
    void start() {
        RoleRoutes routes = new RoleRoutes(
                this::post,
                action -> {
                    checked.add(action);
                    return precheck;
                },
                journal,
                () -> new CliReload.Answer(true, List.of("hook"), List.of(), List.of(), null),
                Runnable::run);
        AdminConfig config = AdminConfig.of(directory.resolve("s"), null);
        server = routes.register(new AdminServer(config, new AdminMetrics(counters), counters));
        server.start();
        client = new AdminClient(directory.resolve("s"), Duration.ofSeconds(20));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldTellWhatWouldBeLost() {
        assertEquals(
                "{\"allowed\":true,\"losses\":[\"3 flows\"],\"refusals\":[]}",
                client.get("/v1/precheck?action=switchover").body().strip());
        assertEquals(200, client.get("/v1/precheck?action=promote").status());
        assertEquals(List.of(Action.SWITCHOVER, Action.PROMOTE), checked);
        for (String query : List.of("", "?action=", "?action=PROMOTE", "?action=reboot")) {
            AdminClient.Reply reply = client.get("/v1/precheck" + query);
            assertEquals(400, reply.status());
            assertTrue(reply.body().contains("one of switchover, promote, maintenance"), reply.body());
        }
    }

    @Test
    void shouldPostWhatIsAskedAndGiveTheAnswer() {
        assertEquals(
                "{\"accepted\":true,\"reason\":\"done\"}",
                client.post("/v1/switchover", "").body().strip());
        client.post("/v1/promote", "{\"force\":true}");
        client.post("/v1/maintenance", "{\"on\":true}");
        client.post("/v1/maintenance", "{\"on\":false}");
        client.post("/v1/veto", "");
        assertEquals(
                List.of(
                        new RoleEvent.SwitchoverAsked(false),
                        new RoleEvent.PromoteAsked(true),
                        new RoleEvent.MaintenanceAsked(true),
                        new RoleEvent.MaintenanceAsked(false),
                        new RoleEvent.VetoAsked()),
                posted);
        assertTrue(client.post("/v1/reload", "").body().contains("\"parts\":[\"hook\"]"));
    }

    @Test
    void shouldSayThatItIsUnderWayWhenTheRolesTakeTheirTime() {
        answering = false;
        assertEquals(
                "{\"accepted\":true,\"reason\":\"under way\"}",
                client.post("/v1/switchover", "").body().strip());
        assertTrue(client.post("/v1/promote", "").body().contains("another request is under way"));
    }

    @Test
    void shouldRefuseMaintenanceThatTheCheckObjectsToUnlessForced() {
        precheck = new Precheck(false, List.of(), List.of("nobody else is there"));
        assertEquals(
                "{\"accepted\":false,\"reason\":\"nobody else is there\"}",
                client.post("/v1/maintenance", "{\"on\":true}").body().strip());
        assertEquals(List.of(), posted);
        client.post("/v1/maintenance", "{\"on\":true,\"force\":true}");
        client.post("/v1/maintenance", "{\"on\":false}");
        assertEquals(2, posted.size());
    }

    @Test
    void shouldTakeOneRequestAtATime() throws Exception {
        answering = false;
        Thread first = Thread.ofPlatform().daemon().start(() -> client.post("/v1/switchover", ""));
        io.twinwall.testkit.Await.until("asked", Duration.ofSeconds(10), this::anyPosted);
        assertTrue(client.post("/v1/promote", "").body().contains("another request is under way"));
        journal.answer(new RoleEffect.Answer(true, ""));
        first.join();
    }

    private synchronized void post(RoleEvent event) {
        posted.add(event);
        if (answering) {
            journal.answer(new RoleEffect.Answer(true, "done"));
        }
    }

    private synchronized boolean anyPosted() {
        return !posted.isEmpty();
    }
}
