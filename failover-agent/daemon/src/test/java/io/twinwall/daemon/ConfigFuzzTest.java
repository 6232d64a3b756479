/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Mutated configurations end in a {@link ConfigReport}: a configuration or problems, nothing thrown, no hang. The TOML
 * parser takes about 10 microseconds a line, so most cases mutate one table of a file; some mutate whole files.
 */
class ConfigFuzzTest {
    private static final int TABLE_CASES = 100_000;
    private static final int FILE_CASES = TABLE_CASES / 100;
    private static final String[] TABLES = ConfigSamples.FULL.split("\n\n", -1);
    private static final String[] PIECES = {
        "\"",
        "'''",
        "\"\"\"",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "#",
        "\\u0000",
        "\\uD800",
        "\\",
        "-0",
        "+1",
        "99999999999999999999",
        "1e400",
        "nan",
        "0x7f",
        "1979-05-27",
        "25:61:61",
        "true",
        "1_0",
        "\u0000",
        "\ud83d",
        "\u202e",
        "path",
        "[path]",
        "[[vip]]",
        "[node.name]",
        "a.b.c = 1",
        "id",
        "\r",
        "[[[[[[[[[[[[[[[[",
        "{a={b="
    };
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(5);

    @Test
    @Timeout(300)
    void shouldEndInConfigurationOrProblemsWhateverAFileHolds() {
        SeededRandom random = new SeededRandom(Long.getLong("twinwall.seed", 20261121L));
        int valid = 0;
        for (int i = 0; i < FILE_CASES; i++) {
            valid += check(random, i, random.chance(2) ? ConfigSamples.FULL : ConfigSamples.SHORT) ? 1 : 0;
        }
        assertTrue(valid > 0 && valid < FILE_CASES, "mutations are neither idle nor deadly: " + valid);
    }

    @Test
    @Timeout(300)
    void shouldEndInProblemsWhateverATableHolds() {
        SeededRandom random = new SeededRandom(Long.getLong("twinwall.seed", 20261121L));
        for (int i = 0; i < TABLE_CASES; i++) {
            check(random, i, TABLES[random.nextInt(TABLES.length)]);
        }
    }

    private static boolean check(SeededRandom random, int i, String sample) {
        String text = mutate(random, sample);
        String about = "seed " + random.seed() + " case " + i + ":\n" + text;
        ConfigReport report;
        long startNs = System.nanoTime();
        try {
            report = ConfigFile.check("f.toml", text);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(about, e);
        }
        assertTrue(System.nanoTime() - startNs < LONGEST_NS, about);
        assertEquals(report.config().isEmpty(), !report.problems().isEmpty(), about);
        report.problems().forEach(problem -> assertTrue(problem.text().startsWith("f.toml"), about));
        return report.config().isPresent();
    }

    private static String mutate(SeededRandom random, String sample) {
        StringBuilder text = new StringBuilder(sample);
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(text.length());
            int end = Math.min(text.length(), at + 1 + random.nextInt(random.chance(8) ? 200 : 6));
            switch (random.nextInt(6)) {
                case 0 -> text.delete(at, end);
                case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                case 2 -> text.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
                case 3 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
                case 4 -> text.setCharAt(at, (char) (random.chance(4) ? random.nextInt(65536) : random.nextInt(128)));
                default -> {
                    byte[] bytes = new byte[1 + random.nextInt(8)];
                    random.nextBytes(bytes);
                    text.insert(at, new String(bytes, StandardCharsets.ISO_8859_1));
                }
            }
            if (text.isEmpty()) {
                text.append('x');
            }
        }
        return text.toString();
    }
}
