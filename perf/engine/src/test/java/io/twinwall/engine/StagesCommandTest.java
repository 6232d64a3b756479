/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.twinwall.base.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StagesCommandTest {
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    @Test
    void shouldListTheStages() {
        assertEquals(ExitCode.OK.code(), StagesCommand.run(new String[] {"--list", "--only", "seal,open"}, out, out));
        assertEquals("seal      a payload sealed\nopen      a frame opened\n", text());
    }

    @Test
    void shouldNameTheStagesWhenItKnowsOneNot() {
        assertEquals(ExitCode.USAGE.code(), StagesCommand.run(new String[] {"--only", "seal,shut"}, out, out));
        assertTrue(text().contains("expected one of parse, table, encode,"), text());
        assertTrue(text().contains("found \"shut\""), text());
    }

    @Test
    void shouldRefuseANumberOfForksOutOfRange() {
        assertEquals(ExitCode.USAGE.code(), StagesCommand.run(new String[] {"--forks", "0"}, out, out));
        assertEquals("stages: --forks: expected 1..20, found 0\n", text());
    }

    private String text() {
        return said.toString(StandardCharsets.UTF_8);
    }
}
