/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole pair, packaged, in the namespace lab: live TCP and UDP through NAT, the active made to fail, the flows asked
 * again. The control runs the same without synchronisation and must lose every one of them.
 */
@RequireRoot
class DemoLab {
    private static final int SECONDS_MAX = 240;
    private static final double FAST_DEAD_MS = 170;
    private static final int FLOWS = 1_000;
    private static final double DARK_MS_MAX = 500;

    @ParameterizedTest
    @ValueSource(strings = {"power", "kill", "hang"})
    void shouldKeepEveryFlowWhenTheActiveIsLost(String failure) {
        prove(
                report -> {
                    assertEquals(failure, report.get("fail").asString());
                    assertSurvived(report);
                    assertDarkUnder(DARK_MS_MAX, report);
                    assertTrue(report.at("/takeover/detectMs").asDouble() > 0, report::toString);
                    for (String phase : new String[] {"drainMs", "gateMs", "vipsMs", "announceMs", "totalMs"}) {
                        assertTrue(report.at("/takeover/phases/" + phase).isNumber(), phase + " in " + report);
                    }
                },
                "--flows",
                "" + FLOWS,
                "--fail",
                failure);
    }

    @Test
    void shouldKeepEveryFlowWhenTheOperatorSwitchesOver() {
        prove(
                report -> {
                    assertSurvived(report);
                    assertDarkUnder(DARK_MS_MAX, report);
                },
                "--flows",
                "" + FLOWS,
                "--fail",
                "switchover");
    }

    @Test
    void shouldKeepTwentyThousandFlows() {
        prove(
                report -> {
                    assertSurvived(report);
                    assertTrue(report.at("/flows/opened").asInt() >= 20_000, report::toString);
                },
                "--flows",
                "20000");
    }

    @Test
    void shouldLoseEveryFlowWithoutSynchronisation() {
        prove(
                Retry.CALM_STALL_NS,
                report -> {
                    assertTrue(report.at("/flows/opened").asInt() >= 300, report::toString);
                    assertEquals(0, report.at("/flows/survived").asInt(), report::toString);
                    assertEquals("calm", report.at("/profile").asString(), report::toString);
                    assertTrue(
                            report.at("/takeover/detectMs").asDouble() > FAST_DEAD_MS, "as calm pairs do: " + report);
                },
                "--flows",
                "300",
                // What dies is asked, not how soon: a node that is active twice in the demonstration has its own flows.
                "--profile",
                "calm",
                "--no-sync");
    }

    /** Runs the demo and holds {@code proof} against what it found. */
    private static void prove(Consumer<JsonNode> proof, String... arguments) {
        prove(Retry.FAST_STALL_NS, proof, arguments);
    }

    private static void prove(long stallNs, Consumer<JsonNode> proof, String... arguments) {
        Retry.whenStalled(stallNs, () -> proof.accept(demo(arguments)));
    }

    private static JsonNode demo(String... arguments) {
        long seed = Seeds.seed("demo");
        String[] all = new String[arguments.length + 4];
        all[0] = "demo";
        all[1] = "--json";
        all[2] = "--seed";
        all[3] = Long.toString(seed);
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        Program.Ended ended = Program.run(Program.command(), SECONDS_MAX, all);
        assertEquals(0, ended.exitCode(), () -> ended.err() + ended.out());
        System.out.println(ended.out().strip());
        return JsonMapper.shared().readTree(ended.out());
    }

    private static void assertSurvived(JsonNode report) {
        int opened = report.at("/flows/opened").asInt();
        assertTrue(opened >= FLOWS, report::toString);
        assertEquals(opened, report.at("/flows/survived").asInt(), report::toString);
    }

    private static void assertDarkUnder(double boundMs, JsonNode report) {
        JsonNode dark = report.get("darkMs");
        assertEquals(16, dark.size(), report::toString);
        // What the machine itself stood still, at the sender's end and at the receiver's.
        double allowedMs = boundMs + 2 * report.at("/stallMs").asDouble();
        dark.forEachEntry((stream, ms) -> {
            assertTrue(ms.isNumber(), stream + " never came back: " + report);
            assertTrue(ms.asDouble() < allowedMs, stream + " was dark for " + ms + " ms: " + report);
        });
    }
}
