/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Lives of a pair without planted bugs. {@code -Dtwinwall.seeds=N} lives more, {@code -Dtwinwall.seed=N} lives one and tells
 * its story.
 */
class PairLifeSimTest {
    private static final long SEEDS = Long.getLong("twinwall.seeds", 2_000);

    @Test
    void shouldKeepEveryRule() {
        Long only = Long.getLong("twinwall.seed");
        if (only != null) {
            Life.Result result = Campaign.one(only, Bug.NONE, true);
            result.lines().forEach(System.out::println);
            assertNull(result.violation(), () -> "seed " + only);
            return;
        }
        List<String> broken = new ArrayList<>();
        long lived = Campaign.run(1, SEEDS, Bug.NONE, 2, result -> {
            if (result.violation() != null) {
                broken.add("-Dtwinwall.seed=" + result.seed() + ": " + result.violation());
            }
            return broken.size() < 5;
        });
        assertEquals(List.of(), broken);
        assertEquals(SEEDS, lived);
    }

    @Test
    void shouldKeepEveryRuleInLivesThatOnceBrokeOne() throws IOException {
        int lines = 0;
        try (BufferedReader seeds = new BufferedReader(new InputStreamReader(
                PairLifeSimTest.class.getResourceAsStream("/seeds.txt"), StandardCharsets.UTF_8))) {
            for (String line = seeds.readLine(); line != null; line = seeds.readLine()) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    String[] parts = line.split("\\|", 3);
                    assertEquals(3, parts.length, line);
                    Rule.valueOf(parts[1].strip());
                    Life.Result result = Campaign.one(Long.parseLong(parts[0].strip()), Bug.NONE, false);
                    assertNull(result.violation(), line);
                    lines++;
                }
            }
        }
        assertTrue(lines > 0, "seeds in the list");
    }

    @Test
    void shouldLiveTheSameLifeForTheSameSeed() {
        for (long seed = 1; seed <= 5; seed++) {
            Life.Result first = Campaign.one(seed, Bug.NONE, false);
            Life.Result told = Campaign.one(seed, Bug.NONE, true);
            assertEquals(first.hash(), told.hash(), "seed " + seed);
            assertEquals(first.happenings(), told.happenings(), "seed " + seed);
            assertFalse(told.lines().isEmpty(), "a story");
        }
        assertFalse(
                Campaign.one(1, Bug.NONE, false).hash()
                        == Campaign.one(2, Bug.NONE, false).hash(),
                "another seed is another life");
    }
}
