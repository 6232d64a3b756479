/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.testkit.RequireRoot;
import io.twinwall.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every failure of the table once, by the packaged program: roles, gates and flows must hold on any machine. Ten runs of
 * each, and the dark times: {@code ./twinwall failures}.
 */
@RequireRoot
class FailuresLab {
    private static final int SECONDS_MAX = 300;
    private static final String FAILURES = "io.twinwall.lab.FailuresCommand";

    @Test
    void shouldNeverBeTwoNorNoneWhateverFails() {
        Program.Ended ended = Program.runMain(
                FAILURES,
                SECONDS_MAX,
                "--json",
                "--logs",
                "--runs",
                "1",
                "--flows",
                "300",
                "--seconds",
                "8",
                "--seed",
                Long.toString(Seeds.seed("failures")));
        assertTrue(ended.exitCode() == 0 || ended.exitCode() == 1, ended::err);
        System.out.println(ended.err());
        JsonNode table = JsonMapper.shared().readTree(ended.out());
        List<String> missed = new ArrayList<>();
        for (JsonNode row : table.get("failures")) {
            String name = row.get("name").asString();
            for (JsonNode miss : row.get("misses")) {
                // Dark times are judged on a quiet machine; a lone agent's restart must not be noticed anywhere.
                if (name.equals("lone") || !miss.asString().startsWith("dark for")) {
                    missed.add(name + ": " + miss.asString());
                }
            }
        }
        assertEquals(List.of(), missed, ended::err);
    }
}
