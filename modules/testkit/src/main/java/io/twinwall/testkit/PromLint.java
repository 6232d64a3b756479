/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a page of Prometheus' text format as strictly as a reader may, and judges its names by the rules that {@code
 * promtool check metrics} applies and the Prometheus documentation gives ("Metric and label naming", "Exposition
 * formats"): base units, {@code _total} for what only grows and for nothing else, no type and no abbreviated unit in a
 * name, no word that histograms and summaries reserve. So that a name is judged where it is made, and not by whoever
 * scrapes it.
 */
public final class PromLint {
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");
    private static final Pattern SAMPLE = Pattern.compile("([^{ ]+)(\\{(.*)})? ([^ ]+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\n\"])*)\"(?:,|$)");
    private static final Pattern NUMBER = Pattern.compile("NaN|[+-]Inf|-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?");
    private static final Set<String> TYPES = Set.of("counter", "gauge", "histogram", "summary", "untyped");

    /** What is not a base unit, and the one it should be. */
    private static final Map<String, String> UNITS = Map.ofEntries(
            Map.entry("nanoseconds", "seconds"),
            Map.entry("microseconds", "seconds"),
            Map.entry("milliseconds", "seconds"),
            Map.entry("minutes", "seconds"),
            Map.entry("hours", "seconds"),
            Map.entry("days", "seconds"),
            Map.entry("weeks", "seconds"),
            Map.entry("bits", "bytes"),
            Map.entry("kilobytes", "bytes"),
            Map.entry("megabytes", "bytes"),
            Map.entry("gigabytes", "bytes"),
            Map.entry("kibibytes", "bytes"),
            Map.entry("mebibytes", "bytes"),
            Map.entry("percent", "ratio"),
            Map.entry("permille", "ratio"));

    private static final Set<String> ABBREVIATED =
            Set.of("s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d");

    private static final Set<String> RESERVED_ENDS = Set.of("bucket", "count", "sum");

    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> types = new HashMap<>();
    private final Map<String, Set<String>> labels = new HashMap<>();
    private final Set<String> helped = new HashSet<>();
    private final Set<String> series = new HashSet<>();
    private String family = "";

    private PromLint() {}

    /** What is wrong with {@code page}, each with the line or the name; nothing when all is well. */
    public static List<String> problems(String page) {
        PromLint lint = new PromLint();
        if (!page.endsWith("\n")) {
            lint.problems.add("the last line does not end");
        }
        page.lines().forEach(lint::line);
        for (String name : lint.types.keySet()) {
            if (!lint.labels.containsKey(name)) {
                lint.problems.add(name + ": no value");
            }
        }
        return List.copyOf(lint.problems);
    }

    private void line(String line) {
        if (line.startsWith("# HELP ")) {
            help(line.substring(7));
        } else if (line.startsWith("# TYPE ")) {
            type(line.substring(7));
        } else if (!line.isEmpty()) {
            sample(line);
        }
    }

    private void help(String rest) {
        int blank = rest.indexOf(' ');
        String name = blank < 0 ? rest : rest.substring(0, blank);
        family = name;
        check(helped.add(name), name + ": explained twice");
        check(blank > 0 && rest.length() > blank + 1, name + ": no help");
        check(rest.endsWith("."), name + ": its help is no sentence");
    }

    private void type(String rest) {
        String[] words = rest.split(" ", -1);
        String name = words[0];
        String type = words.length == 2 ? words[1] : "";
        check(name.equals(family), name + ": its type does not follow its help");
        check(TYPES.contains(type), name + ": of no known type: " + type);
        check(types.put(name, type) == null, name + ": its type is given twice");
        name(name, type);
    }

    private void name(String name, String type) {
        check(NAME.matcher(name).matches(), name + ": not in snake_case");
        List<String> words = List.of(name.split("_", -1));
        String last = words.getLast();
        check(last.equals("total") == type.equals("counter"), name + ": _total is for counters, and for all of them");
        check(!RESERVED_ENDS.contains(last), name + ": ends as parts of a histogram do");
        for (String word : words) {
            check(!TYPES.contains(word), name + ": its type is in its name");
            check(!ABBREVIATED.contains(word), name + ": an abbreviated unit, " + word);
            String base = UNITS.get(word);
            check(base == null, name + ": in " + word + ", not in " + base);
        }
    }

    private void sample(String line) {
        Matcher matcher = SAMPLE.matcher(line);
        if (!matcher.matches()) {
            problems.add("no value: " + line);
            return;
        }
        String name = matcher.group(1);
        check(name.equals(family), name + ": its values do not follow its help and type");
        check(types.containsKey(name), name + ": of no type");
        check(NUMBER.matcher(matcher.group(4)).matches(), name + ": no number: " + matcher.group(4));
        String braces = matcher.group(3) == null ? "" : matcher.group(3);
        check(series.add(name + "{" + braces), name + ": the same value twice: " + line);
        Set<String> names = labels(name, braces);
        Set<String> before = labels.putIfAbsent(name, names);
        check(before == null || before.equals(names), name + ": other labels than its family: " + line);
    }

    private Set<String> labels(String name, String braces) {
        Set<String> names = new HashSet<>();
        Matcher matcher = LABEL.matcher(braces);
        int end = 0;
        while (end < braces.length() && matcher.find(end) && matcher.start() == end) {
            String label = matcher.group(1);
            check(names.add(label), name + ": label twice: " + label);
            check(
                    NAME.matcher(label).matches() && !label.startsWith("__"),
                    name + ": label not in snake_case: " + label);
            check(!label.equals("le") && !label.equals("quantile"), name + ": reserved label: " + label);
            check(
                    !name.toLowerCase(Locale.ROOT).endsWith("_by_" + label),
                    name + ": its label is in its name: " + label);
            end = matcher.end();
        }
        check(end == braces.length(), name + ": labels that are none: " + braces);
        return names;
    }

    private void check(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
