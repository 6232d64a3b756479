/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A few lines of HTTP/1.1 (RFC 9112) over a Unix socket, enough to ask an agent: one request a connection, answered
 * within a deadline, since an agent that hangs accepts connections and never answers.
 */
final class AdminClient {
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private AdminClient() {}

    /** The status line's number and the body. */
    record Answer(int status, String body) {}

    static Answer get(Path socket, String target, long deadlineMs) throws IOException {
        return exchange(
                socket, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", deadlineMs);
    }

    static Answer post(Path socket, String target, String json, long deadlineMs) throws IOException {
        return exchange(
                socket,
                "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json,
                deadlineMs);
    }

    private static Answer exchange(Path socket, String request, long deadlineMs) throws IOException {
        long deadlineNs = System.nanoTime() + deadlineMs * 1_000_000;
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                Selector selector = Selector.open()) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.allocate(16 << 10);
            while (true) {
                long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw new IOException("no answer within " + deadlineMs + " ms");
                }
                selector.select(leftMs);
                selector.selectedKeys().clear();
                int read = channel.read(in.clear());
                if (read > 0) {
                    all.write(in.array(), 0, read);
                }
                if (all.size() > ANSWER_BYTES_MAX) {
                    throw new IOException("the answer exceeds " + ANSWER_BYTES_MAX + " bytes");
                }
                String text = all.toString(StandardCharsets.UTF_8);
                if (read < 0 || complete(text, all.size())) {
                    return parse(text);
                }
            }
        }
    }

    private static boolean complete(String text, int bytes) {
        int bodyAt = text.indexOf("\r\n\r\n");
        long length = bodyAt < 0 ? -1 : contentLength(text.substring(0, bodyAt));
        return length >= 0 && bytes >= text.substring(0, bodyAt).getBytes(StandardCharsets.UTF_8).length + 4 + length;
    }

    private static long contentLength(String head) {
        for (String line : head.lines().toList()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                return Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return -1;
    }

    private static Answer parse(String text) throws IOException {
        int bodyAt = text.indexOf("\r\n\r\n");
        if (bodyAt < 0 || !text.matches("(?s)HTTP/1\\.1 [0-9]{3}.*")) {
            throw new IOException("not an HTTP answer: " + text.substring(0, Math.min(80, text.length())));
        }
        String head = text.substring(0, bodyAt);
        String body = text.substring(bodyAt + 4);
        if (head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            body = unchunk(body);
        }
        return new Answer(Integer.parseInt(text.substring(9, 12)), body);
    }

    private static String unchunk(String chunked) throws IOException {
        StringBuilder body = new StringBuilder();
        int at = 0;
        while (true) {
            int end = chunked.indexOf("\r\n", at);
            if (end < 0) {
                throw new IOException("a chunk is cut off");
            }
            int extension = chunked.indexOf(';', at);
            int sizeEnd = extension < 0 || extension > end ? end : extension;
            int size = Integer.parseInt(chunked.substring(at, sizeEnd).strip(), 16);
            if (size == 0) {
                return body.toString();
            }
            body.append(chunked, end + 2, Math.min(chunked.length(), end + 2 + size));
            at = end + 2 + size + 2;
        }
    }
}
