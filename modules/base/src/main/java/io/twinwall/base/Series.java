/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.base;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How a {@link Counter} appears among the metrics: counters of one thing under several reasons, or on several paths, are
 * one family there, told apart by labels; and units are the base ones. The counter's own name stays what it is, flat and
 * in the unit it is counted in: status pages show that.
 *
 * @param family name of the metric without the program's prefix; "": the counter is not exported, since it is the sum of
 *     others that are
 * @param help one sentence, the same for the whole family
 * @param labels what tells this one from the others of its family, in the order they are written
 * @param perUnit how many of the exported unit one of the counted ones is
 */
public record Series(String family, String help, Map<String, String> labels, double perUnit) {
    private static final Pattern SNAKE_CASE = Pattern.compile("[a-z][a-z0-9_]*");

    /** Endings with a meaning of their own in Prometheus' formats, which its client takes off a name. */
    private static final Pattern RESERVED = Pattern.compile(".*_(created|info|bucket|count|sum)(_total)?");

    /** Of a counter that is the sum of others: who reads metrics adds up for himself. */
    public static final Series NONE = new Series("", "", Map.of(), 1);

    /** {@link #scaled}: nanoseconds counted, seconds exported. */
    public static final double NANOSECONDS = 1e-9;

    public Series {
        Check.that(
                family.isEmpty() || SNAKE_CASE.matcher(family).matches(), "a metric's name is snake_case: " + family);
        Check.that(!RESERVED.matcher(family).matches(), "a reserved ending of a metric's name: " + family);
        for (String label : labels.keySet()) {
            Check.that(SNAKE_CASE.matcher(label).matches(), "a label's name is snake_case: " + label);
        }
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    /** A family with one member as yet. */
    public static Series of(String family, String help) {
        return new Series(family, help, Map.of(), 1);
    }

    /** The member of this family that has {@code value} for {@code label}. Values come from few, known words. */
    public Series with(String label, String value) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        Check.that(more.put(label, value) == null, "a label is given once: " + label);
        return new Series(family, help, more, perUnit);
    }

    /** The same, exported in another unit: one of what is counted is {@code factor} of it. */
    public Series scaled(double factor) {
        return new Series(family, help, labels, factor);
    }

    /** Whether it is to be shown at all. */
    public boolean exported() {
        return !family.isEmpty();
    }

    /** Whether both belong into one family: then their labels are of the same names, and differ in a value. */
    boolean fits(Series other) {
        return !family.equals(other.family)
                || (help.equals(other.help)
                        && labels.keySet().equals(other.labels.keySet())
                        && !labels.equals(other.labels));
    }
}
