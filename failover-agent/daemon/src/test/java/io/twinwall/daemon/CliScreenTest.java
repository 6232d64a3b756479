/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliScreenTest {
    @TempDir
    private Path directory;

    @Test
    void shouldTellATerminalByWhereTheDescriptorLeads() throws Exception {
        for (String terminal : new String[] {"/dev/pts/3", "/dev/tty1", "/dev/ttyS0", "/dev/console"}) {
            assertEquals(true, CliScreen.isTerminal(link(terminal)), terminal);
        }
        for (String other : new String[] {"pipe:[4711]", "/dev/null", "/tmp/log", "socket:[1]"}) {
            assertEquals(false, CliScreen.isTerminal(link(other)), other);
        }
        assertFalse(CliScreen.isTerminal(directory.resolve("absent")));
    }

    @Test
    void shouldNotColourWhatIsNoTerminal() {
        // Of a test nobody reads the output on a terminal that is its own.
        CliScreen screen = CliScreen.standardOutput(Map.of("TERM", "xterm", "NO_COLOR", "1"));
        assertEquals(CliStyle.PLAIN, screen.style());
        assertEquals(CliStyle.PLAIN, CliScreen.standardOutput(Map.of()).style());
        assertEquals(CliStyle.PLAIN, CliScreen.PIPE.style());
    }

    @Test
    void shouldPadByWhatIsShown() {
        assertEquals("\033[32mok\033[0m   |", CliStyle.pad(CliStyle.COLOURED.good("ok"), 5) + "|");
        assertEquals("", CliStyle.COLOURED.bad(""));
        assertEquals("ok", CliStyle.PLAIN.goodIf(true, "ok"));
    }

    private Path link(String target) throws Exception {
        return Files.createSymbolicLink(directory.resolve("fd" + target.hashCode()), Path.of(target));
    }
}
