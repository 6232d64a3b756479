/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.lab.AgentOptions;
import io.twinwall.lab.Lab;
import io.twinwall.lab.LabAgent;
import io.twinwall.lab.LiveFlows;
import io.twinwall.lab.Pair;
import io.twinwall.lab.Waiting;
import io.twinwall.linux.NetNs;
import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import io.twinwall.testkit.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who may not ask, and who asks badly, is refused by the active of a running pair, which is disturbed by none of it. */
@RequireRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdminLab {
    private static final long READY_MS = 60_000;
    private static final int FLOWS = 40;
    private static final int METRICS_PORT = 9470;
    private static final int REMOTE_PORT = 9471;
    private static final int NOBODY = 65_534;
    private static final int NO_PERMISSION = 77;
    private static final String TOKEN = "b7".repeat(20);
    private static final long BODY_BYTES = 100L << 20;
    private static final long BODY_KEPT_BYTES_MAX = 24L << 20;

    /** OPERATING.md: no whole request within 5 s, 32 connections a listener. */
    private static final long READ_MS = 5_000;

    private static final long SLACK_MS = 2_500;
    private static final int CONNECTIONS_MAX = 32;

    /** RFC 8446, sections 5.1 and 4: the head of a record of 16 KiB, and of the client's hello in it. */
    private static final byte[] TLS_HANDSHAKE = {22, 3, 1, 0x40, 0, 1, 0, 0x3f, (byte) 0xfc, 3, 3};

    private Lab lab;
    private Pair pair;
    private LiveFlows flows;
    private LabAgent active;
    private TestCertificate certificate;

    @BeforeAll
    void start() throws Exception {
        lab = Lab.create();
        certificate = TestCertificate.make(lab.directory(), "remote");
        Path tokens = Files.createFile(
                lab.directory().resolve("tokens"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(tokens, TOKEN + "\n");
        String remote = """
                [admin.remote]
                listen = "127.0.0.1:%d"
                certificate = "%s"
                key = "%s"
                token-file = "%s"
                """.formatted(REMOTE_PORT, certificate.certificate(), certificate.key(), tokens);
        pair = new Pair(lab, Program.command(), AgentOptions.defaults().withMore(remote));
        pair.awaitPair(READY_MS, progress -> {});
        flows = new LiveFlows(lab, FLOWS, Seeds.seed("admin"));
    }

    @AfterAll
    void end() {
        if (flows != null) {
            flows.close();
        }
        if (pair != null) {
            pair.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void shouldLetNobodyAskWhoMayNotOpenTheSocket(@TempDir Path copy) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        command.addAll(readable(copy));
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            Undisturbed before = begins();
            for (String[] words : new String[][] {{"status"}, {"switchover"}}) {
                List<String> arguments = new ArrayList<>(List.of(words));
                arguments.addAll(List.of("--socket", active.socket().toString()));
                Program.Ended ended = Program.run(command, 30, arguments.toArray(String[]::new));
                assertEquals(NO_PERMISSION, ended.exitCode(), ended::toString);
                assertTrue(ended.err().contains("not permitted to open " + active.socket()), ended::err);
            }
            before.assertStill();
        });
    }

    /** The program where nobody can read it. */
    private static List<String> readable(Path copy) throws IOException {
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> jars = new ArrayList<>();
        try (Stream<Path> lib = Files.list(Program.home().resolve("lib"))) {
            for (Path jar : lib.sorted().toList()) {
                jars.add(Files.copy(jar, copy.resolve(jar.getFileName())).toString());
            }
        }
        List<String> command = new ArrayList<>(Program.uncached());
        command.set(command.indexOf("-cp") + 1, String.join(":", jars));
        command.set(1, "@" + Files.copy(Program.home().resolve("jvm.options"), copy.resolve("jvm.options")));
        return command;
    }

    @Test
    void shouldRefuseWhoHasNoTokenOrAWrongOne() throws Exception {
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            Undisturbed before = begins();
            long refused = counter("admin_unauthorized_total");
            for (String authorization : List.of("", "Authorization: Bearer " + "c4".repeat(20) + "\r\n")) {
                for (String request : List.of("GET /v1/status", "POST /v1/switchover")) {
                    String answer = remote(request + " HTTP/1.1\r\nHost: localhost\r\n" + authorization
                            + "Content-Length: 0\r\nConnection: close\r\n\r\n");
                    assertTrue(answer.startsWith("HTTP/1.1 401 "), answer);
                }
            }
            String good = remote("GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
                    + "\r\nConnection: close\r\n\r\n");
            assertTrue(good.startsWith("HTTP/1.1 200 ") && good.contains("\"role\":\"MASTER\""), good);
            assertEquals(refused + 4, counter("admin_unauthorized_total"));
            assertTrue(Files.readString(active.logFile()).contains("a wrong token from /127.0.0.1"));
            before.assertStill();
        });
    }

    @Test
    void shouldRefuseAHugeBodyWhileItAnswersOthers() throws Exception {
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            Undisturbed before = begins();
            long resident =
                    (long) active.metric("process_resident_memory_bytes").orElseThrow();
            String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
            for (String how : List.of("Content-Length: " + BODY_BYTES, "Transfer-Encoding: chunked")) {
                try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                    channel.connect(UnixDomainSocketAddress.of(active.socket()));
                    write(channel, "POST /v1/reload HTTP/1.1\r\nHost: localhost\r\n" + how + "\r\n\r\n");
                    String part = how.startsWith("T") ? chunk : "x".repeat(0x10000);
                    long sent = 0;
                    while (sent < BODY_BYTES && write(channel, part)) {
                        sent += part.length();
                        assertTrue(active.status().isPresent(), "it answers others");
                    }
                    assertTrue(sent < BODY_BYTES / 2, "it hung up after " + sent + " bytes");
                    String answer = read(channel);
                    assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 413 "), answer);
                }
            }
            assertTrue(active.metric("process_resident_memory_bytes").orElseThrow() - resident < BODY_KEPT_BYTES_MAX);
            before.assertStill();
        });
    }

    @Test
    void shouldCutOffManySlowClientsAndServeOthersMeanwhile() throws Exception {
        Retry.whenStalled(Retry.CALM_STALL_NS, () -> {
            List<SlowClient> clients = new ArrayList<>();
            try {
                cutOff(clients);
            } finally {
                clients.forEach(SlowClient::end);
            }
        });
    }

    /** @param clients takes those that it opens */
    private void cutOff(List<SlowClient> clients) throws Exception {
        Undisturbed before = begins();
        long slow = counter("admin_slow_total");
        long crowded = counter("admin_crowded_total");
        int many = 50;
        int few = 20;
        for (int i = 0; i < many; i++) {
            clients.add(new SlowClient(tcp(METRICS_PORT), new byte[0]));
        }
        for (int i = 0; i < few; i++) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(active.socket()));
            clients.add(new SlowClient(channel, new byte[0]));
            // Of a handshake nothing comes either.
            clients.add(new SlowClient(tcp(REMOTE_PORT), TLS_HANDSHAKE));
        }
        int[] answered = {0};
        boolean all = Waiting.until(READ_MS + SLACK_MS, 100, () -> {
            clients.forEach(SlowClient::drip);
            answered[0] += active.status().isPresent() ? 1 : 0;
            return clients.stream().allMatch(SlowClient::cut);
        });
        assertTrue(all, "all are cut off within " + (READ_MS + SLACK_MS) + " ms");
        assertTrue(answered[0] > 20, "it answered others " + answered[0] + " times");
        List<SlowClient> served =
                clients.stream().filter(one -> !one.said().contains(" 503 ")).toList();
        assertEquals(CONNECTIONS_MAX + 2 * few, served.size(), "the others are told that there are too many");
        for (SlowClient one : served) {
            assertTrue(one.lastedMs() > READ_MS - SLACK_MS, "cut off after " + one.lastedMs() + " ms");
            assertTrue(one.said().isEmpty() || one.said().startsWith("HTTP/1.1 408 "), one::said);
        }
        assertTrue(counter("admin_slow_total") - slow >= CONNECTIONS_MAX + few);
        assertEquals(many - CONNECTIONS_MAX, counter("admin_crowded_total") - crowded);
        before.assertStill();
    }

    /** A whole pair, whoever is the active one. */
    private Undisturbed begins() {
        active = pair.awaitPair(READY_MS, progress -> {});
        return new Undisturbed();
    }

    /** What must go on as before, on both nodes: roles, heartbeats, flows. */
    private final class Undisturbed {
        private final List<String> standing = standing();
        private final long beats = beats();
        private final long startNs = System.nanoTime();

        void assertStill() {
            assertEquals(standing, standing());
            assertEquals("", flows.lost());
            long seconds = (System.nanoTime() - startNs) / 1_000_000_000L;
            // By three paths, 5 a second.
            assertTrue(beats() - beats >= 3 * 4 * seconds, "heartbeats in " + seconds + " s: " + (beats() - beats));
        }

        private long beats() {
            return json(pair.other(active))
                    .at("/counters/wire_heartbeats_accepted_total")
                    .asLong();
        }

        private List<String> standing() {
            List<String> all = new ArrayList<>();
            for (LabAgent agent : pair.agents()) {
                JsonNode json = json(agent);
                all.add(json.path("role").asString() + " "
                        + json.path("readiness").asString());
                all.add(json.path("term") + " " + json.at("/counters/role_transitions_total"));
                for (var counter : json.path("counters").properties()) {
                    if (counter.getKey().startsWith("alarms_")) {
                        all.add(counter.getKey() + " " + counter.getValue());
                    }
                }
            }
            return all;
        }
    }

    /** Sends a byte now and then, {@code begin} first, and never a whole request. */
    private static final class SlowClient {
        private final SocketChannel channel;
        private final long startNs = System.nanoTime();
        private final StringBuilder said = new StringBuilder();
        private final byte[] begin;
        private int sent;
        private long endNs;

        SlowClient(SocketChannel channel, byte[] begin) throws IOException {
            this.channel = channel;
            this.begin = begin;
            channel.configureBlocking(false);
        }

        void drip() {
            if (cut()) {
                return;
            }
            try {
                ByteBuffer in = ByteBuffer.allocate(4096);
                int read = channel.read(in);
                if (read > 0) {
                    said.append(StandardCharsets.ISO_8859_1.decode(in.flip()));
                } else if (read < 0) {
                    end();
                } else if (said.isEmpty()) {
                    byte next = sent < begin.length ? begin[sent] : (byte) 'G';
                    sent += channel.write(ByteBuffer.wrap(new byte[] {next}));
                }
            } catch (IOException e) {
                end();
            }
        }

        private void end() {
            endNs = System.nanoTime();
            try {
                channel.close();
            } catch (IOException e) {
                // It is closed at the other end, which is what counts.
            }
        }

        boolean cut() {
            return endNs != 0;
        }

        long lastedMs() {
            return (endNs - startNs) / 1_000_000;
        }

        String said() {
            return said.toString();
        }
    }

    private SocketChannel tcp(int port) throws Exception {
        return NetNs.call(
                lab.namespace(active.node()),
                () -> SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    /** What the remote listener answers to {@code request}. */
    private String remote(String request) throws Exception {
        SSLSocketFactory factory = certificate.trusted().getSocketFactory();
        try (Socket plain = NetNs.call(
                        lab.namespace(active.node()), () -> new Socket(InetAddress.getLoopbackAddress(), REMOTE_PORT));
                Socket tls = factory.createSocket(plain, "localhost", REMOTE_PORT, true)) {
            OutputStream out = tls.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = tls.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** False: the other end has hung up. */
    private static boolean write(SocketChannel channel, String text) {
        try {
            ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String read(SocketChannel channel) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.allocate(4096);
        try {
            while (channel.read(in) >= 0) {
                all.write(in.array(), 0, in.position());
                in.clear();
            }
        } catch (IOException e) {
            // Bytes that it did not read any more cost the answer.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode json(LabAgent agent) {
        return Agents.status(agent).json();
    }

    private long counter(String name) {
        return json(active).path("counters").path(name).asLong(-1);
    }
}
