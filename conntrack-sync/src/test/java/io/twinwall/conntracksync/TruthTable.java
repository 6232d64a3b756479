/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.conntracksync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tables of {@code docs/KERNEL.md}, each found by its head. {@code -Dtwinwall.golden=write} puts there what was measured. */
final class TruthTable {
    private static final Path DOCUMENT = Path.of("../docs/KERNEL.md");

    private TruthTable() {}

    /** Fails unless the document has exactly this table, whose first line is its head. */
    static void assertDocumented(List<String> measured) throws IOException {
        List<String> document = Files.readAllLines(DOCUMENT);
        int begin = document.indexOf(measured.getFirst());
        if (begin < 0) {
            throw new AssertionError(DOCUMENT + " has no table " + measured.getFirst());
        }
        int end = begin;
        while (end < document.size() && document.get(end).startsWith("|")) {
            end++;
        }
        if ("write".equals(System.getProperty("twinwall.golden"))) {
            List<String> changed = new ArrayList<>(document.subList(0, begin));
            changed.addAll(measured);
            changed.addAll(document.subList(end, document.size()));
            Files.write(DOCUMENT, changed);
            return;
        }
        assertEquals(
                String.join("\n", measured),
                String.join("\n", document.subList(begin, end)),
                "what this kernel does, and what docs/KERNEL.md says of it");
    }
}
