/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file while it is read. */
final class ConfigProblems {
    private static final int SHOWN_MAX = 60;

    private final String file;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<ConfigProblem> warnings = new ArrayList<>();

    ConfigProblems(String file) {
        this.file = file;
    }

    void add(int line, String key, String expected, String found, String nearest) {
        problems.add(new ConfigProblem(file, line, key, expected, found, nearest));
    }

    void warn(int line, String key, String expected, String found) {
        warnings.add(new ConfigProblem(file, line, key, expected, found, ""));
    }

    boolean any() {
        return !problems.isEmpty();
    }

    /** All, by line; those of no line last. */
    List<ConfigProblem> problems() {
        return sorted(problems);
    }

    List<ConfigProblem> warnings() {
        return sorted(warnings);
    }

    /** {@code text} fit for a terminal: no control characters, and not longer than a line. */
    static String visible(String text) {
        String shown = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "..." : text;
        return shown.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cs}]", "?");
    }

    private static List<ConfigProblem> sorted(List<ConfigProblem> all) {
        return all.stream()
                .sorted(Comparator.comparingInt(p -> p.line() == 0 ? Integer.MAX_VALUE : p.line()))
                .toList();
    }
}
