/* SPDX-License-Identifier: Apache-2.0 */
package io.twinwall.rig;

import io.twinwall.lab.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What all runs of one measurement showed: a line in the ledger.
 *
 * @param scenario word of the scenario
 * @param contender word of the stack
 * @param what is measured, e.g. {@code dark.udp}
 * @param at where on the scale it was measured, such as a number of flows; 0 when there is none
 * @param unit of the values
 * @param values one of each run, in order; infinite when it did not end
 * @param points of a curve, pairs of x and y; none when there is no curve
 */
record Result(
        String scenario,
        Contender contender,
        String what,
        double at,
        String unit,
        List<Double> values,
        List<double[]> points) {
    static Result of(String scenario, Contender contender, String what, String unit, List<Double> values) {
        return new Result(scenario, contender, what, 0, unit, List.copyOf(values), List.of());
    }

    Result at(double where) {
        return new Result(scenario, contender, what, where, unit, values, points);
    }

    Result with(List<double[]> curve) {
        return new Result(scenario, contender, what, at, unit, values, List.copyOf(curve));
    }

    double median() {
        return Numbers.median(values.stream().mapToDouble(Double::doubleValue));
    }

    double min() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    double max() {
        return Numbers.worst(values.stream().mapToDouble(Double::doubleValue));
    }

    /** Median and range. */
    String words() {
        return values.size() == 1
                ? number(median()) + " " + unit
                : number(median()) + " " + unit + " (" + number(min()) + " to " + number(max()) + ", " + values.size()
                        + " runs)";
    }

    /** Three digits that mean something. */
    static String number(double value) {
        if (Double.isInfinite(value)) {
            return "never";
        }
        double size = Math.abs(value);
        String format = size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    double[] xs() {
        return points.stream().mapToDouble(point -> point[0]).toArray();
    }

    double[] ys() {
        return points.stream().mapToDouble(point -> point[1]).toArray();
    }

    @Override
    public String toString() {
        return scenario + (at == 0 ? "" : " at " + number(at)) + ", " + contender.title() + ", " + what + ": " + words()
                + (values.size() > 1
                        ? " "
                                + Arrays.toString(
                                        values.stream().map(Result::number).toArray())
                        : "");
    }
}
