/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Golden scripts: what happens to one node ({@code >} lines, written by hand) and what it does ({@code <} lines, written by
 * the protocol). {@code -Dtwinwall.golden=write} rewrites the answers, to be reviewed as a diff.
 */
class GoldenScriptTest {
    private static final Path SCRIPTS = Path.of("src/test/resources/golden");

    @TestFactory
    List<DynamicTest> shouldDoWhatTheScriptSays() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.sorted()
                    .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> compare(file)))
                    .toList();
        }
    }

    private static void compare(Path file) throws IOException {
        String script = Files.readString(file);
        String played = new GoldenPlayer().play(script);
        if ("write".equals(System.getProperty("twinwall.golden"))) {
            Files.writeString(file, played);
        }
        assertEquals(Files.readString(file), played);
    }
}
