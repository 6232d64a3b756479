/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.alerts.AlertSpec.Security;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.TestCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Mail to a real server: what it gets, how it is reached, and what becomes of one that refuses or hangs. */
@Timeout(60)
class MailTransportIT {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PASSWORD = "pass word 1";

    @TempDir
    private Path directory;

    @Test
    void shouldHandOverAMailThatTellsEverything() throws IOException {
        try (SmtpReceiver server = new SmtpReceiver(builder -> builder)) {
            Outcome outcome = deliver(spec(server.port(), Security.PLAIN, List.of("a@example.net", "b@example.net")));
            assertTrue(outcome.ok(), outcome.detail());
            assertEquals(1, server.mails().size());
            SmtpReceiver.Mail mail = server.mails().getFirst();
            assertEquals("fw@example.net", mail.from());
            assertEquals(List.of("a@example.net", "b@example.net"), mail.to());
            assertHeader(mail, "From: fw@example.net");
            assertHeader(mail, "To: a@example.net, b@example.net");
            assertHeader(mail, "Subject: [twinwall] fw-a WARNING peer-lost: fw-b is not heard");
            assertHeader(mail, "Auto-Submitted: auto-generated");
            assertHeader(mail, "X-Twinwall-Id: fw-a-1");
            assertTrue(mail.text().contains("\r\n\r\nfw-b is not heard\r\n"), mail.text());
            assertTrue(mail.text().contains("what to do: Look at the other host"), mail.text());
        }
    }

    @Test
    void shouldLogInBehindStartTls() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "server", "dns:localhost");
        try (SmtpReceiver server = new SmtpReceiver(builder -> SmtpReceiver.login("fw", PASSWORD)
                .apply(SmtpReceiver.startTls(certificate).apply(builder)))) {
            Outcome outcome = deliver(login(server.port(), Security.STARTTLS, certificate, PASSWORD));
            assertTrue(outcome.ok(), outcome.detail());
            assertEquals(1, server.mails().size());

            Outcome wrong = deliver(login(server.port(), Security.STARTTLS, certificate, "wrong-secret"));
            assertFalse(wrong.ok());
            assertTrue(wrong.detail().contains("535"), wrong.detail());
            assertFalse(wrong.detail().contains("wrong-secret"), wrong.detail());
            assertEquals(1, server.mails().size());
        }
    }

    @Test
    void shouldSpeakTlsFromTheBeginning() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "server", "dns:localhost");
        try (SmtpReceiver server = new SmtpReceiver(SmtpReceiver.tls(certificate))) {
            Outcome outcome = deliver(spec(
                    "localhost",
                    server.port(),
                    Security.TLS,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(certificate.certificate()),
                    List.of("a@example.net")));
            assertTrue(outcome.ok(), outcome.detail());
            assertEquals(1, server.mails().size());
        }
    }

    @Test
    void shouldTellNothingToAServerThatIsNotTheOneMeant() throws Exception {
        TestCertificate certificate = TestCertificate.make(directory, "server", "dns:localhost");
        try (SmtpReceiver server = new SmtpReceiver(SmtpReceiver.startTls(certificate))) {
            Outcome untrusted = deliver(spec(server.port(), Security.STARTTLS, List.of("a@example.net")));
            assertFalse(untrusted.ok());
            // The certificate is for "localhost".
            Outcome misnamed = deliver(spec(
                    "127.0.0.1",
                    server.port(),
                    Security.STARTTLS,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(certificate.certificate()),
                    List.of("a@example.net")));
            assertFalse(misnamed.ok());
            assertEquals(List.of(), server.mails());
        }
        try (SmtpReceiver plain = new SmtpReceiver(builder -> builder)) {
            Outcome downgraded = deliver(spec(plain.port(), Security.STARTTLS, List.of("a@example.net")));
            assertFalse(downgraded.ok());
            assertTrue(downgraded.detail().contains("STARTTLS"), downgraded.detail());
            assertEquals(List.of(), plain.mails());
        }
    }

    @Test
    void shouldCountAsDeliveredWhatSomeTook() {
        try (SmtpReceiver server = new SmtpReceiver(builder -> builder)) {
            Outcome some = deliver(spec(server.port(), Security.PLAIN, List.of(SmtpReceiver.UNKNOWN, "a@example.net")));
            assertTrue(some.ok(), some.detail());
            assertTrue(some.detail().contains("not taken for " + SmtpReceiver.UNKNOWN), some.detail());
            assertEquals(List.of("a@example.net"), server.mails().getFirst().to());

            Outcome none = deliver(spec(server.port(), Security.PLAIN, List.of(SmtpReceiver.UNKNOWN)));
            assertFalse(none.ok());
            assertTrue(none.detail().contains("no such mailbox here"), none.detail());
        }
    }

    @Test
    void shouldSayThatNobodyListens() throws IOException {
        int port;
        try (BadServer gone = new BadServer("")) {
            port = gone.port();
        }
        Outcome outcome = deliver(spec(port, Security.PLAIN, List.of("a@example.net")));
        assertFalse(outcome.ok());
        assertTrue(outcome.detail().contains("Connection refused"), outcome.detail());
    }

    @Test
    void shouldGiveUpOnAServerThatSaysNothing() throws IOException {
        try (BadServer server = new BadServer("")) {
            long beganNs = System.nanoTime();
            MailTransport transport = transport(spec(server.port(), Security.PLAIN, List.of("a@example.net")));
            Outcome outcome = transport.deliver(Samples.message(), TimeUnit.MILLISECONDS.toNanos(300));
            assertFalse(outcome.ok());
            assertTrue(System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(10), "it ends by itself");
        }
    }

    @Test
    void shouldEndWhenToldToHoweverMuchTheServerDrips() throws Exception {
        for (Security security : new Security[] {Security.PLAIN, Security.TLS}) {
            // Each byte begins the library's own time-out anew.
            try (BadServer server = new BadServer("220-still here\r\n")) {
                MailTransport transport = transport(spec(server.port(), security, List.of("a@example.net")));
                CompletableFuture<Outcome> outcome =
                        CompletableFuture.supplyAsync(() -> transport.deliver(Samples.message(), LIMIT_NS));
                Await.until("it is connected", SOON, () -> server.connections() == 1);
                transport.abort();
                assertFalse(outcome.get(10, TimeUnit.SECONDS).ok());
            }
        }
    }

    @Test
    void shouldRefuseAPasswordThatOthersMayRead() throws IOException {
        Path file = Files.writeString(directory.resolve("password"), PASSWORD);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (SmtpReceiver server = new SmtpReceiver(SmtpReceiver.login("fw", PASSWORD))) {
            Outcome outcome = deliver(spec(
                    "localhost",
                    server.port(),
                    Security.PLAIN,
                    Optional.of("fw"),
                    Optional.of(file),
                    Optional.empty(),
                    List.of("a@example.net")));
            assertFalse(outcome.ok());
            assertTrue(outcome.detail().contains("open to others"), outcome.detail());
        }
    }

    private static void assertHeader(SmtpReceiver.Mail mail, String line) {
        String unfolded = mail.text().replaceAll("\r\n[ \t]+", " ");
        assertTrue(unfolded.lines().anyMatch(line::equals), line + " is not in " + mail.text());
    }

    private AlertSpec.Mail login(int port, Security security, TestCertificate certificate, String password)
            throws IOException {
        Path file = Files.writeString(Files.createTempFile(directory, "password", ""), password + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return spec(
                "localhost",
                port,
                security,
                Optional.of("fw"),
                Optional.of(file),
                Optional.of(certificate.certificate()),
                List.of("a@example.net"));
    }

    private static AlertSpec.Mail spec(int port, Security security, List<String> to) {
        return spec("localhost", port, security, Optional.empty(), Optional.empty(), Optional.empty(), to);
    }

    private static AlertSpec.Mail spec(
            String server,
            int port,
            Security security,
            Optional<String> user,
            Optional<Path> passwordFile,
            Optional<Path> caFile,
            List<String> to) {
        return new AlertSpec.Mail(server, port, security, user, passwordFile, caFile, "fw@example.net", to);
    }

    private static MailTransport transport(AlertSpec.Mail spec) {
        return new MailTransport(spec);
    }

    private static Outcome deliver(AlertSpec.Mail spec) {
        return transport(spec).deliver(Samples.message(), LIMIT_NS);
    }
}
