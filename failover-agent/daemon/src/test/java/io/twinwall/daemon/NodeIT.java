/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminClient;
import io.twinwall.admin.Json;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.journal.JournalEntry;
import io.twinwall.journal.JournalQuery;
import io.twinwall.journal.JournalReader;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.PromLint;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestCertificate;
import io.twinwall.testkit.TestNet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole node in a namespace of its own: what is left of it when it does not start, or does not end in order. */
@RequireRoot
final class NodeIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final TestNet net = new TestNet();
    private final String firewall = net.namespace();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    @BeforeEach
    void plug() {
        net.veth(firewall, "lan0", net.namespace(), "lan1");
        net.address(firewall, "lan0", "10.10.0.1/24");
    }

    @AfterEach
    void remove() {
        net.close();
    }

    @Test
    void shouldLeaveNoClosedGateWhenItCannotStart() throws Exception {
        Path config = config(Files.createFile(directory.resolve("file")).resolve("state"));
        NetNs.call(firewall, () -> {
            Node node = new Node(ConfigFile.load(config), config, directory, new Counters(), failure::set);
            Fatal fatal = assertThrows(Fatal.class, node::start);
            assertEquals(ExitCode.ENVIRONMENT, fatal.exitCode());
            return null;
        });
        assertEquals("", Cmd.in(firewall, "nft", "list", "ruleset"));
        assertEquals(List.of(), roleThreads());
    }

    @Test
    void shouldEndAtOnceWhenItCannotStart() throws Exception {
        Path config = config(Files.createFile(directory.resolve("file")).resolve("state"));
        ProcessBuilder command = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "run",
                "--config",
                config.toString());
        Process process =
                NetNs.call(firewall, () -> command.redirectErrorStream(true).start());
        try (BufferedReader told = process.inputReader(StandardCharsets.UTF_8)) {
            String line = told.readLine();
            while (line != null && !line.startsWith("twinwall: [state] directory")) {
                line = told.readLine();
            }
            assertNotNull(line, "it says why");
            // An orderly stop, which nobody is there for, would be waited for longer.
            assertTrue(process.waitFor(9, TimeUnit.SECONDS), "it ends");
            assertEquals(ExitCode.ENVIRONMENT.code(), process.exitValue());
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertEquals("", Cmd.in(firewall, "nft", "list", "ruleset"));
    }

    @Test
    void shouldEndItsRoleThreadAndKeepItsGateWhenAPartFails() throws Exception {
        NetNs.call(firewall, () -> {
            Node node = started();
            node.stop(false);
            return null;
        });
        assertEquals(List.of(), roleThreads());
        assertTrue(Cmd.in(firewall, "nft", "list", "ruleset").contains("table inet twinwall"));
        assertEquals(null, failure.get());
    }

    @Test
    void shouldLeaveNothingWhenItStopsInOrder() throws Exception {
        NetNs.call(firewall, () -> {
            Node node = started();
            node.stop(true);
            return null;
        });
        assertEquals(List.of(), roleThreads());
        assertEquals("", Cmd.in(firewall, "nft", "list", "ruleset"));
        List<String> kinds = journalled();
        assertEquals(List.of("started", "configuration", "transition"), kinds.subList(0, 3));
        assertEquals("stopped", kinds.getLast());
    }

    private List<String> journalled() throws Exception {
        try (JournalReader reader = JournalReader.open(directory.resolve("state/journal"))) {
            return reader.page(JournalQuery.last(50)).entries().stream()
                    .map(JournalEntry::kind)
                    .toList();
        }
    }

    @Test
    void shouldTellPeopleWhatHappensAndChangeWhomByAReload() throws Exception {
        Path told = directory.resolve("told");
        Path config = config(directory.resolve("state"));
        String tables = Files.readString(config);
        Files.writeString(config, tables + alert("pager", told));
        AdminClient client = new AdminClient(directory.resolve("admin.sock"), SOON);
        NetNs.call(firewall, () -> {
            Node node = new Node(ConfigFile.load(config), config, directory, new Counters(), failure::set);
            node.start();
            Await.until("it is told of", SOON, () -> read(told).startsWith("event takeover fw-a is active, term 1: "));
            CliStatus before = status(client);
            assertEquals(List.of("pager"), names(before));
            Files.writeString(config, tables + alert("duty", directory.resolve("other")));
            CliReload.Answer answer = CliClient.read(client.post("/v1/reload", ""), CliReload.Answer.class);
            assertEquals(new CliReload.Answer(true, List.of("alert"), List.of(), List.of(), null), answer);
            Await.until("another is told", SOON, () -> names(status(client)).equals(List.of("duty")));
            assertEquals(
                    before.transitions().size(), status(client).transitions().size(), "no role has changed");
            node.stop(true);
            return null;
        });
        assertEquals(List.of(), threads("twinwall-alert"));
        assertEquals(null, failure.get());
    }

    @Test
    void shouldShowMetricsThatPrometheusTakes() throws Exception {
        Path config = config(directory.resolve("state"));
        String enabled = Files.readString(config)
                .replace("enabled = false", "local = \"10.10.0.1:47901\"\npeer = \"10.10.0.2:47901\"");
        Files.writeString(config, enabled + everything(directory.resolve("no-such-line")));
        String page = NetNs.call(firewall, () -> {
            Node node = started(config);
            AdminClient client = new AdminClient(directory.resolve("admin.sock"), SOON);
            Await.until("it is well", SOON, () -> client.get("/healthz").status() == 200);
            assertEquals(
                    Cmd.in(firewall, "sysctl", "-n", "net.netfilter.nf_conntrack_max")
                            .strip(),
                    String.valueOf(status(client).flowCounts().hostEntriesMax()));
            String metrics = client.get("/metrics").body();
            node.stop(true);
            return metrics;
        });
        assertEquals(List.of(), PromLint.problems(page));
        for (String family : List.of(
                "heartbeat_path_state{path=\"wire\"}",
                "heartbeat_path_damaged_total{path=\"wire\"}",
                "sync_path_up{path=\"lan\"}",
                "tracker_up{tracker=\"b\"}",
                "set_elements{set=\"inet filter bans\"}",
                "hook_last_ok{command=\"/bin/true\",hook=\"0\"}",
                "sync_proof_differing{stage=\"mirror-kernel\"}",
                "wire_frames_refused_total{reason=\"tag\"}",
                "sync_inject_refused_total{errno=\"eexist\"}")) {
            assertTrue(page.contains("\ntwinwall_" + family + " "), family + " in " + page);
        }
        String papers = Files.readString(Path.of("../../docs/OPERATING.md"));
        List<String> unexplained = page.lines()
                .filter(line -> line.startsWith("# TYPE twinwall_"))
                .map(line -> line.split(" ", 4)[2].replace("twinwall_", ""))
                .filter(name -> !papers.contains("`" + name))
                .toList();
        assertEquals(List.of(), unexplained, "not in docs/OPERATING.md");
        for (String file : List.of("rules.yml", "grafana.json")) {
            Matcher used = Pattern.compile("twinwall_[a-z0-9_]+")
                    .matcher(Files.readString(Path.of("../../deploy/dashboards").resolve(file)));
            while (used.find()) {
                assertTrue(page.contains("# TYPE " + used.group() + " "), file + " wants " + used.group());
            }
        }
        assertEquals(null, failure.get());
    }

    @Test
    void shouldPutWhatIsServedInPlaceByAReload() throws Exception {
        Path config = config(directory.resolve("state"));
        String before = Files.readString(config);
        Path socket = directory.resolve("admin.sock");
        TestCertificate certificate = TestCertificate.make(directory, "tls");
        Path tokens = Files.writeString(directory.resolve("tokens"), "0123456789abcdef0123456789abcdef\n");
        Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
        Cmd.in(firewall, "ip", "link", "set", "lo", "up");
        NetNs.call(firewall, () -> {
            Node node = started(config);
            AdminClient client = new AdminClient(socket, SOON);
            assertEquals(404, client.get("/").status());
            String served = before.replace("[admin]\n", "[web]\nenabled = true\n[admin]\nsocket-mode = \"0660\"\n");
            Files.writeString(config, served + """
                    [admin.remote]
                    listen = "127.0.0.1:9471"
                    certificate = "%s"
                    key = "%s"
                    token-file = "%s"
                    """.formatted(certificate.certificate(), certificate.key(), tokens));
            assertEquals(List.of("admin", "web"), reload(client).parts());
            assertEquals(200, client.get("/").status());
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertTrue(client.get("/metrics").body().matches("(?s).*certificate_expiry_timestamp_seconds [1-9].*"));
            assertEquals(List.of(), reload(client).parts());
            Files.writeString(tokens, "fedcba9876543210fedcba9876543210\n");
            assertEquals(List.of("admin.remote's files"), reload(client).parts());
            Files.writeString(tokens, "short\n");
            CliReload.Answer refused = reload(client);
            assertFalse(refused.applied());
            assertEquals("the files of admin.remote are refused", refused.reason());
            Files.writeString(config, before);
            assertEquals(List.of("admin", "web"), reload(client).parts());
            assertEquals(404, client.get("/").status());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            node.stop(true);
            return null;
        });
        assertEquals(null, failure.get());
    }

    private static CliReload.Answer reload(AdminClient client) {
        return Json.read(client.post("/v1/reload", "").body(), CliReload.Answer.class);
    }

    /** What has metrics of its own, beyond the shortest configuration. */
    private static String everything(Path serial) {
        return """
                [[sync.path]]
                name = "lan"
                local = "10.10.0.1:47902"
                peer = "10.10.0.2:47902"
                [[sync.set]]
                table = "filter"
                name = "bans"
                [[path]]
                name = "wire"
                serial = "%s"
                [[track]]
                name = "b"
                kind = "interface"
                interface = "lan0"
                weight = 10
                [[hook]]
                on = ["master"]
                command = ["/bin/true"]
                """.formatted(serial);
    }

    private static CliStatus status(AdminClient client) {
        return CliClient.read(client.get("/v1/status"), CliStatus.class);
    }

    private static List<String> names(CliStatus status) {
        return status.alerts().stream().map(CliStatus.Alert::name).toList();
    }

    private static String alert(String name, Path to) {
        return """
                [[alert]]
                kind = "script"
                name = "%s"
                command = ["/bin/sh", "-c", "echo $TWINWALL_ALERT_STATE $TWINWALL_ALERT_KIND $TWINWALL_ALERT_TEXT >> %s"]
                """.formatted(name, to);
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Node started() throws Exception {
        return started(config(directory.resolve("state")));
    }

    private Node started(Path config) throws Exception {
        Node node = new Node(ConfigFile.load(config), config, directory, new Counters(), failure::set);
        node.start();
        assertFalse(roleThreads().isEmpty());
        Await.until(
                "the gate's tables",
                SOON,
                () -> Cmd.in(firewall, "nft", "list", "ruleset").contains("table inet twinwall"));
        return node;
    }

    private static List<String> roleThreads() {
        return threads("twinwall-role");
    }

    private static List<String> threads(String begin) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(begin))
                .toList();
    }

    private Path config(Path state) throws Exception {
        Path key = Files.createFile(
                directory.resolve("key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
        return Files.writeString(directory.resolve("twinwall.toml"), """
                [cluster]
                id = 7
                key-file = "%s"
                [node]
                name = "fw-a"
                id = 1
                role = "master"
                [peer]
                name = "fw-b"
                id = 2
                [[path]]
                name = "sync"
                local = "10.10.0.1:47900"
                peer = "10.10.0.2:47900"
                [sync]
                enabled = false
                [[vip]]
                address = "10.10.0.254/24"
                interface = "lan0"
                [state]
                directory = "%s"
                [runtime]
                directory = "%s"
                [admin]
                socket = "%s"
                """.formatted(
                        key, state, directory.resolve("run"), directory.resolve("admin.sock")));
    }
}
