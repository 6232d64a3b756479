/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.TestNet;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
    }

    private Node started() throws Exception {
        Path config = config(directory.resolve("state"));
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
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter("twinwall-role"::equals)
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
