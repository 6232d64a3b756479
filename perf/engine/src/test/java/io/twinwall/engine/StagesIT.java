/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The benchmarks run, all of them, and none of the program's stages allocates; how fast they are is not looked at. */
class StagesIT {
    private static final Set<String> SCORES = Set.of(
            "parse-create",
            "parse-update",
            "table-create-1000",
            "table-update-1000",
            "encode",
            "seal-1332",
            "seal-35",
            "open-1332",
            "open-35",
            "apply-1000",
            "inject",
            "digest",
            "compare");

    @Test
    void shouldScoreEveryStageAndSeeNoneAllocate(@TempDir Path directory) throws IOException {
        Path ledger = directory.resolve("stages.jsonl");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

        int code = StagesCommand.run(new String[] {"--quick", "--ledger", ledger.toString()}, out, out);

        String text = said.toString(StandardCharsets.UTF_8);
        System.out.println(text);
        assertEquals(0, code, text);
        Set<String> scored = new TreeSet<>();
        for (String line : Files.readAllLines(ledger)) {
            JsonNode score = JsonMapper.shared().readTree(line);
            scored.add(score.get("stage").asString());
            assertTrue(score.get("ns").asDouble() > 0, line);
            assertTrue(score.get("bytes").asDouble() < 1, line);
        }
        assertEquals(new TreeSet<>(SCORES), scored);
    }
}
