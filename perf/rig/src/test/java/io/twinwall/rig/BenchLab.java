/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The rig with both stacks, in its short form: that it measures, not what. */
@RequireRoot
class BenchLab {
    private static final Path PACKAGE = Path.of("..", "..", "deploy", "dist", "target", "twinwall")
            .toAbsolutePath()
            .normalize();

    @TempDir
    private Path results;

    @Test
    void shouldMeasureBothStacksAndReport() throws IOException {
        run("--only", "power,cost,cold", "--against", "keepalived-conntrackd");

        List<JsonNode> lines = Files.readAllLines(results.resolve("results.jsonl")).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
        for (String contender : List.of("twinwall-fast", "peer-default")) {
            assertPositive(lines, contender, "power", "dark.udp");
            assertPositive(lines, contender, "cost", "udp.wire");
            assertPositive(lines, contender, "cost", "tcp.wire");
            assertPositive(lines, contender, "cold", "in.kernel.since.up");
        }
        // The other's streams do not always come back.
        assertPositive(lines, "twinwall-fast", "power", "dark.tcp");
        assertEquals(1, values(lines, "peer-default", "power", "dark.tcp").size());
        String report = Files.readString(results.resolve("README.md"));
        assertTrue(report.contains("| power lost, UDP dark, default timing |"), report);
        assertTrue(report.contains("(power.svg)"), report);
        assertTrue(Files.size(results.resolve("power.png")) > 1_000);
        assertTrue(Files.readString(results.resolve("power.svg")).contains("<svg"));
    }

    private void run(String... words) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8);
        String[] all = new String[words.length + 5];
        System.arraycopy(words, 0, all, 0, words.length);
        System.arraycopy(
                new String[] {"--small", "--results", results.toString(), "--program", PACKAGE.toString()},
                0,
                all,
                words.length,
                5);
        assertEquals(0, BenchCommand.run(all, to, to), () -> said.toString(StandardCharsets.UTF_8));
    }

    private static void assertPositive(List<JsonNode> lines, String contender, String scenario, String what) {
        double value = values(lines, contender, scenario, what).path(0).asDouble(0);
        assertTrue(value > 0, contender + ", " + scenario + ", " + what + ": " + value);
    }

    private static JsonNode values(List<JsonNode> lines, String contender, String scenario, String what) {
        return lines.stream()
                .filter(line -> line.path("contender").asString().equals(contender)
                        && line.path("scenario").asString().equals(scenario)
                        && line.path("what").asString().equals(what))
                .map(line -> line.path("values"))
                .findFirst()
                .orElseThrow();
    }
}
