/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.admin;

import io.twinwall.base.ExitCode;
import io.twinwall.base.Fatal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One question to the daemon over its socket, one answer. Blocking, with a deadline for the whole exchange; on the
 * caller's thread. Plain NIO and no library, because the command line's start time is what its user waits for.
 */
public final class AdminClient {
    private static final int ANSWER_BYTES_MAX = 256 << 20;

    private final Path socket;
    private final long timeoutNs;

    public AdminClient(Path socket, Duration timeout) {
        this.socket = socket;
        this.timeoutNs = timeout.toNanos();
    }

    /** An answer, whatever its status. */
    public record Reply(int status, String body) {}

    /**
     * {@code GET path}.
     *
     * @throws Fatal UNAVAILABLE when no daemon answers in time, NO_PERMISSION when this user may not ask
     */
    public Reply get(String path) {
        return exchange("GET", path, "");
    }

    /** {@code POST path} with a JSON body; throws as {@link #get}. */
    public Reply post(String path, String json) {
        return exchange("POST", path, json);
    }

    private Reply exchange(String method, String path, String json) {
        long deadlineNs = System.nanoTime() + timeoutNs;
        try (SocketChannel channel = connect();
                Selector selector = Selector.open()) {
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            write(channel, selector, request(method, path, json), deadlineNs);
            key.interestOps(SelectionKey.OP_READ);
            return parse(read(channel, selector, deadlineNs));
        } catch (IOException e) {
            throw new Fatal(
                    ExitCode.UNAVAILABLE,
                    "the daemon at " + socket + " broke off: " + e.getMessage() + "; see its log",
                    e);
        }
    }

    private SocketChannel connect() {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private Fatal unreachable(IOException e) {
        String reason = String.valueOf(e.getMessage());
        if (reason.contains("Permission denied")) {
            return new Fatal(
                    ExitCode.NO_PERMISSION,
                    "not permitted to open " + socket + "; run as root (sudo twinwall ...), or join its group"
                            + " ([admin] socket-group)",
                    e);
        }
        boolean absent = !Files.exists(socket) || e instanceof ConnectException;
        String what = absent ? "no daemon answers at " + socket : "cannot open " + socket + ": " + reason;
        return new Fatal(
                ExitCode.UNAVAILABLE,
                what + "; start it: twinwall run --config FILE; or name its socket with --socket or --config",
                e);
    }

    private static ByteBuffer request(String method, String path, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        byte[] head = (method + " " + path + " HTTP/1.1\r\nHost: twinwall\r\nConnection: close\r\n"
                        + (body.length == 0
                                ? ""
                                : "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n")
                        + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .flip();
    }

    private void write(SocketChannel channel, Selector selector, ByteBuffer request, long deadlineNs)
            throws IOException {
        try {
            while (request.hasRemaining()) {
                if (channel.write(request) == 0) {
                    await(selector, deadlineNs);
                }
            }
        } catch (IOException e) {
            // The daemon may have answered and closed before it read all; then the answer says why.
            if (request.position() == 0) {
                throw e;
            }
        }
    }

    private byte[] read(SocketChannel channel, Selector selector, long deadlineNs) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream(4096);
        ByteBuffer chunk = ByteBuffer.allocate(16 * 1024);
        while (true) {
            int count = channel.read(chunk);
            if (count < 0) {
                return answer.toByteArray();
            }
            if (count == 0) {
                await(selector, deadlineNs);
            }
            answer.write(chunk.array(), 0, chunk.position());
            chunk.clear();
            if (answer.size() > ANSWER_BYTES_MAX) {
                throw new IOException("its answer is longer than " + ANSWER_BYTES_MAX + " bytes");
            }
        }
    }

    private void await(Selector selector, long deadlineNs) throws IOException {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
            throw new Fatal(
                    ExitCode.UNAVAILABLE,
                    "the daemon at " + socket + " did not answer within " + timeoutNs / 1_000_000
                            + " ms; it may hang: see its log, restart it");
        }
        selector.select(leftMs);
        selector.selectedKeys().clear();
    }

    /** Splits an answer that its sender ended by closing; the length must be what it said. */
    static Reply parse(byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int headEnd = text.indexOf("\r\n\r\n");
        if (headEnd < 0 || !text.startsWith("HTTP/1.1 ") || headEnd < 12) {
            throw new IOException("its answer is no HTTP");
        }
        int bodyAt = headEnd + 4;
        long length = -1;
        for (String line : text.substring(0, headEnd).split("\r\n", -1)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = number(line.substring(15).strip());
            }
        }
        if (length >= 0 && length != bytes.length - bodyAt) {
            throw new IOException("its answer is cut short");
        }
        return new Reply(
                (int) number(text.substring(9, 12)),
                new String(bytes, bodyAt, bytes.length - bodyAt, StandardCharsets.UTF_8));
    }

    private static long number(String text) throws IOException {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException("its answer is no HTTP", e);
        }
    }
}
