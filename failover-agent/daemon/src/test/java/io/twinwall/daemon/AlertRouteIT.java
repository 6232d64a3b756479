/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig;
import io.twinwall.admin.AdminMetrics;
import io.twinwall.admin.AdminServer;
import io.twinwall.alerts.Alerts;
import io.twinwall.alerts.Origin;
import io.twinwall.base.Counters;
import io.twinwall.base.NanoClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code twinwall alert test}, from the command line through a real admin server to real scripts, and back. */
@Timeout(60)
class AlertRouteIT {
    @TempDir
    private Path directory;

    private final Counters counters = new Counters();
    private Alerts alerts;
    private AdminServer server;
    private String out;

    @BeforeEach
    void start() {
        alerts = new Alerts(
                () -> new Origin("fw-a", "fw-b", "BACKUP", 3),
                AlertScript::new,
                NanoClock.SYSTEM,
                System::currentTimeMillis,
                counters);
        alerts.start(nowNs -> List.of());
        AdminConfig config = AdminConfig.of(socket(), null);
        server = new AlertRoute(alerts::test, NanoClock.SYSTEM)
                .register(new AdminServer(config, new AdminMetrics(counters), counters));
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
        alerts.close();
    }

    @Test
    void shouldShowWhatBecameOfATestOfEach() throws IOException {
        Path seen = directory.resolve("seen");
        configure("""
                [[alert]]
                kind = "script"
                name = "pager"
                command = ["/bin/sh", "-c", "echo $TWINWALL_ALERT_STATE $TWINWALL_ALERT_KIND on $TWINWALL_NODE > %s"]
                [[alert]]
                kind = "script"
                name = "broken"
                kinds = ["forced"]
                min-severity = "critical"
                command = ["/bin/sh", "-c", "echo no modem; exit 3"]
                """.formatted(seen));
        assertEquals(1, run("alert", "test"));
        assertTrue(
                out.matches("(?s)pager +script +delivered +\\d+ ms, exit status 0\nbroken +script +NOT DELIVERED +.*"),
                out);
        assertTrue(out.contains("exit status 3: no modem"), out);
        assertEquals("test test on fw-a\n", Files.readString(seen));
        assertEquals(0, run("alert", "test", "pager"));
        assertEquals(0, run("alert", "test", "pager", "--json"));
        assertTrue(out.startsWith("{\"delivered\":true,\"reason\":null,\"results\":[{\"name\":\"pager\","), out);
        assertEquals(1, run("alert", "test", "broken", "--json"));
        assertTrue(out.startsWith("{\"delivered\":false,\"reason\":\"not every receiver took it\""), out);
    }

    @Test
    void shouldSayThatThereIsNothingToTest() {
        assertEquals(1, run("alert", "test"));
        assertEquals("no test: no [[alert]] is configured\n", out);
        configure("[[alert]]\nkind = \"script\"\ncommand = [\"/bin/true\"]\n");
        assertEquals(1, run("alert", "test", "ops"));
        assertEquals("no test: no [[alert]] is named \"ops\"\n", out);
    }

    private void configure(String tables) {
        ConfigReport report = ConfigFile.check("f.toml", ConfigSamples.SHORT + tables);
        alerts.configure(report.config()
                .orElseThrow(() -> new AssertionError(report.problems()))
                .alerts());
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private int run(String... words) {
        String[] arguments = Arrays.copyOf(words, words.length + 2);
        arguments[words.length] = "--socket";
        arguments[words.length + 1] = socket().toString();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = new Main(
                        () -> {
                            throw new AssertionError();
                        },
                        () -> {
                            throw new AssertionError();
                        })
                .run(arguments, print, print);
        out = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
