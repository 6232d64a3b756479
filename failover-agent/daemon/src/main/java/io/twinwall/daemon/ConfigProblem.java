/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

/**
 * One thing wrong, or doubtful, in a configuration file.
 *
 * @param line from 1; 0 when the problem is in no line, for what is absent
 * @param key dotted, with the index of a repeated table: {@code path[1].local}; empty for the file as a whole
 * @param expected what would be right
 * @param found what is there
 * @param nearest a valid key that looks like an unknown one; empty for none
 */
public record ConfigProblem(String file, int line, String key, String expected, String found, String nearest) {
    /** {@code file:line: key: expected ..., found ...; did you mean '...'?} */
    public String text() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (!key.isEmpty()) {
            text.append(key).append(": ");
        }
        text.append("expected ").append(expected).append(", found ").append(found);
        if (!nearest.isEmpty()) {
            text.append("; did you mean '").append(nearest).append("'?");
        }
        return text.toString();
    }
}
