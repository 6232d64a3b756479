/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import io.twinwall.testkit.RequireRoot;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demo's own judgement, with stand-ins for the agents; the product's is proved where the product is. */
@RequireRoot
class DemoIT {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static List<String> fakeAgent() {
        List<String> command = new ArrayList<>();
        command.add(java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java")
                .toString());
        command.addAll(List.of(
                "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FakeAgent.class.getName()));
        return command;
    }

    private ExitCode demo(DemoOptions options) {
        return Demo.run(
                options,
                fakeAgent(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @Test
    void shouldSayYesWhenEveryFlowSurvives() {
        ExitCode code = demo(
                DemoOptions.defaults().withFlows(100).withFail(Failure.KILL).withJson(true));
        String said = out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
        assertEquals(ExitCode.OK, code, said);
        JsonNode json = JsonMapper.shared().readTree(out.toString(StandardCharsets.UTF_8));
        assertEquals(
                List.of("fail", "profile", "flows", "darkMs", "takeover", "stallMs", "seed"),
                StreamSupport.stream(json.propertyNames().spliterator(), false).toList());
        assertEquals("kill", json.path("fail").asString());
        assertEquals("fast", json.path("profile").asString());
        assertTrue(json.path("flows").path("opened").asInt() >= 120, said);
        assertEquals(
                json.path("flows").path("opened").asInt(),
                json.path("flows").path("survived").asInt());
        assertEquals(16, json.path("darkMs").size());
        assertTrue(json.path("takeover").path("detectMs").asDouble() > 0, said);
        assertEquals(2.0, json.path("takeover").path("phases").path("totalMs").asDouble());
        assertEquals(1, out.toString(StandardCharsets.UTF_8).lines().count());
    }

    @Test
    void shouldHoldTheControlWhenEveryFlowIsLost() {
        ExitCode code =
                demo(DemoOptions.defaults().withFlows(60).withSync(false).withFail(Failure.POWER));
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(ExitCode.OK, code, said);
        assertTrue(said.contains("the control holds"), said);
        assertTrue(said.contains("never"), said);
        assertFalse(said.contains("\u001b"), "no terminal, no escapes");
    }

    @Test
    void shouldSayNoWhenNobodyTakesOver() {
        ExitCode code = demo(DemoOptions.defaults().withFlows(4).withFail(Failure.LINK));
        String said = out.toString(StandardCharsets.UTF_8);
        assertEquals(ExitCode.REFUSED, code, said);
        assertTrue(said.contains("nobody took over"), said);
    }
}
