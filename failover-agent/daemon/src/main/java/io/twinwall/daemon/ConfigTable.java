/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.daemon;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * One table of the file while it is being bound. Each accessor asks for one key, notes what is wrong with it and
 * returns null then, so that binding goes on and finds every problem; {@link #done} refuses the keys nobody asked for.
 */
final class ConfigTable {
    private static final TomlTable EMPTY = Toml.parse("");
    private static final Pattern PLAIN = Pattern.compile("[^\\p{Cntrl}]+");

    private final ConfigProblems problems;
    private final TomlTable table;
    private final String path;
    private final int line;
    private final Set<String> asked = new LinkedHashSet<>();

    ConfigTable(ConfigProblems problems, TomlTable table, String path, int line) {
        this.problems = problems;
        this.table = table;
        this.path = path;
        this.line = line;
    }

    /** True when {@code key} is there, whatever its value. */
    boolean has(String key) {
        asked.add(key);
        return table.contains(List.of(key));
    }

    /** The line of {@code key}, or of this table's head when the key is absent. */
    int line(String key) {
        TomlPosition position = has(key) ? table.inputPositionOf(List.of(key)) : null;
        return position == null ? line : position.line();
    }

    String key(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The table {@code key}; an empty one when it is absent, which is a problem only where a key in it is required. */
    ConfigTable table(String key) {
        if (!has(key)) {
            return new ConfigTable(problems, EMPTY, key(key), 0);
        }
        if (table.get(List.of(key)) instanceof TomlTable inner) {
            return new ConfigTable(problems, inner, key(key), line(key));
        }
        wrong(key, "a table [" + key(key) + "]");
        return null;
    }

    /** The tables {@code [[key]]}, in the file's order; none when it is absent. */
    List<ConfigTable> tables(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (!(table.get(List.of(key)) instanceof TomlArray array) || !allTables(array)) {
            wrong(key, "tables [[" + key(key) + "]]");
            return List.of();
        }
        ConfigTable[] all = new ConfigTable[array.size()];
        Arrays.setAll(
                all,
                i -> new ConfigTable(
                        problems,
                        array.getTable(i),
                        key(key) + "[" + i + "]",
                        array.inputPositionOf(i).line()));
        return List.of(all);
    }

    Integer integer(String key, int min, int max, Integer absent) {
        return value(key, "a whole number " + min + ".." + max, absent, found -> {
            return found instanceof Long number && number >= min && number <= max ? number.intValue() : null;
        });
    }

    /** As {@link #integer}, for numbers that need more than 31 bits. */
    Long number(String key, long min, long max, Long absent) {
        return value(key, "a whole number " + min + ".." + max, absent, found -> {
            return found instanceof Long number && number >= min && number <= max ? number : null;
        });
    }

    /** One of {@code numbers}. */
    Integer oneOf(String key, List<Integer> numbers, Integer absent) {
        String all = numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return value(key, "one of " + all, absent, found -> {
            return numbers.stream()
                    .filter(one -> found instanceof Long number && number == (long) one)
                    .findFirst()
                    .orElse(null);
        });
    }

    /** A whole number, or one of {@code words}, whose value it then is. */
    Integer integerOr(String key, int min, int max, Map<String, Integer> words, Integer absent) {
        String or = words.keySet().stream().map(word -> " or \"" + word + "\"").collect(Collectors.joining());
        return value(key, "a whole number " + min + ".." + max + or, absent, found -> {
            if (found instanceof String text) {
                return words.get(text);
            }
            return found instanceof Long number && number >= min && number <= max ? number.intValue() : null;
        });
    }

    Boolean bool(String key, boolean absent) {
        return value(key, "true or false", absent, found -> found instanceof Boolean value ? value : null);
    }

    /** A word of {@code words}; {@code absent} null for a key that must be there. */
    <T extends Enum<T> & Config.Word> T word(String key, List<T> words, T absent) {
        return choice(key, named(words), absent);
    }

    /** One of {@code words}, by its name there; {@code absent} null for a key that must be there. */
    <T> T choice(String key, Map<String, T> words, T absent) {
        return value(key, "one of " + String.join(", ", words.keySet()), absent, found -> {
            return found instanceof String text ? words.get(text) : null;
        });
    }

    String text(String key, String expected, Pattern pattern) {
        return value(key, expected, null, found -> {
            return found instanceof String text && pattern.matcher(text).matches() ? text : null;
        });
    }

    /** As {@link #text}, where nothing is right too; null only when it is there and wrong. */
    Optional<String> optionalText(String key, String expected, Pattern pattern) {
        return has(key) ? Optional.ofNullable(text(key, expected, pattern)) : Optional.empty();
    }

    /** An argument vector: 1..64 strings, the first an absolute path, together at most 4,096 characters. */
    List<String> command(String key) {
        return value(key, "[\"/absolute/path\", \"argument\", ...], at most 64 strings", null, found -> {
            List<String> words = strings(found);
            boolean fits = !words.isEmpty()
                    && words.size() <= 64
                    && words.stream().mapToInt(String::length).sum() <= 4_096
                    && words.stream().noneMatch(word -> word.indexOf('\0') >= 0);
            return fits && words.getFirst().startsWith("/") && validPath(words.getFirst()) ? words : null;
        });
    }

    /** Some of {@code words}, each once, in the file's order. */
    <T extends Enum<T> & Config.Word> List<T> words(String key, List<T> words) {
        return choices(key, named(words));
    }

    /** Some of {@code words}, by their names there, each once, in the file's order. */
    <T> List<T> choices(String key, Map<String, T> words) {
        String quoted = words.keySet().stream().map(word -> '"' + word + '"').collect(Collectors.joining(", "));
        return value(key, "a list of some of " + quoted + ", each once", null, found -> {
            List<String> given = strings(found);
            boolean good = !given.isEmpty() && words.keySet().containsAll(given) && distinct(given);
            return good ? given.stream().map(words::get).toList() : null;
        });
    }

    /** 1..{@code max} strings, each once. */
    List<String> texts(String key, String expected, Pattern pattern, int max) {
        return value(key, expected, null, found -> {
            List<String> given = strings(found);
            boolean good = !given.isEmpty()
                    && given.size() <= max
                    && distinct(given)
                    && given.stream().allMatch(text -> pattern.matcher(text).matches());
            return good ? given : null;
        });
    }

    private static boolean distinct(List<String> texts) {
        return texts.stream().distinct().count() == texts.size();
    }

    private static <T extends Config.Word> Map<String, T> named(List<T> words) {
        Map<String, T> named = new LinkedHashMap<>();
        words.forEach(word -> named.put(word.text(), word));
        return named;
    }

    /** A net, {@code 10.0.0.0/8}; {@code default} is a net of either family, given as {@code whole}. */
    Config.Prefix prefix(String key, Config.Prefix whole) {
        String or = whole == null ? "" : " or \"default\"";
        return value(key, "\"net/prefix\" with no host bits, such as 10.0.0.0/8," + or, null, found -> {
            if (!(found instanceof String text)) {
                return null;
            }
            return whole != null && text.equals("default") ? whole : ConfigAddress.prefix(text);
        });
    }

    /** The address of one host. */
    InetAddress address(String key) {
        return value(key, "the literal address of one host, no name", null, found -> {
            InetAddress address = found instanceof String text ? ConfigAddress.address(text) : null;
            return address != null && ConfigAddress.unicast(address) ? address : null;
        });
    }

    /** An absolute path of at most {@code bytesMax} bytes. */
    Path absolutePath(String key, int bytesMax, Path absent) {
        return value(key, "an absolute path of at most " + bytesMax + " bytes", absent, found -> {
            try {
                return found instanceof String text
                                && PLAIN.matcher(text).matches()
                                && text.startsWith("/")
                                && text.getBytes(StandardCharsets.UTF_8).length <= bytesMax
                        ? Path.of(text)
                        : null;
            } catch (InvalidPathException e) {
                return null;
            }
        });
    }

    /** A unicast address and port of this host or the peer. */
    InetSocketAddress unicast(String key) {
        InetSocketAddress address = addressAndPort(key, null);
        if (address != null && !ConfigAddress.unicast(address.getAddress())) {
            wrong(key, "the address of one host");
            return null;
        }
        return address;
    }

    InetSocketAddress addressAndPort(String key, InetSocketAddress absent) {
        return value(key, "\"address:port\" or \"[address]:port\" with a literal address, no name", absent, found -> {
            return found instanceof String text ? ConfigAddress.addressAndPort(text) : null;
        });
    }

    /** Notes that the value of {@code key} is not {@code expected}. */
    void wrong(String key, String expected) {
        problems.add(line(key), key(key), expected, show(key), "");
    }

    /** Notes that {@code key} breaks a rule, with what was found in words of the caller. */
    void wrong(String key, String expected, String found) {
        problems.add(line(key), key(key), expected, found, "");
    }

    void warn(String key, String expected, String found) {
        problems.warn(line(key), key(key), expected, found);
    }

    /** To be called after the last key was asked for. */
    void done() {
        List<String> valid = List.copyOf(asked);
        for (String key : table.keySet()) {
            if (!valid.contains(key)) {
                problems.add(
                        line(key),
                        key(ConfigProblems.visible(key)),
                        "one of the keys " + String.join(", ", valid),
                        "an unknown key",
                        ConfigNearest.nearest(key, valid));
            }
        }
    }

    /** The value of {@code key} as {@code bind} makes it, which answers null for what is not {@code expected}. */
    <T> T value(String key, String expected, T absent, Function<Object, T> bind) {
        if (!has(key)) {
            if (absent == null) {
                problems.add(line, key(key), expected, "nothing", "");
            }
            return absent;
        }
        T value = bind.apply(table.get(List.of(key)));
        if (value == null) {
            wrong(key, expected);
        }
        return value;
    }

    private String show(String key) {
        Object found = has(key) ? table.get(List.of(key)) : null;
        return switch (found) {
            case null -> "nothing";
            case TomlTable inner -> "a table";
            case TomlArray array -> "an array";
            case String text -> "\"" + ConfigProblems.visible(text) + "\"";
            default -> ConfigProblems.visible(found.toString());
        };
    }

    /** The strings of an array of strings; none when it is something else. */
    private static List<String> strings(Object found) {
        if (!(found instanceof TomlArray array)) {
            return List.of();
        }
        List<String> strings = array.toList().stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
        return strings.size() == array.size() ? strings : List.of();
    }

    private static boolean validPath(String text) {
        try {
            return !Path.of(text).toString().isEmpty();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean allTables(TomlArray array) {
        for (int i = 0; i < array.size(); i++) {
            if (!array.isTable(i)) {
                return false;
            }
        }
        return !array.isEmpty();
    }
}
