/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stand-in for the agent, a process of its own, so that the demo is proved without the product: it answers the status
 * page, and when its peer no longer does, it calls itself active. With {@code sync.enabled = false} it then moves the
 * addresses, to a kernel that knows no flow; otherwise it leaves them where they are, on a kernel that knows all: the two
 * outcomes the demo must tell apart.
 */
final class FakeAgent {
    private static final long LOOK_NS = 5_000_000;

    private final String toml;
    private final Path directory;
    private final boolean sync;
    private final String lab;
    private volatile String role;
    private volatile long decidedNs;
    private volatile boolean peerSeen;

    private FakeAgent(Path config) throws IOException {
        this.toml = Files.readString(config);
        this.directory = config.getParent();
        this.sync = toml.contains("enabled = true");
        this.lab = directory.getParent().getFileName().toString();
        this.role = value("role").equals("master") ? "MASTER" : "BACKUP";
    }

    /** Called as {@code run --config FILE}. */
    public static void main(String[] arguments) throws IOException {
        FakeAgent agent = new FakeAgent(Path.of(arguments[2]));
        if (agent.role.equals("MASTER")) {
            ByHand.addVips(agent.namespace(agent.value("name")));
        }
        Thread.ofPlatform().daemon().start(agent::watchPeer);
        agent.serve();
    }

    private void serve() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(directory.resolve("admin.sock")));
            while (true) {
                SocketChannel client = server.accept();
                answer(client);
            }
        }
    }

    /** A peer killed between its question and the answer breaks this pipe; the stand-in lives on. */
    private void answer(SocketChannel client) {
        try (client) {
            client.read(ByteBuffer.allocate(4_096));
            byte[] body = status().getBytes(StandardCharsets.UTF_8);
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
            client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.UTF_8)));
            client.write(ByteBuffer.wrap(body));
        } catch (IOException e) {
            System.err.println("a client went away: " + e.getMessage());
        }
    }

    private String status() {
        return """
                {"role":"%s","readiness":"READY","peer":{"state":"%s"},"lease":{"armed":true},
                 "lastTakeover":{"reason":"peer dead","decidedNanoTime":%d,"phases":{"vipsMs":1.5,"totalMs":2.0}}}""".formatted(role, peerSeen ? "ALIVE" : "NEVER_SEEN", decidedNs);
    }

    private void watchPeer() {
        Path peer = directory.resolveSibling(peerName()).resolve("admin.sock");
        while (true) {
            boolean alive = Waiting.until(100, 5, () -> answers(peer));
            peerSeen |= alive;
            LockSupport.parkNanos(LOOK_NS);
            if (peerSeen && !alive && role.equals("BACKUP")) {
                decidedNs = System.nanoTime();
                if (!sync) {
                    takeAddresses();
                }
                role = "MASTER";
            }
        }
    }

    private void takeAddresses() {
        ByHand.deleteVips(namespace(peerName()));
        ByHand.addVips(namespace(value("name")));
        ByHand.forgetNeighbours(namespace("client"));
        ByHand.forgetNeighbours(namespace("server"));
    }

    private static boolean answers(Path socket) {
        try {
            return AdminClient.get(socket, "/v1/status", 500).status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private String peerName() {
        return value("name").equals("fw-a") ? "fw-b" : "fw-a";
    }

    private String namespace(String part) {
        return lab + "-" + part;
    }

    private String value(String key) {
        Matcher matcher = Pattern.compile("(?m)^" + key + " = \"(.*)\"").matcher(toml);
        if (!matcher.find()) {
            throw new IllegalArgumentException(key + " is not in " + toml);
        }
        return matcher.group(1);
    }
}
