/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Five minutes of faults under traffic, by the packaged program, with a ledger in the end; and two with a weakness
 * planted, which the ledger must show. Hours of it: {@code ./twinwall soak}.
 */
@RequireRoot
class SoakLab {
    private static final String SOAK = "io.twinwall.lab.SoakCommand";
    private static final int SECONDS_MAX = 420;

    private static Program.Ended soak(String... options) {
        String[] arguments = new String[options.length + 3];
        arguments[0] = "--json";
        arguments[1] = "--seed";
        arguments[2] = Long.toString(Seeds.seed("soak"));
        System.arraycopy(options, 0, arguments, 3, options.length);
        return Program.runMain(SOAK, SECONDS_MAX, arguments);
    }

    @Test
    void shouldEndWithACleanLedger() {
        // A stall of the machine of 170 ms is a takeover in profile fast, and one that nobody asked for.
        Program.Ended ended = soak("--minutes", "5", "--flows", "300", "--profile", "calm");
        System.out.println(ended.err());
        JsonNode ledger = JsonMapper.shared().readTree(ended.out());
        assertEquals("[]", ledger.get("misses").toString(), ended::err);
        assertEquals(0, ended.exitCode(), ended::err);
        assertTrue(ledger.get("faults").asInt() >= 8, ended::err);
    }

    @Test
    void shouldShowTheFlowsThatAPairWithoutSynchronisationLoses() {
        Program.Ended ended =
                soak("--minutes", "0.1", "--flows", "100", "--only", "switchover", "--control", "no-sync");
        assertEquals(1, ended.exitCode(), ended::err);
        assertTrue(JsonMapper.shared().readTree(ended.out()).get("flowsLost").asInt() > 0, ended::err);
    }

    @Test
    void shouldShowTheTwoGatesOfAPairWithoutFence() {
        Program.Ended ended =
                soak("--minutes", "0.1", "--flows", "40", "--only", "hang-active", "--control", "no-fence");
        assertEquals(1, ended.exitCode(), ended::err);
        JsonNode ledger = JsonMapper.shared().readTree(ended.out());
        assertTrue(ledger.get("twoOpenMsMax").asDouble() > ledger.get("leaseMs").asDouble(), ended::err);
    }
}
