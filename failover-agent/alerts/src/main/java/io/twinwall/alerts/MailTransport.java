/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.alerts;

import jakarta.mail.Address;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Mail, by the mail library, which is loaded with the first attempt. Each attempt is a connection of its own. */
final class MailTransport implements Transport {
    private static final long STEP_MS_MAX = 10_000;
    private static final String PROTOCOL = "smtp";

    private final AlertSpec.Mail spec;
    private volatile MailSockets sockets;

    MailTransport(AlertSpec.Mail spec) {
        this.spec = spec;
    }

    @Override
    public Outcome deliver(Message message, long limitNs) {
        MailSockets own = new MailSockets();
        sockets = own;
        try {
            String password = spec.passwordFile().isPresent()
                    ? SecretFile.read(spec.passwordFile().get())
                    : null;
            Session session = Session.getInstance(properties(message, own, limitNs));
            return send(session, mail(session, message), password);
        } catch (SendFailedException e) {
            return partly(e);
        } catch (MessagingException | IOException | GeneralSecurityException e) {
            return Outcome.failed(e);
        } finally {
            sockets = null;
            own.close();
        }
    }

    @Override
    public void abort() {
        MailSockets now = sockets;
        if (now != null) {
            now.close();
        }
    }

    private Outcome send(Session session, MimeMessage mail, String password) throws MessagingException {
        // Not closed in order: the server has the mail, and whatever it says to QUIT changes nothing.
        jakarta.mail.Transport transport = session.getTransport(PROTOCOL);
        transport.connect(spec.server(), spec.port(), spec.user().orElse(null), password);
        transport.sendMessage(mail, mail.getAllRecipients());
        try {
            transport.close();
        } catch (MessagingException e) {
            return Outcome.delivered("taken by " + spec.where() + ", which did not say good-bye");
        }
        return Outcome.delivered("taken by " + spec.where());
    }

    /** Those who were refused must not keep the others' mail from counting, or they would get it over and over. */
    private static Outcome partly(SendFailedException e) {
        Address[] taken = e.getValidSentAddresses();
        if (taken == null || taken.length == 0) {
            return Outcome.failed(e);
        }
        String refused = e.getInvalidAddresses() == null
                ? ""
                : Arrays.stream(e.getInvalidAddresses()).map(Address::toString).collect(Collectors.joining(", "));
        return Outcome.delivered(
                "not taken for " + refused + ": " + Outcome.failed(e).detail());
    }

    private MimeMessage mail(Session session, Message message) throws MessagingException {
        MimeMessage mail = new MimeMessage(session);
        mail.setFrom(new InternetAddress(spec.from()));
        for (String one : spec.to()) {
            mail.addRecipient(RecipientType.TO, new InternetAddress(one));
        }
        mail.setSubject(AlertText.subject(message), StandardCharsets.UTF_8.name());
        mail.setSentDate(Date.from(Instant.ofEpochMilli(message.timeMs())));
        // RFC 3834: so that nobody's holiday answers.
        mail.setHeader("Auto-Submitted", "auto-generated");
        mail.setHeader("X-Twinwall-Id", message.id());
        mail.setHeader("X-Twinwall-Kind", message.notice().kind().word());
        mail.setText(AlertText.body(message), StandardCharsets.UTF_8.name());
        return mail;
    }

    private Properties properties(Message message, MailSockets own, long limitNs)
            throws IOException, GeneralSecurityException {
        String stepMs = String.valueOf(Math.min(STEP_MS_MAX, TimeUnit.NANOSECONDS.toMillis(limitNs)));
        Properties properties = new Properties();
        put(properties, "connectiontimeout", stepMs);
        put(properties, "timeout", stepMs);
        put(properties, "auth", spec.user().isPresent());
        put(properties, "sendpartial", true);
        put(properties, "quitwait", false);
        // Else the library asks the resolver what this host is called.
        put(properties, "localhost", message.origin().node());
        put(properties, "socketFactory", own);
        // Else a refusal is followed by a second attempt, past the factory.
        put(properties, "socketFactory.fallback", false);
        properties.put("mail.from", spec.from());
        switch (spec.security()) {
            case PLAIN -> {
                return properties;
            }
            case STARTTLS -> {
                put(properties, "starttls.enable", true);
                put(properties, "starttls.required", true);
            }
            case TLS -> put(properties, "ssl.enable", true);
        }
        put(properties, "ssl.socketFactory", own.over(Trust.sockets(spec.caFile())));
        put(properties, "ssl.checkserveridentity", true);
        return properties;
    }

    private static void put(Properties properties, String key, Object value) {
        properties.put("mail." + PROTOCOL + "." + key, value instanceof Boolean ? value.toString() : value);
    }
}
