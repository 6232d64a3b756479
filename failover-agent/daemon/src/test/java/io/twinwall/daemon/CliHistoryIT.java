/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminServer;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.NanoClock;
import io.twinwall.testkit.Await;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code twinwall history} against a journal, through the daemon's socket and without it. */
class CliHistoryIT {
    private static final long NOON = 1_795_262_400_000L;
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private long atMs = NOON;
    private JournalKeeper keeper;
    private AdminServer server;
    private Path socket;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        socket = directory.resolve("s");
        keeper = keeper(true);
        server = server(keeper);
    }

    @AfterEach
    void stop() {
        server.close();
        keeper.close();
    }

    @Test
    void shouldListShowAndSayWhatIsNotThere() {
        for (int i = 1; i <= 60; i++) {
            atMs = NOON + i * 60_000L;
            keeper.alarm("LATE", "alarm " + i);
        }
        assertEquals(0, run("history"), err);
        assertEquals(51, out.lines().count(), "fifty, and that there are more");
        assertTrue(out.contains("LATE: alarm 60\n") && !out.contains("alarm 10\n"), out);
        assertEquals(0, run("history", "--limit", "2", "--before", "11"), err);
        assertTrue(out.contains("alarm 9\n") && out.contains("alarm 10\n") && !out.contains("alarm 8\n"), out);
        assertEquals(0, run("history", "--since", "2026-11-21T12:57:30Z", "--until", "2026-11-21T12:59:00Z"), err);
        assertEquals(2, out.lines().count(), out);
        assertEquals(0, run("history", "show", "7"), err);
        assertTrue(out.startsWith("record 7, alarm, "), out);
        assertTrue(out.contains("         0.0  #7 LATE: alarm 7\n"), out);
        assertEquals(0, run("history", "show", "7", "--json"), err);
        assertTrue(out.startsWith("{\"record\":{\"number\":7,\"atMs\":" + (NOON + 7 * 60_000L)), out);
        assertEquals(1, run("history", "show", "61"));
        assertTrue(err.contains("there is no record 61"), err);
        assertEquals(64, run("history", "show"));
        assertEquals(64, run("history", "--since", "yesterday"));
        assertTrue(err.contains("--since: expected a time such as"), err);
        assertEquals(64, run("history", "--limit", "501"));
        assertEquals(64, run("history", "--before", "0"));
        AdminClient client = new AdminClient(socket, Duration.ofSeconds(10));
        assertEquals(404, client.get("/v1/history/x").status());
        assertEquals(404, client.get("/v1/history/0").status());
        assertEquals(404, client.get("/v1/history/").status());
        assertEquals(400, client.get("/v1/history?limit=501").status());
    }

    @Test
    void shouldReadTheJournalWithoutADaemon() {
        keeper.alarm("LATE", "alarm 1");
        Await.until("it is kept", SOON, () -> counters.value("journal_records_total") == 1);
        server.close();
        String journal = directory.resolve("journal").toString();
        assertEquals(0, run("history", "--journal", journal), err);
        assertTrue(out.contains("LATE: alarm 1\n"), out);
        assertEquals(0, run("history", "show", "1", "--journal", journal), err);
        assertEquals(1, run("history", "show", "2", "--journal", journal));
        assertEquals(65, run("history", "--journal", directory.resolve("none").toString()));
        assertTrue(err.contains("no journal there"), err);
    }

    @Test
    void shouldSayThatTheJournalIsOffAndGoOn() throws Exception {
        server.close();
        keeper.close();
        Files.writeString(directory.resolve("file"), "in the way");
        keeper = new JournalKeeper(
                new Config.JournalFiles(true, directory.resolve("file"), 4, 1, false),
                NanoClock.SYSTEM,
                () -> atMs,
                new Counters());
        server = server(keeper);
        keeper.alarm("LATE", "alarm 1");
        Await.until("it is off", SOON, () -> !keeper.alarms(0).isEmpty());
        CliStatus.Alarm alarm = keeper.alarms(System.nanoTime()).getFirst();
        assertEquals("JOURNAL_OFF", alarm.code());
        assertTrue(alarm.active() && alarm.text().startsWith("nothing is journalled: "), alarm::toString);
        assertEquals(69, run("history"));
        assertTrue(err.contains("503") && err.contains("the journal is off"), err);
    }

    @Test
    void shouldKeepNoSecretOfAWebhooksAddress() {
        Config config = ConfigFile.check("f.toml", ConfigSamples.FULL).config().orElseThrow();
        keeper.started(config);
        assertEquals(0, run("history", "show", "2"), err);
        assertTrue(out.contains("url = \"https://chat.example.net:8443\"\n"), out);
        assertFalse(out.contains("room=fw"), out);
        String json = new AdminClient(socket, Duration.ofSeconds(10))
                .get("/v1/history/2")
                .body();
        assertTrue(json.contains("chat.example.net") && !json.contains("room=fw"), json);
    }

    @Test
    void shouldCountAlarmsOfBothJournals() throws InterruptedException {
        int each = 200_000;
        Runnable count = () -> IntStream.range(0, each).forEach(i -> keeper.countAlarm());
        Thread one = Thread.ofPlatform().start(count);
        Thread other = Thread.ofPlatform().start(count);
        one.join();
        other.join();
        assertEquals(2L * each, counters.value("alarms_journal_off_total"));
    }

    @Test
    void shouldSayThatThereIsNoJournal() {
        server.close();
        JournalKeeper none = keeper(false);
        none.alarm("LATE", "told to nobody");
        server = server(none);
        assertEquals(69, run("history"));
        assertTrue(err.contains("[journal] enabled = false"), err);
        assertEquals(Optional.empty(), none.agent());
        none.close();
    }

    private JournalKeeper keeper(boolean enabled) {
        Config.JournalFiles config = new Config.JournalFiles(enabled, directory.resolve("journal"), 4, 10_000, false);
        return new JournalKeeper(config, NanoClock.SYSTEM, () -> atMs, enabled ? counters : new Counters());
    }

    private AdminServer server(JournalKeeper of) {
        Counters own = new Counters();
        AdminServer made = new AdminServer(AdminConfig.of(socket, null), new AdminMetrics(own), own);
        new HistoryRoute(of.agent()).register(made);
        made.start();
        return made;
    }

    private int run(String... args) {
        String[] all = new String[args.length + 2];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--socket";
        all[args.length + 1] = socket.toString();
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = new Main(() -> (config, file) -> ExitCode.OK, () -> options -> ExitCode.OK)
                .run(
                        all,
                        new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                        new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
