/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.twinwall.alerts.AlertKind;
import io.twinwall.lab.FirewallNode;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.Await;
import io.twinwall.testkit.Cmd;
import io.twinwall.testkit.HttpAnswer;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.server.SMTPServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the pair of a lab tells people: a mail server and a web server on the lab's server, which both firewalls reach by
 * a cable of their own whatever becomes of the others, and a directory that a script writes to. Keeps what it is told, and
 * what it was expected to be told.
 */
final class AlertDesk implements AutoCloseable {
    private static final String ADDRESS = "10.30.0.10";
    private static final int SMTP_PORT = 2525;
    private static final int HTTP_PORT = 8080;

    /** What is told is no flow of the pair's, and none of this host's that a proof would count. */
    private static final String RULES = """
            table inet desk {
                chain prerouting {
                    type filter hook prerouting priority raw; policy accept;
                    iifname "desk0" notrack
                }
                chain output {
                    type filter hook output priority raw; policy accept;
                    oifname "desk0" notrack
                }
            }
            insert rule inet lab_filter input iifname "desk0" accept
            """;

    private static final List<String> WAYS = List.of("mail", "webhook", "script");

    /** What a notice may say of its matter. */
    enum State {
        OPENED,
        RECOVERED,
        EVENT,
        SUMMARY,
        TEST
    }

    /** One notice as one receiver got it. */
    record Told(
            String way,
            String node,
            String kind,
            String subject,
            String severity,
            String state,
            String text,
            long times,
            long atMs) {
        /** What all receivers are told alike; a test names the receiver. */
        Told common() {
            boolean test = state.equals("test");
            return new Told("", node, kind, subject, severity, state, test ? "" : text, times, 0);
        }

        String what() {
            return AlertDesk.what(node, kind, subject, state);
        }
    }

    private final Path directory;
    private final List<Told> mails = new CopyOnWriteArrayList<>();
    private final List<Told> posts = new CopyOnWriteArrayList<>();
    private final List<Told> expected = new ArrayList<>();
    private final Lab lab;
    private final SMTPServer mail;
    private HttpServer web;

    AlertDesk(Lab lab) throws IOException {
        this.lab = lab;
        directory = Files.createDirectories(lab.directory().resolve("desk"));
        cables();
        mail = here(() -> {
            SMTPServer server = SMTPServer.port(SMTP_PORT)
                    .bindAddress(InetAddress.getByName(ADDRESS))
                    .messageHandlerFactory(context -> new Handler())
                    // It would ask the resolver who the sender is, and wait for it.
                    .insertReceivedHeaders(false)
                    .build();
            server.start();
            return server;
        });
        openWeb();
    }

    private void cables() {
        String host = lab.namespace("server");
        StringBuilder script = new StringBuilder("""
                link add desk0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
                address add %s/24 dev desk0
                link set desk0 up
                """.formatted(ADDRESS));
        for (FirewallNode node : FirewallNode.values()) {
            String port = node.nodeName();
            script.append("link add ").append(port).append(" type veth peer name desk0 netns ");
            script.append(lab.namespace(node)).append("\nlink set ").append(port);
            script.append(" master desk0 up\n");
        }
        Cmd.inWithInput(host, script.toString(), "ip", "-batch", "-");
        int last = 1;
        for (FirewallNode node : FirewallNode.values()) {
            String own = "address add 10.30.0." + last++ + "/24 dev desk0\nlink set desk0 up\n";
            Cmd.inWithInput(lab.namespace(node), own, "ip", "-batch", "-");
            Cmd.inWithInput(lab.namespace(node), RULES, "nft", "-f", "-");
        }
    }

    /** The receivers, for a configuration file: all of them are told everything. */
    String receivers() {
        String all = """
                min-severity = "info"
                per-hour = 600
                timeout-s = 10
                """;
        return """

                [[alert]]
                kind = "mail"
                server = "%1$s"
                port = %2$d
                security = "plain"
                from = "pair@example.net"
                to = ["desk@example.net"]
                %5$s
                [[alert]]
                kind = "webhook"
                url = "http://%1$s:%3$d/notices"
                %5$s
                [[alert]]
                kind = "script"
                command = ["/bin/sh", "-c", "cd %4$s && env > .$TWINWALL_ALERT_ID && mv .$TWINWALL_ALERT_ID $TWINWALL_ALERT_ID"]
                %5$s
                """.formatted(ADDRESS, SMTP_PORT, HTTP_PORT, directory, all);
    }

    /** Takes posts from now on. */
    void openWeb() {
        web = here(() -> HttpServer.create(new InetSocketAddress(ADDRESS, HTTP_PORT), 0));
        web.createContext("/notices", this::post);
        web.start();
    }

    /** Nobody listens for posts any more. */
    void closeWeb() {
        web.stop(0);
    }

    /** Sockets belong to the namespace of the thread that makes them. */
    private <T> T here(Callable<T> make) {
        try {
            return NetNs.call(lab.namespace("server"), make);
        } catch (Exception e) {
            throw new AssertionError("no desk: " + e, e);
        }
    }

    /**
     * Waits until each receiver was told it by {@code agent}, and asserts that each was told the same. That none is told it
     * again is for {@link #assertNothingTwice}.
     */
    Told expect(LabAgent agent, AlertKind kind, String subject, State state, Duration within) {
        String what =
                what(agent.node().nodeName(), kind.word(), subject, state.name().toLowerCase(Locale.ROOT));
        int before =
                (int) expected.stream().filter(one -> one.what().equals(what)).count();
        try {
            Await.until(
                    what,
                    within,
                    () -> WAYS.stream().allMatch(way -> told(way, what).size() > before));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + text(), e);
        }
        List<Told> once =
                WAYS.stream().map(way -> told(way, what).get(before).common()).toList();
        Told first = once.getFirst();
        assertEquals(List.of(first, first, first), once);
        assertEquals(kind.severity().word(), first.severity());
        expected.add(first);
        return first;
    }

    private static String what(String node, String kind, String subject, String state) {
        return String.join(" ", node, kind, subject, state).replace("  ", " ");
    }

    /** Of what was expected each receiver was told as often as it was expected, and no more. */
    void assertNothingTwice() {
        Map<String, Long> wanted =
                expected.stream().collect(Collectors.groupingBy(AlertDesk::one, Collectors.counting()));
        for (String way : WAYS) {
            Map<String, Long> found = all().stream()
                    .filter(one -> one.way().equals(way) && wanted.containsKey(one(one)))
                    .collect(Collectors.groupingBy(AlertDesk::one, Collectors.counting()));
            assertEquals(wanted, found, () -> way + "\n" + text());
        }
    }

    /** What makes it another: the machine itself may stand still more often than it is made to, for another time. */
    private static String one(Told told) {
        return told.kind().equals(AlertKind.LATE.word()) ? told.what() + ": " + told.text() : told.what();
    }

    /** The kinds that were expected and told; of a condition its end as well. */
    Set<AlertKind> kinds() {
        Set<AlertKind> kinds = EnumSet.noneOf(AlertKind.class);
        for (AlertKind kind : AlertKind.values()) {
            boolean begun = expected.stream()
                    .anyMatch(one ->
                            one.kind().equals(kind.word()) && !one.state().equals("recovered"));
            boolean ended = expected.stream()
                    .anyMatch(
                            one -> one.kind().equals(kind.word()) && one.state().equals("recovered"));
            if (begun && ended == kind.lasts()) {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    /** What one receiver was told of this, in the order in which it happened. */
    List<Told> told(String way, String what) {
        return all().stream()
                .filter(one -> one.way().equals(way) && one.what().equals(what))
                .toList();
    }

    /** Everything, in the order in which it happened. */
    List<Told> all() {
        List<Told> all = new ArrayList<>(mails);
        all.addAll(posts);
        all.addAll(scripts());
        all.sort((a, b) -> Long.compare(a.atMs(), b.atMs()));
        return all;
    }

    /** Everything that was told, for a person. */
    String text() {
        return all().stream()
                .map(one -> Instant.ofEpochMilli(one.atMs()) + " " + one.way() + " " + one.what() + ": " + one.text())
                .collect(Collectors.joining("\n", "told:\n", "\n"));
    }

    private List<Told> scripts() {
        List<Told> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .toList()) {
                Map<String, String> fields = new HashMap<>();
                Files.readAllLines(file).stream()
                        .filter(line -> line.startsWith("TWINWALL_"))
                        .forEach(line -> fields.put(
                                line.substring(0, line.indexOf('=')).replaceFirst("^TWINWALL_(ALERT_)?", ""),
                                line.substring(line.indexOf('=') + 1)));
                all.add(told("script", fields, fields.get("TEXT"), Long.parseLong(fields.get("TIMES"))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    private void post(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body =
                    JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
            Map<String, String> fields = new HashMap<>();
            body.properties()
                    .forEach(field -> fields.put(
                            field.getKey().toUpperCase(Locale.ROOT),
                            field.getValue().asString("")));
            assertEquals("POST", exchange.getRequestMethod());
            posts.add(told(
                    "webhook", fields, fields.get("TEXT"), body.path("times").asLong(-1)));
            HttpAnswer.send(exchange, 200);
        }
    }

    private static Told told(String way, Map<String, String> fields, String text, long times) {
        return new Told(
                way,
                fields.get("NODE"),
                fields.get("KIND"),
                fields.get("SUBJECT"),
                fields.get("SEVERITY"),
                fields.get("STATE"),
                text,
                times,
                Instant.parse(fields.get("TIME")).toEpochMilli());
    }

    /** A mail says in lines for people what the others are told in fields. */
    private static Told told(MimeMessage message) throws MessagingException, IOException {
        List<String> lines = ((String) message.getContent()).lines().toList();
        Map<String, String> fields = new HashMap<>(Map.of("SUBJECT", "", "TIMES", "1"));
        for (String line : lines.subList(1, lines.size())) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                fields.put(line.substring(0, colon).toUpperCase(Locale.ROOT), line.substring(colon + 2));
            }
        }
        fields.computeIfPresent("NODE", (name, value) -> value.substring(0, value.indexOf(',')));
        String head = "[twinwall] " + fields.get("NODE") + " ";
        assertTrue(message.getSubject().startsWith(head), message.getSubject());
        assertTrue(message.getSubject().endsWith(lines.getFirst()), message.getSubject());
        return told("mail", fields, lines.getFirst(), Long.parseLong(fields.get("TIMES")));
    }

    @Override
    public void close() {
        mail.stop();
        closeWeb();
    }

    private final class Handler implements MessageHandler {
        @Override
        public void from(String sender) {
            // Anybody.
        }

        @Override
        public void recipient(String recipient) {
            // To anybody.
        }

        @Override
        public String data(InputStream data) throws IOException {
            try {
                byte[] bytes = data.readAllBytes();
                Session session = Session.getInstance(new Properties());
                mails.add(told(new MimeMessage(session, new ByteArrayInputStream(bytes))));
                return null;
            } catch (MessagingException e) {
                throw new IOException("a mail that is none", e);
            }
        }

        @Override
        public void done() {
            // Nothing is kept but mails.
        }
    }
}
