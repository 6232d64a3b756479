/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command line: what it prints and how it ends. */
class SimulateTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commandLine = Simulate.commandLine();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    @Test
    void shouldEndWithZeroWhenEveryRuleHeld() {
        assertEquals(0, run("--seeds", "3"));
        assertTrue(out.toString().startsWith("3 lives"), out.toString());
    }

    @Test
    void shouldNameTheSeedAndTheRuleAndEndWithOneWhenARuleIsBroken() {
        assertEquals(1, run("--seeds", "50", "--bug", "gate_before_drain", "--fail-fast", "--json"));
        assertTrue(out.toString().contains("\"rule\":\"NOT_DRAINED\""), out.toString());
    }

    @Test
    void shouldTellTheStoryOfOneLife() {
        assertEquals(0, run("--seed", "1", "--trace"));
        assertTrue(out.toString().contains("Transition[from=BACKUP, to=MASTER"), "a story");
    }

    @Test
    void shouldPrintItsVersion() {
        assertEquals(0, run("--version"));
        assertTrue(out.toString().startsWith("twinwall "), out.toString());
    }

    @Test
    void shouldRefuseAWrongCommandLine() {
        assertEquals(64, run("--bug", "nonsense"));
    }
}
