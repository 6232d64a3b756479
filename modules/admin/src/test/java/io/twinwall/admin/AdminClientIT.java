/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("try") // servers that a test needs alive, not at hand
class AdminClientIT {
    @TempDir
    private Path directory;

    @Test
    void shouldSayThatNoDaemonRunsAndHowToStartIt() throws Exception {
        Path socket = directory.resolve("admin.sock");
        Fatal absent = assertThrows(Fatal.class, () -> ask(socket));
        assertEquals(ExitCode.UNAVAILABLE, absent.exitCode());
        assertTrue(absent.getMessage().startsWith("no daemon answers at " + socket), absent.getMessage());
        assertTrue(absent.getMessage().contains("start it: twinwall run --config FILE"), absent.getMessage());
        listening(socket).close();
        Fatal stale = assertThrows(Fatal.class, () -> ask(socket));
        assertEquals(ExitCode.UNAVAILABLE, stale.exitCode());
        assertTrue(stale.getMessage().startsWith("no daemon answers at " + socket), stale.getMessage());
    }

    @Test
    void shouldGiveUpOnDaemonThatHangs() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (ServerSocketChannel server = listening(socket)) {
            Fatal late = assertThrows(Fatal.class, () -> new AdminClient(socket, Duration.ofMillis(200)).get("/x"));
            assertEquals(ExitCode.UNAVAILABLE, late.exitCode());
            assertTrue(late.getMessage().contains("did not answer within 200 ms"), late.getMessage());
        }
    }

    @Test
    void shouldRefuseAnswerThatIsNoneOrCutShort() throws Exception {
        for (String answer : new String[] {
            "",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
            "HTTP/1.1 abc\r\n\r\n",
            "\0\1\2\r\n\r\n",
            "HTTP/1.1 \r\n\r\n"
        }) {
            Path socket = directory.resolve("s" + answer.hashCode());
            try (ServerSocketChannel server = listening(socket)) {
                Thread sender = Thread.ofPlatform().start(() -> answerOnce(server, answer));
                Fatal broken = assertThrows(Fatal.class, () -> ask(socket), answer);
                assertEquals(ExitCode.UNAVAILABLE, broken.exitCode());
                sender.join();
            }
        }
    }

    @Test
    void shouldSayThatTheUserMayNotAsk() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (ServerSocketChannel server = listening(socket)) {
            // Another user's socket, asked by a root without the right to overrule file modes.
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            Files.setAttribute(socket, "unix:uid", 65534);
            Process probe = new ProcessBuilder(
                            "setpriv",
                            "--bounding-set=-dac_override,-dac_read_search",
                            "--inh-caps=-dac_override,-dac_read_search",
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.twinwall.admin.AdminClientProbe",
                            socket.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(ExitCode.NO_PERMISSION.code(), probe.waitFor(), said);
            assertTrue(said.contains("not permitted to open " + socket + "; run as root"), said);
        }
    }

    private static void ask(Path socket) {
        new AdminClient(socket, Duration.ofSeconds(10)).get("/v1/status");
    }

    private static ServerSocketChannel listening(Path socket) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    private static void answerOnce(ServerSocketChannel server, String answer) {
        try (SocketChannel channel = server.accept()) {
            channel.read(ByteBuffer.allocate(4096));
            channel.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
