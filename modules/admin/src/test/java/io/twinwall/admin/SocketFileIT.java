/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.admin.AdminConfig.AdminLimits;
import io.twinwall.admin.AdminConfig.AdminSocket;
import io.twinwall.base.Counters;
import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@SuppressWarnings("try") // servers that a test needs alive, not at hand
class SocketFileIT {
    /** Any but root's, who runs this; a number, so that the host need not have it. */
    private static final String OTHER_GROUP = "12";

    @TempDir
    private Path directory;

    @Test
    void shouldBeReadableAndWritableByItsOwnerAlone() throws Exception {
        Path socket = directory.resolve("made/for/it/admin.sock");
        try (AdminServer server = started(socket)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertFalse(Files.exists(socket.resolveSibling(".admin.sock.new"), LinkOption.NOFOLLOW_LINKS));
            assertEquals(200, health(socket));
        }
        assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void shouldLetItsGroupOpenItWhenToldTo() throws Exception {
        Path socket = directory.resolve("admin.sock");
        String own = Files.getAttribute(directory, "unix:gid").toString();
        try (AdminServer server = started(new AdminSocket(socket, true, own))) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertEquals(own, Files.getAttribute(socket, "unix:gid").toString());
            assertEquals(200, health(socket));
            assertEquals("", server.reconfigure(config(AdminSocket.of(socket))));
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            String problem = server.reconfigure(config(new AdminSocket(socket, true, "no-such-group")));
            assertTrue(problem.contains("no group \"no-such-group\"; add it"), problem);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertEquals(200, health(socket));
        }
    }

    @Test
    void shouldTakeTheRightFromAGroupThatIsNoLongerNamed() throws Exception {
        Path socket = directory.resolve("admin.sock");
        String own = Files.getAttribute(directory, "unix:gid").toString();
        try (AdminServer server = started(new AdminSocket(socket, true, OTHER_GROUP))) {
            assertEquals(OTHER_GROUP, Files.getAttribute(socket, "unix:gid").toString());
            assertEquals("", server.reconfigure(config(new AdminSocket(socket, true, null))));
            assertEquals(own, Files.getAttribute(socket, "unix:gid").toString());
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        }
    }

    @Test
    void shouldStayAsItIsForAGroupThatIsMistyped() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (AdminServer server = started(new AdminSocket(socket, true, OTHER_GROUP))) {
            assertTrue(server.reconfigure(config(new AdminSocket(socket, true, "no-such-group")))
                    .contains("no-such-group"));
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertEquals(OTHER_GROUP, Files.getAttribute(socket, "unix:gid").toString());
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            assertEquals("", server.reconfigure(config(new AdminSocket(socket, true, OTHER_GROUP))));
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        }
    }

    @Test
    void shouldNotStartForAGroupThatIsNot() {
        Path socket = directory.resolve("admin.sock");
        Fatal refused = assertThrows(Fatal.class, () -> started(new AdminSocket(socket, true, "no-such-group")));
        assertEquals(ExitCode.CONFIG, refused.exitCode());
        assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
        assertFalse(Files.exists(socket.resolveSibling(".admin.sock.new"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void shouldReplaceSocketOfDeadProcess() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        Path halfBorn = Files.createDirectory(directory.resolve(".admin.sock.new"));
        Files.createFile(halfBorn.resolve("s"));
        assertTrue(Files.exists(socket));
        try (AdminServer server = started(socket)) {
            assertEquals(200, health(socket));
        }
    }

    @Test
    void shouldRefuseSocketOfLiveProcess() {
        Path socket = directory.resolve("admin.sock");
        try (AdminServer server = started(socket)) {
            Fatal refused = assertThrows(Fatal.class, () -> started(socket));
            assertEquals(ExitCode.UNAVAILABLE, refused.exitCode());
            assertTrue(
                    refused.getMessage()
                            .contains("process " + ProcessHandle.current().pid() + " serves it already; stop"),
                    refused.getMessage());
            assertEquals(200, health(socket));
        }
        try (AdminServer server = started(socket)) {
            assertEquals(200, health(socket));
        }
    }

    @Test
    void shouldNeverRemoveWhatIsNoSocket() throws Exception {
        Path socket = Files.writeString(directory.resolve("admin.sock"), "precious");
        Fatal refused = assertThrows(Fatal.class, () -> started(socket));
        assertEquals(ExitCode.UNAVAILABLE, refused.exitCode());
        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void shouldLeaveTheSocketOfItsSuccessor() throws Exception {
        Path socket = directory.resolve("admin.sock");
        AdminServer first = started(socket);
        Files.delete(socket);
        Files.delete(directory.resolve("admin.sock.lock"));
        try (AdminServer server = started(socket)) {
            first.close();
            assertEquals(200, health(socket));
        }
    }

    @Test
    void shouldRefusePathTooLongForASocket() {
        Fatal refused = assertThrows(Fatal.class, () -> started(directory.resolve("x".repeat(99))));
        assertEquals(ExitCode.CONFIG, refused.exitCode());
    }

    @Test
    void shouldRefuseMetricsPortInUseAndLeaveNothingBehind() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Fatal refused = assertThrows(
                    Fatal.class,
                    () -> server(socket, (InetSocketAddress) taken.getLocalSocketAddress())
                            .start());
            assertEquals(ExitCode.UNAVAILABLE, refused.exitCode());
        }
        assertFalse(Files.exists(socket, LinkOption.NOFOLLOW_LINKS));
    }

    private static AdminServer started(Path socket) {
        AdminServer server = server(socket, null);
        server.start();
        return server;
    }

    private static AdminServer started(AdminSocket socket) {
        Counters counters = new Counters();
        AdminServer server = new AdminServer(config(socket), new AdminMetrics(counters), counters);
        server.start();
        return server;
    }

    private static AdminConfig config(AdminSocket socket) {
        return new AdminConfig(socket, null, null, AdminLimits.DEFAULT);
    }

    private static AdminServer server(Path socket, InetSocketAddress metrics) {
        Counters counters = new Counters();
        return new AdminServer(AdminConfig.of(socket, metrics), new AdminMetrics(counters), counters);
    }

    private static int health(Path socket) {
        return new AdminClient(socket, Duration.ofSeconds(10)).get("/healthz").status();
    }
}
