/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.Locale;

/** Rows of a screen for people: a label, then one value or more in columns. */
final class CliRows {
    private static final int LABEL = 12;
    private static final int NAME = 28;
    private static final int WIDTH = 110;

    private final StringBuilder text = new StringBuilder();

    /** {@code label  value}. */
    void row(String label, String value) {
        line(CliStyle.pad(label, LABEL) + " " + value);
    }

    /** {@code label  name  value}, the values below one another. */
    void row(String label, String name, String value) {
        columns(label, name, NAME, value);
    }

    /** {@code label  left  right}, {@code left} in {@code width} columns. */
    void columns(String label, String left, int width, String right) {
        row(label, CliStyle.pad(left, width) + " " + right);
    }

    /** As {@link #row(String, String)}, in as many lines as it takes. */
    void wrapped(String label, String value) {
        String before = label;
        StringBuilder line = new StringBuilder();
        for (String word : value.split(" ", -1)) {
            if (line.length() > 0 && LABEL + line.length() + word.length() > WIDTH) {
                row(before, line.toString());
                before = "";
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        row(before, line.toString());
    }

    /** An empty line between two parts. */
    void gap() {
        line("");
    }

    private void line(String line) {
        // No blanks at line ends, which an empty last column would leave.
        text.append(line.stripTrailing()).append('\n');
    }

    String text() {
        return text.toString();
    }

    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
