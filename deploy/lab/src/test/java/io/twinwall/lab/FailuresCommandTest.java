/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FailuresCommandTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) {
        return FailuresCommand.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldPrintItsVersion() {
        assertEquals(0, run("-V"));
        assertTrue(said().startsWith("twinwall "), said());
    }

    @Test
    void shouldNameEveryExitCode() {
        assertEquals(0, run("--help"));
        for (int code : new int[] {0, 1, 64, 70, 71, 77}) {
            assertTrue(said().contains("\n  " + code + " "), said());
        }
    }

    @Test
    void shouldRefuseAWrongCommandLine() {
        String[][] wrong = {
            {"--only", "fire"}, {"--profile", "fast,swift"}, {"--flows", "1000,0"}, {"--runs", "0"}, {"--append"}
        };
        for (String[] arguments : wrong) {
            assertEquals(64, run(arguments), String.join(" ", arguments));
        }
    }
}
