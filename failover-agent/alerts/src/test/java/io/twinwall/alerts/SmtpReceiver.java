/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import io.twinwall.testkit.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** A real SMTP server, on the loopback, that keeps what it gets. */
final class SmtpReceiver implements AutoCloseable {
    /** A mail as it came. */
    record Mail(String from, List<String> to, String text) {}

    /** A recipient of this name is unknown here. */
    static final String UNKNOWN = "nobody@example.net";

    private final List<Mail> mails = new CopyOnWriteArrayList<>();
    private final SMTPServer server;

    /** @param more further settings of the server */
    SmtpReceiver(UnaryOperator<SMTPServer.Builder> more) {
        SMTPServer.Builder builder = SMTPServer.port(0)
                .bindAddress(InetAddress.getLoopbackAddress())
                .messageHandlerFactory(context -> new Handler());
        server = more.apply(builder).build();
        server.start();
    }

    /** With STARTTLS, and without nothing but that. */
    static UnaryOperator<SMTPServer.Builder> startTls(TestCertificate certificate) {
        return builder -> builder.enableTLS().requireTLS().startTlsSocketFactory(certificate.serving());
    }

    /** With TLS from the beginning. */
    static UnaryOperator<SMTPServer.Builder> tls(TestCertificate certificate) {
        return builder -> builder.serverSocketFactory(
                () -> certificate.serving().getServerSocketFactory().createServerSocket());
    }

    /** For one user alone. */
    static UnaryOperator<SMTPServer.Builder> login(String user, String password) {
        return builder -> builder.requireAuth()
                .authenticationHandlerFactory(new EasyAuthenticationHandlerFactory((name, secret, context) -> {
                    if (!user.equals(name) || !password.equals(secret)) {
                        throw new LoginFailedException("wrong");
                    }
                }));
    }

    int port() {
        return server.getPortAllocated();
    }

    List<Mail> mails() {
        return mails;
    }

    @Override
    public void close() {
        server.stop();
    }

    private final class Handler implements MessageHandler {
        private final List<String> to = new ArrayList<>();
        private String from;

        @Override
        public void from(String sender) {
            from = sender;
        }

        @Override
        public void recipient(String recipient) throws RejectException {
            if (recipient.equals(UNKNOWN)) {
                throw new RejectException(550, "no such mailbox here");
            }
            to.add(recipient);
        }

        @Override
        public String data(InputStream data) throws IOException {
            mails.add(new Mail(from, List.copyOf(to), new String(data.readAllBytes(), StandardCharsets.UTF_8)));
            return null;
        }

        @Override
        public void done() {
            // Nothing is kept but mails.
        }
    }
}
