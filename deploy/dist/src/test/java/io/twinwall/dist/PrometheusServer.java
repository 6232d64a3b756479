/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.linux.NetNs;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Prometheus server in a network namespace, which scrapes a pair each second and judges its rules as often. */
final class PrometheusServer implements AutoCloseable {
    private static final String LISTEN = "127.0.0.1:9090";
    private static final int ANSWER_MS = 5_000;
    private static final int END_S = 10;

    private final String namespace;
    private final Path log;
    private final Process process;

    /**
     * Starts one.
     *
     * @param directory of its own: configuration, storage and log
     */
    PrometheusServer(Path directory, String namespace, Path rules, List<String> targets) throws Exception {
        this.namespace = namespace;
        Files.createDirectories(directory);
        log = directory.resolve("log");
        Path config = Files.writeString(
                directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: fw
                    static_configs:
                      - targets: ["%s"]
                """.formatted(rules, String.join("\", \"", targets)));
        ProcessBuilder command = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + directory.resolve("storage"),
                        "--web.listen-address=" + LISTEN,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        process = NetNs.call(namespace, command::start);
    }

    /** Whether it answers; fails when it has ended. */
    boolean ready() {
        assertTrue(process.isAlive(), this::said);
        try {
            return fetch(namespace, "http://" + LISTEN + "/-/ready").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** The values of an expression now, each with its labels. */
    JsonNode query(String expression) {
        return ask("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
                .path("result");
    }

    /** {@code data} of what the API answers. */
    JsonNode ask(String target) {
        try {
            Answer answer = fetch(namespace, "http://" + LISTEN + target);
            assertEquals(200, answer.status(), answer::body);
            return JsonMapper.shared().readTree(answer.body()).path("data");
        } catch (IOException e) {
            throw new AssertionError(target + ": " + e + "\n" + said(), e);
        }
    }

    /** What it had to say that is a warning or worse. */
    String said() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** A status and a body. */
    record Answer(int status, String body) {}

    /** What is to be had in {@code namespace} by {@code url}. */
    static Answer fetch(String namespace, String url) throws IOException {
        try {
            return NetNs.call(namespace, () -> {
                HttpURLConnection connection =
                        (HttpURLConnection) URI.create(url).toURL().openConnection();
                connection.setConnectTimeout(ANSWER_MS);
                connection.setReadTimeout(ANSWER_MS);
                // None is kept for somebody who asks from another namespace.
                connection.setRequestProperty("Connection", "close");
                int status = connection.getResponseCode();
                try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                    return new Answer(
                            status, body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
                }
            });
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(url, e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
